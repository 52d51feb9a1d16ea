import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a rename or unlink in `dir` durable. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a file durable that other code wrote. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The suffix of files that are still being written; anything that ends in it may be deleted at start. */
export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Writes a file so that after a crash either the old or the new content is there, whole:
 * temporary file beside it, fsync, rename, fsync of the folder.
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
  /** What makes the rename durable. */
  readonly syncFolder?: (dir: string) => Promise<void>;
}

/** The same for content that is written bit by bit; when `write` throws, the old file stays as it was. */
export async function writeAtomically<Result>(
  path: string,
  write: (handle: FileHandle) => Promise<Result>,
  { mode = 0o666, syncFolder = syncDirectory }: AtomicFileOptions = {},
): Promise<Result> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  let result: Result;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      result = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
  return result;
}
