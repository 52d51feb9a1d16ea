export interface Statistics {
  readonly dimension: number;
  readonly norm: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation over the components. */
  readonly std: number;
}

export function statistics(vector: Float32Array): Statistics {
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (const value of vector) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
  }
  const mean = sum / vector.length;
  const std = Math.sqrt(Math.max(0, squares / vector.length - mean * mean));
  return { dimension: vector.length, norm: Math.sqrt(squares), min, max, mean, std };
}

/** Counts in `bins` equally wide bins from the smallest to the largest component; the largest counts in the last. */
export function histogram(vector: Float32Array, bins: number): number[] {
  const { min, max } = statistics(vector);
  const counts = new Array<number>(bins).fill(0);
  const scale = max > min ? bins / (max - min) : 0;
  for (const value of vector) {
    const bin = Math.min(bins - 1, Math.floor((value - min) * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
