/** IEEE 754 binary16. */

/** The largest finite float16. */
export const MAX_FLOAT16 = 65_504;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Rounds to the nearest float16, ties to even, as every processor does.
 * @returns its 16 bits; infinity for what is too large
 */
export function float16Bits(value: number): number {
  float[0] = value;
  const whole = bits[0]!;
  const sign = (whole >>> 16) & 0x8000;
  const magnitude = whole & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // halfway from 65504 to 65536, and beyond
  if (magnitude >= 0x38800000) {
    // Normal: 2^-14 and more. Adding just under half of the last place, and one more when it is odd, rounds by carrying.
    const odd = (magnitude >>> 13) & 1;
    return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
  }
  if (magnitude <= 0x33000000) return sign; // half of the smallest one, 2^-25, and less
  // Subnormal: multiples of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** @returns the bits of each value, and the index of the first that is too large for float16, or -1 */
export function toFloat16(values: Float32Array): { bits: Uint16Array; overflow: number } {
  const out = new Uint16Array(values.length);
  let overflow = -1;
  for (let i = 0; i < values.length; i++) {
    const half = float16Bits(values[i]!);
    if ((half & 0x7c00) === 0x7c00 && overflow < 0) overflow = i;
    out[i] = half;
  }
  return { bits: out, overflow };
}
