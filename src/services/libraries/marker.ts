import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';
import type { LibraryRow } from '../catalog/library-types.js';

/** In a library's root: tells an empty folder from one whose disk is not there. The only file written to a library. */
export const MARKER_FILE = '.likeness-library';

/** Writes a new marker. @returns what it says; null where the folder cannot be written */
export async function writeMarker(root: string): Promise<string | null> {
  const marker = randomUUID();
  try {
    await writeFileAtomically(join(root, MARKER_FILE), Buffer.from(`${marker}\n`));
    return marker;
  } catch {
    return null;
  }
}

/** Why a library's folder is not to be compared with what is known of it, in a sentence; null when it may be. */
export async function rootProblem({
  root,
  marker,
}: Pick<LibraryRow, 'root' | 'marker'>): Promise<string | null> {
  try {
    if (marker === null) {
      // Nothing could be written into it: an empty folder is more likely an empty mount point than an empty library.
      return (await readdir(root)).length > 0 ? null : 'The folder is empty: its disk may not be mounted.';
    }
    const found = (await readFile(join(root, MARKER_FILE), 'utf8')).trim();
    return found === marker ? null : `The file ${MARKER_FILE} in the folder is that of another library.`;
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    return error.code === 'ENOENT'
      ? `The file ${MARKER_FILE} is not in the folder: its disk may not be mounted.`
      : `The folder cannot be read: ${readProblem(error)}.`;
  }
}
