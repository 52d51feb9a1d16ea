import type { WeightElement } from './types.js';

/** No header of an array of numbers is longer. */
const HEADER_LIMIT = 1 << 20;

export interface NpyHeader {
  /** Where the values begin. */
  readonly length: number;
  /** The type as NumPy writes it, e.g. `<f4`; null for structured types. */
  readonly descr: string | null;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

export const NPY_ELEMENTS: Readonly<Record<string, WeightElement>> = {
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
};

/**
 * Reads the header of a .npy file, versions 1.0, 2.0 and 3.0.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @param bytes the beginning of the file
 * @returns the header; `more` if the header extends beyond `bytes`
 * @throws Error whose message completes a sentence about the array
 */
export function readNpyHeader(bytes: Buffer): NpyHeader | 'more' {
  if (bytes.length < 12) return 'more';
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('is not in the .npy format');
  const major = bytes[6]!;
  if (major < 1 || major > 3 || bytes[7] !== 0)
    throw new Error(`is of version ${major}.${bytes[7]!} of the .npy format, which is unknown`);
  const start = major === 1 ? 10 : 12;
  const end = start + (major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > HEADER_LIMIT) throw new Error(`has a .npy header of ${end} bytes, which is not possible`);
  if (bytes.length < end) return 'more';

  const text = bytes.toString(major === 3 ? 'utf8' : 'latin1', start, end).trim();
  const descr = /'descr'\s*:\s*(?:'([^']*)'|\[)/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text);
  if (!/^\{.*\}$/s.test(text) || descr === null || order === null || shape === null)
    throw new Error('has a .npy header without descr, fortran_order and shape');
  const sides = shape[1]!.split(',').map((side) => side.trim());
  if (sides.at(-1) === '') sides.pop();
  // NumPy of Python 2 wrote long integers as 768L.
  if (!sides.every((side) => /^\d{1,15}L?$/.test(side)))
    throw new Error(`has an impossible shape (${shape[1]!})`);
  return {
    length: end,
    descr: descr[1] ?? null,
    fortranOrder: order[1] === 'True',
    shape: sides.map((side) => Number.parseInt(side, 10)),
  };
}
