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

/** A file of a library as it is on the disk. */
export interface FileOnDisk {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface Difference {
  /** New, changed, or back again, with what was known of it. */
  readonly changed: readonly { readonly file: FileOnDisk; readonly known: LibraryFileRow | undefined }[];
  /** Known, and not there any more. */
  readonly gone: readonly LibraryFileRow[];
}

export interface CompareOptions {
  readonly ownFolders: readonly string[];
  readonly signal: AbortSignal;
  readonly onLeftOut: (reason: LeftOutReason, count: number) => void;
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/**
 * How a library differs from what is known of it, by size and time of each file; none is read.
 * @param folders only the files right in these, relative to the root (`''` is the root itself); all when left out
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
        new AppError('IMAGE_UNREADABLE', 'The name of the file is no UTF-8.'),
      );
      continue;
    }
    const path = slashPath(root, picture);
    const found = await statOf(picture);
    if (found === null) continue; // gone since: a row that is left is `gone`
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
  // Of a folder that cannot be read nothing is known to be gone.
  const isHidden = ({ path }: LibraryFileRow): boolean => unreadable.some((folder) => isWithin(path, folder));
  return { changed, gone: [...known.values()].filter((file) => !isHidden(file)) };
}

/** Null when the file is gone; an error when nobody can tell, as on a disk that fails. */
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

/** Whether what its row says was done to the end: the row comes before the picture, and a scan may be cut short between. */
const isTaken = ({ state, hasPicture }: KnownFileRow): boolean =>
  state !== 'MISSING' && (state !== 'PRESENT' || hasPicture);

/** Of a relative path; `''` for the root. */
function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}
