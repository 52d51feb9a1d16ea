import { describe, expect, test } from '@jest/globals';
import { float16Bits, toFloat16 } from '../../src/model-tools/dinov2/float16.js';
import { float16Bits as bySteps } from '../helpers/weights.js';

/** The number that 16 bits stand for. */
function valueOf(bits: number): number {
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  const magnitude = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

describe('rounding to float16', () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00], // halfway to 65536
    [-1e9, 0xfc00],
    [Infinity, 0x7c00],
    [NaN, 0x7e00],
    [2049, 0x6800], // between 2048 and 2050: even
    [2051, 0x6802], // between 2050 and 2052: even
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -25, 0x0400], // carries from the largest subnormal number
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // between 0 and the smallest: even
    [2 ** -25 * 1.001, 0x0001],
    [1.5 * 2 ** -24, 0x0002],
    [1e-30, 0x0000],
  ])('%d is 0x%s', (value, bits) => expect(float16Bits(value)).toBe(bits));

  test('every float16 is itself, and what lies between two goes to the nearer, halfway to the even one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [here, next] = [valueOf(bits), valueOf(bits + 1)];
      const middle = (here + next) / 2; // exact as float32
      const step = Math.max(Math.abs(middle) * 2 ** -22, 2 ** -40);
      const even = bits % 2 === 0 ? bits : bits + 1;
      const expected: [number, number][] = [
        [here, bits],
        [middle, even],
        [middle - step, bits],
        [middle + step, bits + 1],
      ];
      for (const [value, result] of expected)
        if (float16Bits(value) !== result || float16Bits(-value) !== (result | 0x8000)) wrong.push(value);
    }
    expect(wrong).toEqual([]);
  });

  test('agrees with a rounding by steps on numbers of every magnitude', () => {
    for (let i = 0; i < 20_000; i++) {
      const value = Math.fround(Math.sin(i) * 2 ** ((i % 46) - 28));
      expect(float16Bits(value)).toBe(bySteps(value));
    }
  });
});

test('toFloat16 tells the first number that is too large', () => {
  expect(toFloat16(Float32Array.of(1, -65_504, 3))).toEqual({
    bits: Uint16Array.of(0x3c00, 0xfbff, 0x4200),
    overflow: -1,
  });
  expect(toFloat16(Float32Array.of(1, -70_000, 80_000)).overflow).toBe(1);
});
