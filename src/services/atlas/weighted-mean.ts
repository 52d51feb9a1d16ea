/** The weighted mean of points. */
export function weightedMean(
  points: readonly { readonly x: number; readonly y: number; readonly weight: number }[],
): readonly [x: number, y: number] {
  let [x, y, total] = [0, 0, 0];
  for (const point of points) {
    x += point.x * point.weight;
    y += point.y * point.weight;
    total += point.weight;
  }
  return total === 0 ? [0, 0] : [x / total, y / total];
}
