/** Where the weights have fallen to about 1 % of the central one; beyond, they are cut off. */
const RADIUS_IN_SIGMAS = 3;

/**
 * A Gaussian blur of one axis as a matrix: `B x` blurs the columns of `x`, `x B^T` its rows, both together the picture.
 * Beyond its borders the picture is mirrored, and each row sums to 1, so that a flat picture is unchanged.
 *
 * @param size pixels along the axis
 * @param sigma standard deviation in pixels
 * @returns row-major [size, size]
 */
export function gaussianBlurMatrix(size: number, sigma: number): Float32Array {
  const radius = Math.ceil(RADIUS_IN_SIGMAS * sigma);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    weights.forEach((weight, i) => {
      const at = row * size + mirrored(row + i - radius, size);
      matrix[at] = (matrix[at] ?? 0) + weight / total;
    });
  }
  return Float32Array.from(matrix);
}

/** The pixel used in place of one outside: the picture is mirrored at its edge, so the border pixel occurs twice. */
function mirrored(position: number, size: number): number {
  const period = 2 * size;
  const within = ((position % period) + period) % period;
  return within < size ? within : period - 1 - within;
}
