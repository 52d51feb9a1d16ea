import { describe, expect, test } from '@jest/globals';
import { float16Table, Float32Sink } from '../../src/model-tools/weights/float32-sink.js';
import type { WeightElement } from '../../src/model-tools/weights/types.js';
import { bfloat16Bits, float16Bits } from '../helpers/weights.js';

/** What a sink makes of bytes that come in pieces of `piece`. */
function convert(element: WeightElement, bytes: Uint8Array, count: number, piece: number): Float32Array {
  const sink = new Float32Sink(element, count);
  for (let at = 0; at < bytes.length;) {
    const target = sink.next();
    const length = Math.min(target.length, piece, bytes.length - at);
    target.set(bytes.subarray(at, at + length));
    sink.took(length);
    at += length;
  }
  expect(sink.missing).toBe(0);
  expect(sink.next()).toHaveLength(0);
  return sink.values;
}

const bytesOf = (array: Uint16Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer);

describe('float16', () => {
  const values = new Float32Array(float16Table().buffer);

  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x8001, -(2 ** -24)],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
    [0x7c01, NaN],
  ])('%i is %d', (bits, value) => {
    expect(values[bits]).toBe(value);
  });

  test('grows with its bits, evenly within an exponent', () => {
    for (let bits = 1; bits < 0x7c00; bits++) {
      const step = 2 ** (Math.max(1, (bits - 1) >> 10) - 25);
      if (values[bits]! - values[bits - 1]! !== step)
        throw new Error(`0x${bits.toString(16)} is ${values[bits]!}, after ${values[bits - 1]!}`);
    }
  });

  test('is what comes back for every float16 there is', () => {
    for (let bits = 0; bits < 65536; bits++)
      if (!Number.isNaN(values[bits]!) && float16Bits(values[bits]!) !== bits)
        throw new Error(`0x${bits.toString(16)} comes back as 0x${float16Bits(values[bits]!).toString(16)}`);
  });
});

describe('bytes in pieces', () => {
  // More than one buffer of every type, and pieces that cut through elements.
  const count = 150_001;
  const wanted = Float32Array.from({ length: count }, (_, i) => (i - 75_000) / 1024);

  test.each([1021, 65_536, 10_000_000])('float32, float64, float16 and bfloat16, %d bytes each', (piece) => {
    for (const bytes of [bytesOf(wanted), bytesOf(Float64Array.from(wanted))]) {
      const values = convert(bytes.length === 4 * count ? 'float32' : 'float64', bytes, count, piece);
      expect(Buffer.from(values.buffer).equals(Buffer.from(wanted.buffer))).toBe(true);
    }
    const half = Uint16Array.from(wanted, float16Bits);
    const fromHalf = convert('float16', bytesOf(half), count, piece);
    expect(
      fromHalf.every((value, i) => Math.abs(value - wanted[i]!) <= 2 ** -11 * Math.abs(wanted[i]!)),
    ).toBe(true);
    const brain = Uint16Array.from(wanted, bfloat16Bits);
    const fromBrain = convert('bfloat16', bytesOf(brain), count, piece);
    expect(
      fromBrain.every((value, i) => Math.abs(value - wanted[i]!) <= 2 ** -8 * Math.abs(wanted[i]!)),
    ).toBe(true);
  });

  test('bfloat16 is the upper half of a float32, subnormals and signs too', () => {
    const bits = Uint16Array.of(0x3f80, 0xbf80, 0x0001, 0x8000, 0x7f80, 0x7fc0);
    const values = convert('bfloat16', bytesOf(bits), bits.length, 100);
    expect([...values]).toEqual([1, -1, 2 ** -133, -0, Infinity, NaN]);
  });

  test('no values at all', () => {
    for (const element of ['float16', 'bfloat16', 'float32', 'float64'] as const)
      expect(convert(element, new Uint8Array(), 0, 1)).toHaveLength(0);
  });

  test('counts what is not finite', () => {
    const sink = new Float32Sink('float64', 5);
    sink.next().set(bytesOf(Float64Array.of(1, NaN, -Infinity, 1e300, 3e38)));
    sink.took(40);
    expect(sink.countNotFinite()).toBe(3);
  });
});
