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

/** Makes a file durable that other code has written. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
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
