import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../errors.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';
import { slashPath } from '../../lib/slash-path.js';
import type { KnownFileRow, LibraryFileRow, LibraryRow } from '../catalog/library-types.js';
import type { Catalog } from '../catalog/types.js';
import type { LeftOutReason } from '../gallery/import/left-out.js';
import { isWithin } from '../gallery/import/read-picture.js';
import { walkPictures } from '../gallery/import/walk.js';

/** A file of a library as found on disk. */
export interface FileOnDisk {
  /** Relative to the root, separated by `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface Difference {
  /** New, changed or returned files, with their row if they had one. */
  readonly changed: readonly { readonly file: FileOnDisk; readonly known: LibraryFileRow | undefined }[];
  /** Known files that no longer exist. */
  readonly gone: readonly LibraryFileRow[];
}

export interface CompareOptions {
  readonly ownFolders: readonly string[];
  readonly signal: AbortSignal;
  readonly onLeftOut: (reason: LeftOutReason, count: number) => void;
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/**
 * Compares a library with its rows by the size and time of each file; no file is read.
 * @param folders relative to the root (`''` is the root): only files directly in these; all if left out
 * @throws AppError FOLDER_UNREADABLE for the root
 */
export async function compareLibrary(
  { files }: Pick<Catalog['libraries'], 'files'>,
  { id, root, exclude }: LibraryRow,
  folders: ReadonlySet<string> | null,
  { ownFolders, signal, onLeftOut, onUnreadable }: CompareOptions,
): Promise<Difference> {
  const isAsked = (path: string): boolean => folders === null || folders.has(folderOf(path));
  const known = new Map<string, KnownFileRow>();
  for await (const page of files(id))
    for (const file of page) if (isAsked(file.path)) known.set(file.path, file);

  const changed: Difference['changed'][number][] = [];
  const unreadable: string[] = [];
  const pictures = walkPictures(root, {
    exclude,
    ownFolders,
    signal,
    onLeftOut,
    ...(folders && { folders: new Set([...folders].map((folder) => join(root, folder))) }),
    onUnreadable: (folder, error) => {
      unreadable.push(slashPath(root, folder));
      onUnreadable(folder, error);
    },
  });
  for await (const picture of pictures) {
    if (typeof picture !== 'string') {
      onUnreadable(
        picture.toString('latin1'),
        new AppError('IMAGE_UNREADABLE', 'The name of the file is not UTF-8.'),
      );
      continue;
    }
    const path = slashPath(root, picture);
    const found = await statOf(picture);
    if (found === null) continue; // deleted meanwhile: its remaining row becomes `gone`
    const before = known.get(path);
    known.delete(path);
    if (found instanceof AppError) {
      onUnreadable(picture, found);
      continue;
    }
    const { size, mtimeMs } = found;
    if (before?.size !== size || before.mtimeMs !== mtimeMs || !isTaken(before))
      changed.push({ file: { path, size, mtimeMs }, known: before });
  }
  signal.throwIfAborted();
  // Files in a folder that cannot be read do not count as gone.
  const isHidden = ({ path }: LibraryFileRow): boolean => unreadable.some((folder) => isWithin(path, folder));
  return { changed, gone: [...known.values()].filter((file) => !isHidden(file)) };
}

/** Null if the file is gone; an error if that cannot be determined, for example on a failing disk. */
async function statOf(path: string): Promise<Stats | AppError | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    return new AppError('IMAGE_UNREADABLE', `The file cannot be read: ${readProblem(error)}.`, {
      cause: error,
    });
  }
}

/** Whether the file was completely processed: its row is written before the picture, and a scan may be interrupted in between. */
const isTaken = ({ state, hasPicture }: KnownFileRow): boolean =>
  state !== 'MISSING' && (state !== 'PRESENT' || hasPicture);

/** The folder of a relative path; `''` for the root. */
function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}
