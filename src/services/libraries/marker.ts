import { randomUUID } from 'node:crypto';
import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';
import type { LibraryRow } from '../catalog/library-types.js';
import { MARKER_FILE } from '../gallery/import/exclusions.js';

/**
 * FOLDER_MISSING: there is no such folder. UNREADABLE: it cannot be read. EMPTY: it is empty and has no marker file,
 * as a mount point without its disk. MARKER_MISSING and MARKER_FOREIGN: the folder can be read, but its marker file is
 * gone or another library's.
 */
export type LibraryProblemCode =
  'FOLDER_MISSING' | 'UNREADABLE' | 'EMPTY' | 'MARKER_MISSING' | 'MARKER_FOREIGN';

export interface LibraryProblem {
  readonly code: LibraryProblemCode;
  /** One sentence. */
  readonly message: string;
}

/** Writes a new marker. @returns its content; null if the folder is not writable */
export async function writeMarker(root: string): Promise<string | null> {
  const marker = randomUUID();
  try {
    await writeFileAtomically(join(root, MARKER_FILE), Buffer.from(`${marker}\n`));
    return marker;
  } catch {
    return null;
  }
}

/** Why a library's folder must not be compared with its rows; null if it can be. */
export async function rootProblem({
  root,
  marker,
}: Pick<LibraryRow, 'root' | 'marker'>): Promise<LibraryProblem | null> {
  const content = await contentOf(root);
  if (typeof content !== 'string') return content;
  // Without a marker, an empty folder is more likely an unused mount point than an empty library.
  if (marker === null) return content === 'nothing' ? EMPTY : null;
  try {
    const found = (await readFile(join(root, MARKER_FILE), 'utf8')).trim();
    if (found === marker) return null;
    return {
      code: 'MARKER_FOREIGN',
      message: `The file ${MARKER_FILE} in the folder belongs to another library.`,
    };
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    if (error.code !== 'ENOENT') return unreadable(`file ${MARKER_FILE} in the folder`, error);
    if (content === 'nothing') return EMPTY;
    return {
      code: 'MARKER_MISSING',
      message: `The file ${MARKER_FILE} is missing in the folder: its disk may not be mounted.`,
    };
  }
}

/** Why a folder cannot even be listed; null if it can. */
export async function folderProblem(root: string): Promise<LibraryProblem | null> {
  const content = await contentOf(root);
  return typeof content === 'string' ? null : content;
}

const EMPTY: LibraryProblem = {
  code: 'EMPTY',
  message: 'The folder is empty: its disk may not be mounted.',
};

const unreadable = (what: string, error: unknown): LibraryProblem => ({
  code: 'UNREADABLE',
  message: `The ${what} cannot be read: ${readProblem(error)}.`,
});

async function contentOf(root: string): Promise<'something' | 'nothing' | LibraryProblem> {
  try {
    // One name is enough, since a folder may have very many.
    for await (const { name } of await opendir(root)) if (name !== MARKER_FILE) return 'something';
    return 'nothing';
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    return error.code === 'ENOENT'
      ? { code: 'FOLDER_MISSING', message: 'The folder is not there: its disk may not be mounted.' }
      : unreadable('folder', error);
  }
}
