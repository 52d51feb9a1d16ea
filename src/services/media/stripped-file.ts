import { type BigIntStats, createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AppError } from '../../errors.js';
import { storageFailed } from './file-failure.js';
import { lengthOf, strippedPieces, type Piece } from './strip.js';
import type { Stripped, Thumbnail } from './types.js';

/** Read whole to find what goes; what stays is then read again as it is sent. @returns null as `strippedPieces` */
export async function strippedFile(path: string, format: string): Promise<Stripped | null> {
  const [before, bytes] = await Promise.all([stat(path, { bigint: true }), readFile(path)]).catch(
    (error: unknown) => {
      throw storageFailed('The file of a picture could not be read', error);
    },
  );
  const pieces = strippedPieces(bytes, format);
  if (pieces === null) return null;
  return { format, bytes: lengthOf(pieces), open: () => Readable.from(contentOf(path, pieces, before)) };
}

/** Thumbnails are made from pixels alone. */
export async function strippedCopy(copy: Thumbnail): Promise<Stripped> {
  const size = copy.bytes === null ? (await stat(copy.path)).size : copy.bytes.length;
  return { format: 'webp', bytes: size, open: () => openThumbnail(copy) };
}

export const openThumbnail = ({ path, bytes }: Thumbnail): Readable =>
  bytes === null ? createReadStream(path) : Readable.from([Buffer.from(bytes)]);

/** @throws when the file is no longer the one that was looked through: the same places may hold something else */
async function* contentOf(
  path: string,
  pieces: readonly Piece[],
  before: BigIntStats,
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const now = await file.stat({ bigint: true });
    if (now.size !== before.size || now.mtimeNs !== before.mtimeNs || now.ino !== before.ino)
      throw new AppError('FILE_CHANGED', 'The file of the picture changed meanwhile.');
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) yield piece;
      else if (piece.to > piece.from)
        yield* file.createReadStream({
          start: piece.from,
          end: piece.to - 1,
          autoClose: false,
        }) as AsyncIterable<Uint8Array>;
    }
  } finally {
    await file.close();
  }
}
