import { seededNormal } from './seeded-normal.js';

/**
 * Principal components of many vectors, by randomised subspace iteration (Halko, Martinsson, Tropp 2011, "Finding
 * structure with randomness", algorithms 4.4 and 5.1): a few passes over the data, no pairwise matrix.
 */
export interface PrincipalComponents {
  /** Length `dimension`. */
  readonly mean: Float32Array;
  /** `components` x `dimension`, row-major, orthonormal, by descending variance. */
  readonly basis: Float32Array;
  /** Variance along each component. */
  readonly variances: Float32Array;
}

export interface PrincipalComponentsOptions {
  /** Number of components; fewer are returned if the data has fewer rows or columns. */
  readonly components: number;
  /** Passes that refine the subspace; 4 is plenty for pictures. */
  readonly iterations?: number;
}

/** Extra columns make the wanted ones converge sooner. */
const OVERSAMPLING = 8;

/**
 * Deterministic: the random start is seeded, and the largest entry of each component is positive.
 * @param data rows x dimension, row-major
 */
export function principalComponents(
  data: Float32Array,
  dimension: number,
  { components, iterations = 4 }: PrincipalComponentsOptions,
): PrincipalComponents {
  const rows = data.length / dimension;
  const kept = Math.max(0, Math.min(components, rows, dimension));
  const width = Math.min(kept + OVERSAMPLING, rows, dimension);
  const mean = meanOf(data, rows, dimension);
  let basis = orthonormalRows(
    Float32Array.from({ length: width * dimension }, seededNormal()),
    width,
    dimension,
  );
  for (let i = 0; i < iterations; i++)
    basis = orthonormalRows(covarianceTimes(data, rows, mean, basis, width), width, dimension);

  // Within the subspace the components are the eigenvectors of a small matrix: basis * covariance * basis^T.
  const image = covarianceTimes(data, rows, mean, basis, width);
  const small = new Float64Array(width * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) small[i * width + j] = dot(basis, i, image, j, dimension);
  const { values, vectors } = eigenSymmetric(small, width);

  const rotated = new Float32Array(kept * dimension);
  const variances = new Float32Array(kept);
  for (let c = 0; c < kept; c++) {
    const row = rotated.subarray(c * dimension, (c + 1) * dimension);
    for (let j = 0; j < width; j++) {
      const weight = vectors[j * width + c]!;
      for (let d = 0; d < dimension; d++) row[d] = row[d]! + weight * basis[j * dimension + d]!;
    }
    pointTowardsLargest(row);
    variances[c] = Math.max(0, values[c]! / Math.max(1, rows - 1));
  }
  return { mean, basis: rotated, variances };
}

/** Coordinates of each row along the components: rows x components, row-major. */
export function project(
  data: Float32Array,
  dimension: number,
  { mean, basis, variances }: PrincipalComponents,
): Float32Array {
  const rows = data.length / dimension;
  const components = variances.length;
  const out = new Float32Array(rows * components);
  const offsets = Float32Array.from(variances, (_, c) => dot(basis, c, mean, 0, dimension));
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < components; c++)
      out[r * components + c] = dot(data, r, basis, c, dimension) - offsets[c]!;
  return out;
}

function meanOf(data: Float32Array, rows: number, dimension: number): Float32Array {
  const sum = new Float64Array(dimension);
  for (let at = 0; at < data.length; at += dimension)
    for (let d = 0; d < dimension; d++) sum[d] = sum[d]! + data[at + d]!;
  return Float32Array.from(sum, (value) => value / Math.max(1, rows));
}

/** (X - mean)^T (X - mean) B^T, as rows like B's: one pass over the data. */
function covarianceTimes(
  data: Float32Array,
  rows: number,
  mean: Float32Array,
  basis: Float32Array,
  width: number,
): Float32Array {
  const dimension = mean.length;
  const out = new Float64Array(width * dimension);
  const centred = new Float32Array(dimension);
  for (let r = 0; r < rows; r++) {
    const at = r * dimension;
    for (let d = 0; d < dimension; d++) centred[d] = data[at + d]! - mean[d]!;
    for (let c = 0; c < width; c++) {
      const along = dot(centred, 0, basis, c, dimension);
      const row = c * dimension;
      for (let d = 0; d < dimension; d++) out[row + d] = out[row + d]! + along * centred[d]!;
    }
  }
  return Float32Array.from(out);
}

function dot(a: Float32Array, i: number, b: Float32Array, j: number, dimension: number): number {
  let sum = 0;
  const [from, to] = [i * dimension, j * dimension];
  for (let d = 0; d < dimension; d++) sum += a[from + d]! * b[to + d]!;
  return sum;
}

/** Modified Gram-Schmidt, twice, since once is not enough for nearly parallel rows; a zero row stays zero. */
function orthonormalRows(rows: Float32Array, count: number, dimension: number): Float32Array {
  for (let pass = 0; pass < 2; pass++)
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * dimension, (i + 1) * dimension);
      for (let j = 0; j < i; j++) {
        const along = dot(rows, i, rows, j, dimension);
        for (let d = 0; d < dimension; d++) row[d] = row[d]! - along * rows[j * dimension + d]!;
      }
      const length = Math.sqrt(dot(rows, i, rows, i, dimension));
      for (let d = 0; d < dimension; d++) row[d] = length > 1e-12 ? row[d]! / length : 0;
    }
  return rows;
}

/** Eigenvalues, descending, and eigenvectors (columns) of a small symmetric matrix, by Jacobi rotations. */
function eigenSymmetric(
  matrix: Float64Array,
  size: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const v = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const at = (m: Float64Array, i: number, j: number): number => m[i * size + j]!;
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) off += at(a, i, j) ** 2;
    if (off <= 1e-22 * total) break;
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const apq = at(a, p, q);
        if (apq === 0) continue;
        const theta = (at(a, q, q) - at(a, p, p)) / (2 * apq);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          const [kp, kq] = [at(a, k, p), at(a, k, q)];
          a[k * size + p] = c * kp - s * kq;
          a[k * size + q] = s * kp + c * kq;
        }
        for (let k = 0; k < size; k++) {
          const [pk, qk] = [at(a, p, k), at(a, q, k)];
          a[p * size + k] = c * pk - s * qk;
          a[q * size + k] = s * pk + c * qk;
          const [vp, vq] = [at(v, k, p), at(v, k, q)];
          v[k * size + p] = c * vp - s * vq;
          v[k * size + q] = s * vp + c * vq;
        }
      }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => at(a, j, j) - at(a, i, i));
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => {
    for (let k = 0; k < size; k++) vectors[k * size + to] = at(v, k, from);
  });
  return { values: Float64Array.from(order, (i) => at(a, i, i)), vectors };
}

function pointTowardsLargest(row: Float32Array): void {
  let largest = 0;
  for (const value of row) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let d = 0; d < row.length; d++) row[d] = -row[d]!;
}
