import { AppError } from '../../../errors.js';
import type { RawPath } from './raw-path.js';
import { readPicture, type ReadOptions } from './read-picture.js';

/** What is longer is no text about a picture. */
const MOST_BYTES = 1 << 20;

/**
 * The `.xmp` file beside a picture: `sea.jpg.xmp`, as digiKam and darktable name it, or `sea.xmp`, as Lightroom does.
 * @returns null where there is none, or none that can be read: a picture is no worse for it
 */
export async function readSidecar(
  path: RawPath,
  options: Omit<ReadOptions, 'maxBytes'> = {},
): Promise<string | null> {
  for (const beside of namesBeside(path)) {
    try {
      return (await readPicture(beside, { ...options, maxBytes: MOST_BYTES })).toString('utf8');
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
    }
  }
  return null;
}

function namesBeside(path: RawPath): RawPath[] {
  // One character a byte: a path that is no UTF-8 keeps its bytes.
  const text = typeof path === 'string' ? path : path.toString('latin1');
  const stem = text.replace(/\.[^./\\]*$/, '');
  const names = [text, stem].flatMap((name) => [`${name}.xmp`, `${name}.XMP`]);
  return typeof path === 'string' ? names : names.map((name) => Buffer.from(name, 'latin1'));
}
