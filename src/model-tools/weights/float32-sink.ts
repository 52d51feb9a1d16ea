import type { WeightElement } from './types.js';

export const ELEMENT_BYTES = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
} as const satisfies Record<WeightElement, number>;

/** Float32 is read directly into its final place, other types through a buffer of this size. */
const DIRECT_BYTES = 4 << 20;
const CONVERTED_BYTES = 256 << 10;

/**
 * Receives the little-endian bytes of a tensor in pieces of any size, and stores float32 values. The reader writes into
 * `next()` and reports the length with `took()`, so that float32 is never copied.
 */
export class Float32Sink {
  readonly values: Float32Array;
  private readonly elementBytes: number;
  private readonly total: number;
  private received = 0;
  /** Bytes waiting in `buffer`. */
  private waiting = 0;
  private readonly buffer: Uint8Array;
  private readonly convert: ((count: number, at: number) => void) | null;

  /** @throws RangeError if there is no memory for the values */
  constructor(element: WeightElement, count: number) {
    this.values = new Float32Array(count);
    this.elementBytes = ELEMENT_BYTES[element];
    this.total = count * this.elementBytes;
    if (element === 'float32') {
      this.buffer = new Uint8Array(this.values.buffer);
      this.convert = null;
    } else {
      this.buffer = new Uint8Array(Math.min(CONVERTED_BYTES, this.total));
      this.convert = converter(element, this.buffer.buffer as ArrayBuffer, this.values);
    }
  }

  /** Bytes still to come. */
  get missing(): number {
    return this.total - this.received;
  }

  /** Where to write the next bytes; empty if all have arrived. */
  next(): Uint8Array {
    if (this.convert === null)
      return this.buffer.subarray(this.received, Math.min(this.received + DIRECT_BYTES, this.total));
    return this.buffer.subarray(this.waiting, Math.min(this.buffer.length, this.waiting + this.missing));
  }

  /** Accepts the first `length` bytes of the last `next()`. */
  took(length: number): void {
    this.received += length;
    if (this.convert === null) return;
    this.waiting += length;
    if (this.waiting < this.buffer.length && this.missing > 0) return;
    this.convert(this.waiting / this.elementBytes, (this.received - this.waiting) / this.elementBytes);
    this.waiting = 0;
  }

  /** Number of values that are NaN or infinite, including float64 beyond float32. */
  countNotFinite(): number {
    const { values } = this;
    let count = 0;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++;
    return count;
  }
}

/** Converts the first `count` elements of `from` to `to[at]` and on. */
function converter(
  element: Exclude<WeightElement, 'float32'>,
  from: ArrayBuffer,
  to: Float32Array,
): (count: number, at: number) => void {
  if (element === 'float64') {
    const source = new Float64Array(from);
    return (count, at) => to.set(source.subarray(0, count), at);
  }
  const source = new Uint16Array(from);
  const bits = new Uint32Array(to.buffer);
  if (element === 'bfloat16')
    return (count, at) => {
      for (let i = 0; i < count; i++) bits[at + i] = source[i]! << 16;
    };
  const table = float16Table();
  return (count, at) => {
    for (let i = 0; i < count; i++) bits[at + i] = table[source[i]!]!;
  };
}

let halves: Uint32Array | null = null;

/**
 * The bits of the float32 for each of the 65536 float16 (IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits).
 * Every float16 is exactly a float32; bits rather than numbers, since a NaN need not survive being one.
 */
export function float16Table(): Uint32Array {
  if (halves !== null) return halves;
  const table = new Uint32Array(65536);
  const one = new Float32Array(1);
  const bits = new Uint32Array(one.buffer);
  for (let half = 0; half < 65536; half++) {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    one[0] = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    const magnitude = exponent === 31 ? 0x7f800000 | (fraction << 13) : bits[0]!;
    table[half] = magnitude | ((half & 0x8000) << 16);
  }
  return (halves = table);
}
