/**
 * The space in which colours are compared: brightness, green to red, blue to yellow. The two colour axes are OKLab's
 * (Björn Ottosson, "A perceptual color space for image processing", 2020, https://bottosson.github.io/posts/oklab/);
 * its lightness is not used, because it spreads the darkest greys so far that noise in a shadow would be another colour.
 */

/** Rec. ITU-R BT.601: the weights of coded red, green and blue in brightness. */
export const BRIGHTNESS: readonly number[] = [0.299, 0.587, 0.114];

/** IEC 61966-2-1: from a coded sRGB channel (0..1) to light. */
export const SRGB = { threshold: 0.04045, slope: 12.92, offset: 0.055, exponent: 2.4 } as const;

/** OKLab: linear sRGB to the responses of the three cones; row-major [3, 3]. */
export const LIGHT_TO_CONES: readonly number[] = [
  0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619,
  0.2817188376, 0.6299787005,
];

/** OKLab: cube roots of those to the colour axes a and b; row-major [2, 3]. */
export const CONE_ROOTS_TO_AXES: readonly number[] = [
  1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662, -0.808675766,
];

export type Triple = readonly [number, number, number];

/** One row of a matrix of three columns times a vector. */
function row(matrix: readonly number[], i: number, [x, y, z]: Triple): number {
  return (matrix[3 * i] ?? 0) * x + (matrix[3 * i + 1] ?? 0) * y + (matrix[3 * i + 2] ?? 0) * z;
}

function toLight(channel: number): number {
  const { threshold, slope, offset, exponent } = SRGB;
  return channel <= threshold ? channel / slope : ((channel + offset) / (1 + offset)) ** exponent;
}

/**
 * @param rgb coded sRGB, 0..1 each
 * @returns brightness 0..1, and OKLab's a and b, about -0.3..0.3
 */
export function srgbToOpponent(rgb: Triple): Triple {
  const light: Triple = [toLight(rgb[0]), toLight(rgb[1]), toLight(rgb[2])];
  const root = (i: number): number => Math.cbrt(row(LIGHT_TO_CONES, i, light));
  const roots: Triple = [root(0), root(1), root(2)];
  return [row(BRIGHTNESS, 0, rgb), row(CONE_ROOTS_TO_AXES, 0, roots), row(CONE_ROOTS_TO_AXES, 1, roots)];
}
