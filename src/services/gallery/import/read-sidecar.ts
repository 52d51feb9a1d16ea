import { AppError } from '../../../errors.js';
import { decodeNotes, notesName, type Notes } from '../notes.js';
import type { RawPath } from './raw-path.js';
import { readPicture, type ReadOptions } from './read-picture.js';

/** No real sidecar is longer. */
const MOST_BYTES = 1 << 20;

/**
 * The `.xmp` file beside a picture: `sea.jpg.xmp`, as digiKam and darktable name it, or `sea.xmp`, as Lightroom does.
 * @returns null if there is none, or if it cannot be read, which does not affect the picture
 */
export async function readSidecar(
  path: RawPath,
  options: Omit<ReadOptions, 'maxBytes'> = {},
): Promise<string | null> {
  const withoutEnding = (name: string): string => name.replace(/\.[^./\\]*$/, '');
  for (const name of [(name: string) => name, withoutEnding]) {
    for (const ending of ['.xmp', '.XMP']) {
      const text = await readTextBeside(path, (picture) => `${name(picture)}${ending}`, options);
      if (text !== null) return text;
    }
  }
  return null;
}

/** What an export of Likeness wrote beside a picture; null where there is none. */
export async function readNotes(
  path: RawPath,
  options: Omit<ReadOptions, 'maxBytes'> = {},
): Promise<Notes | null> {
  const text = await readTextBeside(path, notesName, options);
  return text === null ? null : decodeNotes(text);
}

async function readTextBeside(
  path: RawPath,
  nameOf: (picture: string) => string,
  options: Omit<ReadOptions, 'maxBytes'>,
): Promise<string | null> {
  // One character per byte, so that a path that is not UTF-8 keeps its bytes.
  const beside =
    typeof path === 'string' ? nameOf(path) : Buffer.from(nameOf(path.toString('latin1')), 'latin1');
  try {
    return (await readPicture(beside, { ...options, maxBytes: MOST_BYTES })).toString('utf8');
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return null;
  }
}
