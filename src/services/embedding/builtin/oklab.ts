/**
 * Björn Ottosson, "A perceptual color space for image processing" (2020), https://bottosson.github.io/posts/oklab/:
 * linear sRGB to cone answers, cube root, and those to lightness and two opponent axes. Row-major [3, 3].
 */
export const LINEAR_RGB_TO_LMS: readonly number[] = [
  0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619,
  0.2817188376, 0.6299787005,
];

export const LMS_ROOT_TO_OKLAB: readonly number[] = [
  0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371,
  0.7827717662, -0.808675766,
];

/** IEC 61966-2-1: from a coded sRGB channel (0..1) to light. */
export const SRGB = { threshold: 0.04045, slope: 12.92, offset: 0.055, exponent: 2.4 } as const;

export type Triple = readonly [number, number, number];

function product(matrix: readonly number[], [x, y, z]: Triple): Triple {
  const row = (i: number): number =>
    (matrix[3 * i] ?? 0) * x + (matrix[3 * i + 1] ?? 0) * y + (matrix[3 * i + 2] ?? 0) * z;
  return [row(0), row(1), row(2)];
}

function toLight(channel: number): number {
  const { threshold, slope, offset, exponent } = SRGB;
  return channel <= threshold ? channel / slope : ((channel + offset) / (1 + offset)) ** exponent;
}

/** @param rgb coded sRGB, 0..1 each */
export function srgbToOklab([red, green, blue]: Triple): Triple {
  const [l, m, s] = product(LINEAR_RGB_TO_LMS, [toLight(red), toLight(green), toLight(blue)]);
  return product(LMS_ROOT_TO_OKLAB, [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)]);
}
