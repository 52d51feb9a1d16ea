/** One shape for all frames of a grid: the median of the pictures' shapes, so that most fill theirs. */
export function frameRatio(images: readonly { readonly width: number; readonly height: number }[]): number {
  const ratios = images.map(({ width, height }) => width / height).sort((a, b) => a - b);
  return Math.min(1.6, Math.max(0.75, ratios[ratios.length >> 1] ?? 4 / 3));
}
