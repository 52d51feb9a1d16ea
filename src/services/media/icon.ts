const DIRECTORY = 6;
const ENTRY = 16;
const PNG = Buffer.from('\x89PNG', 'latin1');

export interface Icon {
  /** A PNG file, or an ICO file of one picture. */
  readonly kind: 'png' | 'ico';
  readonly bytes: Buffer;
}

/**
 * The largest picture of an ICO file, among equals the one with the most colours, so that only one is decoded.
 * @returns null if the directory is invalid
 */
export function largestIcon(bytes: Uint8Array): Icon | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let best: { readonly entry: number; readonly rank: number } | null = null;
  for (let entry = DIRECTORY; entry + ENTRY <= Math.min(file.length, endOf(file)); entry += ENTRY) {
    const side = (at: number): number => file[at] || 256;
    const rank = side(entry) * side(entry + 1) * 64 + Math.min(63, file.readUInt16LE(entry + 6));
    if (file.readUInt32LE(entry + 12) < file.length && rank > (best?.rank ?? 0)) best = { entry, rank };
  }
  if (best === null) return null;
  const from = file.readUInt32LE(best.entry + 12);
  const picture = file.subarray(from, from + file.readUInt32LE(best.entry + 8));
  if (picture.subarray(0, PNG.length).equals(PNG)) return { kind: 'png', bytes: picture };
  const entry = Buffer.from(file.subarray(best.entry, best.entry + ENTRY));
  entry.writeUInt32LE(picture.length, 8);
  entry.writeUInt32LE(DIRECTORY + ENTRY, 12);
  return { kind: 'ico', bytes: Buffer.concat([Buffer.from([0, 0, 1, 0, 1, 0]), entry, picture]) };
}

const endOf = (file: Buffer): number =>
  DIRECTORY + ENTRY * (file.length < DIRECTORY ? 0 : file.readUInt16LE(4));
