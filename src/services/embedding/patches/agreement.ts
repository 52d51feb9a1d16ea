/** Two patches, one of each picture, that are each other's best match. */
export interface AgreeingPair {
  /** Index of the patch in the first picture. */
  readonly a: number;
  readonly b: number;
  readonly cosine: number;
}

export interface Agreement {
  /** For each patch of the first picture: the cosine to its partner, or 0 without one; 0..1. */
  readonly heatA: Float32Array;
  readonly heatB: Float32Array;
  /** Best first, each patch at most once. */
  readonly pairs: readonly AgreeingPair[];
}

/** Cosines that differ by less count as equal, so that position does not decide between identical patches. */
const TIE = 1e-5;

/**
 * Finds where two pictures agree: pairs of patches that are each other's most similar by cosine.
 * @param a tokens of the first picture, patches x dimension, row-major
 */
export function findAgreement(a: Float32Array, b: Float32Array, dimension: number): Agreement {
  const [rows, columns] = [a.length / dimension, b.length / dimension];
  const cosines = productsOfRows(unitRows(a, dimension), unitRows(b, dimension), dimension);
  const bestOfA = new Float32Array(rows).fill(-Infinity);
  const bestOfB = new Float32Array(columns).fill(-Infinity);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++) {
      const cosine = cosines[at]!;
      if (cosine > bestOfA[i]!) bestOfA[i] = cosine;
      if (cosine > bestOfB[j]!) bestOfB[j] = cosine;
    }

  const heatA = new Float32Array(rows);
  const heatB = new Float32Array(columns);
  const candidates: AgreeingPair[] = [];
  const taken = new Uint8Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    let partner = -1;
    for (let j = 0; j < columns; j++, at++) {
      const cosine = cosines[at]!;
      if (cosine <= 0 || cosine < bestOfA[i]! - TIE || cosine < bestOfB[j]! - TIE) continue;
      heatA[i] = heatB[j] = Math.min(1, cosine);
      if (partner < 0 && taken[j] === 0) partner = j;
    }
    if (partner < 0) continue;
    taken[partner] = 1;
    candidates.push({ a: i, b: partner, cosine: heatA[i]! });
  }
  return { heatA, heatB, pairs: candidates.sort((one, other) => other.cosine - one.cosine) };
}

/** Scales rows to length 1; a zero row is kept and agrees with nothing. */
function unitRows(data: Float32Array, dimension: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += dimension) {
    let sum = 0;
    for (let d = from; d < from + dimension; d++) sum += data[d]! ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let d = from; d < from + dimension; d++) out[d] = data[d]! * scale;
  }
  return out;
}

/** A * B^T, with four rows of B at a time, so that each value of A is read a quarter as often. */
function productsOfRows(a: Float32Array, b: Float32Array, dimension: number): Float32Array {
  const [rows, columns] = [a.length / dimension, b.length / dimension];
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = i * dimension;
    let j = 0;
    for (; j + 3 < columns; j += 4) {
      const b0 = j * dimension;
      const [b1, b2, b3] = [b0 + dimension, b0 + 2 * dimension, b0 + 3 * dimension];
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let d = 0; d < dimension; d++) {
        const value = a[row + d]!;
        s0 += value * b[b0 + d]!;
        s1 += value * b[b1 + d]!;
        s2 += value * b[b2 + d]!;
        s3 += value * b[b3 + d]!;
      }
      out.set([s0, s1, s2, s3], i * columns + j);
    }
    for (; j < columns; j++) {
      let sum = 0;
      for (let d = 0; d < dimension; d++) sum += a[row + d]! * b[j * dimension + d]!;
      out[i * columns + j] = sum;
    }
  }
  return out;
}
