import type { Architecture } from './architecture.js';

/**
 * Position embeddings are trained for one grid of patches (37 x 37) and interpolated bicubically for others, the way
 * the published models do with PyTorch: those without registers give `upsample_bicubic2d` a scale factor of
 * (n + 0.1) / 37, and coordinates follow that factor; those with registers give `_upsample_bicubic2d_aa` the size.
 *
 * Both are separable: values at rows x columns are R * grid * C^T, where R [rows, 37] and C [columns, 37] have the weight
 * of each trained position for each row and column.
 */

/** Rows and columns of patches. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** How one side is interpolated. Positions are measured from the centre of the first one. */
export interface Interpolation {
  /** Parameter of Keys' cubic convolution kernel, for which PyTorch uses two values. */
  readonly a: -0.75 | -0.5;
  /** Added to the number of positions wanted, for the scale only. */
  readonly offset: number;
  /** Widens the kernel if there are fewer positions than trained; weights beyond the border are dropped, not clamped. */
  readonly antialias: boolean;
}

export const interpolationOf = ({ registers }: Pick<Architecture, 'registers'>): Interpolation =>
  registers > 0 ? { a: -0.5, offset: 0, antialias: true } : { a: -0.75, offset: 0.1, antialias: false };

/**
 * Keys' cubic convolution kernel, 0 from 2 on.
 * R. Keys: Cubic convolution interpolation for digital image processing. IEEE Trans. ASSP 29 (1981).
 */
export function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((x - 5) * x + 8) * x * a - 4 * a;
  return 0;
}

/**
 * Weights of `from` trained positions for `to` new ones.
 * @param step trained positions per new one
 * @returns [to, from]; each row sums to 1
 */
export function interpolationWeights(
  from: number,
  to: number,
  step: number,
  how: Interpolation,
): Float64Array {
  const weights = new Float64Array(to * from);
  const width = how.antialias ? Math.max(step, 1) : 1;
  for (let i = 0; i < to; i++) {
    const at = (i + 0.5) * step - 0.5;
    const row = weights.subarray(i * from, (i + 1) * from);
    const reach = 2 * width;
    for (let j = Math.ceil(at - reach); j <= at + reach; j++) {
      const weight = cubic((j - at) / width, how.a);
      if (!how.antialias) row[Math.min(from - 1, Math.max(0, j))]! += weight;
      else if (j >= 0 && j < from) row[j] = weight;
    }
    const sum = row.reduce((total, weight) => total + weight, 0);
    for (let j = 0; j < from; j++) row[j]! /= sum;
  }
  return weights;
}

/** Trained positions per new one, along rows and columns. The trained grid itself is used unchanged. */
export function interpolationSteps(trained: number, { rows, columns }: Grid, { offset }: Interpolation) {
  const same = rows === trained && columns === trained;
  const step = (count: number): number => (same ? 1 : trained / (count + offset));
  return { row: step(rows), column: step(columns) };
}

/**
 * @param positions [trained * trained, dimension], row-major
 * @returns [rows * columns, dimension]
 */
export function interpolatePositions(
  positions: Float32Array,
  trained: number,
  grid: Grid,
  how: Interpolation,
): Float32Array {
  const { rows, columns } = grid;
  const steps = interpolationSteps(trained, grid, how);
  const dimension = positions.length / (trained * trained);
  const ofRows = interpolationWeights(trained, rows, steps.row, how);
  const ofColumns = interpolationWeights(trained, columns, steps.column, how);
  const out = new Float32Array(rows * columns * dimension);
  const strip = new Float64Array(trained * dimension); // one new row, at the trained columns
  const place = new Float64Array(dimension);
  for (let row = 0; row < rows; row++) {
    strip.fill(0);
    for (let j = 0; j < trained; j++)
      addScaled(strip, ofRows[row * trained + j]!, positions, j * strip.length);
    for (let column = 0; column < columns; column++) {
      place.fill(0);
      for (let j = 0; j < trained; j++)
        addScaled(place, ofColumns[column * trained + j]!, strip, j * dimension);
      out.set(place, (row * columns + column) * dimension);
    }
  }
  return out;
}

/** target += factor * source[from..] */
function addScaled(
  target: Float64Array,
  factor: number,
  source: Float32Array | Float64Array,
  from: number,
): void {
  if (factor === 0) return;
  for (let i = 0; i < target.length; i++) target[i]! += factor * source[from + i]!;
}
