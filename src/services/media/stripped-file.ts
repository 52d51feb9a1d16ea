import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { storageFailed } from './file-failure.js';
import { lengthOf, strippedPieces, type Piece } from './strip.js';
import type { Stripped, Thumbnail } from './types.js';

/** Read whole to find what goes; what stays is then read again as it is sent. @returns null as `strippedPieces` */
export async function strippedFile(path: string, format: string): Promise<Stripped | null> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw storageFailed('The file of a picture could not be read', error);
  });
  const pieces = strippedPieces(bytes, format);
  if (pieces === null) return null;
  return { format, bytes: lengthOf(pieces), open: () => Readable.from(contentOf(path, pieces)) };
}

/** Thumbnails are made from pixels alone. */
export async function strippedCopy({ path, bytes }: Thumbnail): Promise<Stripped> {
  const size = bytes === null ? (await stat(path)).size : bytes.length;
  const open = (): Readable =>
    bytes === null ? createReadStream(path) : Readable.from([Buffer.from(bytes)]);
  return { format: 'webp', bytes: size, open };
}

async function* contentOf(path: string, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else if (piece.to > piece.from)
      yield* createReadStream(path, { start: piece.from, end: piece.to - 1 }) as AsyncIterable<Uint8Array>;
  }
}
