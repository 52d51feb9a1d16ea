import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a rename or unlink in `dir` durable. */
export const syncDirectory = (dir: string): Promise<void> => sync(dir);

/** Makes a file durable that other code has written; it may be read-only. */
export const syncFile = (path: string): Promise<void> => sync(path);

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Suffix of files that are still being written; at start, any file with it may be deleted. */
export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Writes a file so that after a crash it has either the old or the new content, complete: temporary file beside it,
 * fsync, rename, fsync of the folder.
 */
export function writeFileAtomically(
  path: string,
  data: Uint8Array | string,
  options: AtomicFileOptions = {},
): Promise<void> {
  return writeAtomically(path, (handle) => handle.writeFile(data), options);
}

export interface AtomicFileOptions {
  /** Permissions of the file, less the umask's. */
  readonly mode?: number;
  /** Makes the rename durable. */
  readonly syncFolder?: (dir: string) => Promise<void>;
}

/** The same for content that is written in pieces; if `write` throws, the old file is unchanged. */
export function writeAtomically<Result>(
  path: string,
  write: (handle: FileHandle) => Promise<Result>,
  { mode = 0o666, syncFolder = syncDirectory }: AtomicFileOptions = {},
): Promise<Result> {
  return replaceAtomically(path, syncFolder, async (temporary) => {
    const handle = await open(temporary, 'wx', mode);
    try {
      const result = await write(handle);
      await handle.sync();
      return result;
    } finally {
      await handle.close();
    }
  });
}

/** The same for a copy of another file. @param prepare changes the copy before it is in place, say its time */
export function copyAtomically(
  from: string,
  to: string,
  {
    syncFolder = syncDirectory,
    prepare = () => Promise.resolve(),
  }: Pick<AtomicFileOptions, 'syncFolder'> & { readonly prepare?: (copy: string) => Promise<void> } = {},
): Promise<void> {
  return replaceAtomically(to, syncFolder, async (temporary) => {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await prepare(temporary);
    await syncFile(temporary);
  });
}

/** @param create leaves the complete and durable file at the path it gets */
async function replaceAtomically<Result>(
  path: string,
  syncFolder: (dir: string) => Promise<void>,
  create: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  let result: Result;
  try {
    result = await create(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
  return result;
}
