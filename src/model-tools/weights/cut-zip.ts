import type { InputFile } from './input-file.js';

/**
 * Finds the truncated file in a zip that has lost its end, and with it the directory. Follows the local file headers as
 * far as they state sizes.
 * Format: APPNOTE.TXT 4.3.7, 4.5.3 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)
 *
 * @returns its name, or null if none is truncated or it cannot be determined
 */
export async function findCutEntry(file: InputFile): Promise<string | null> {
  const fixed = Buffer.alloc(30);
  for (let at = 0; at < file.size;) {
    if (!(await file.fill(fixed, at)) || fixed.readUInt32LE(0) !== 0x04034b50) return null;
    const sizesFollow = (fixed.readUInt16LE(6) & 8) !== 0;
    const nameLength = fixed.readUInt16LE(26);
    const rest = Buffer.alloc(nameLength + fixed.readUInt16LE(28));
    if (!(await file.fill(rest, at + 30))) return null;
    const name = rest.toString('utf8', 0, nameLength);
    const size = compressedSize(fixed, rest.subarray(nameLength));
    if (size === null || sizesFollow) return null;
    at += 30 + rest.length + size;
    if (at > file.size) return name;
  }
  return null;
}

function compressedSize(fixed: Buffer, extra: Buffer): number | null {
  const size = fixed.readUInt32LE(18);
  if (size !== 0xffffffff) return size;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    // Zip64: the uncompressed size, then the compressed one.
    if (extra.readUInt16LE(at) === 1 && at + 20 <= extra.length)
      return Number(extra.readBigUInt64LE(at + 12));
  }
  return null;
}
