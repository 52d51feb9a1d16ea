import { stat } from 'node:fs/promises';
import { AppError } from '../../errors.js';

/** Identifies the file at a path, without its content. */
export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

/** Null if there is no such file. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true
    ? { path, bytes: found.size, modifiedMs: found.mtimeMs, inode: found.ino }
    : null;
}

/**
 * A worker that restarts long after the model's files were verified must not load changed files: its vectors would be of
 * another space.
 * @throws AppError MODEL_MISMATCH naming the file that has changed
 */
export async function assertUnchanged(stamps: readonly FileStamp[]): Promise<void> {
  for (const before of stamps) {
    const now = await stampOf(before.path);
    if (now?.bytes !== before.bytes || now.modifiedMs !== before.modifiedMs || now.inode !== before.inode) {
      throw new AppError(
        'MODEL_MISMATCH',
        `${before.path} has changed since it was first read. Restart to use the new file.`,
        { details: { path: before.path } },
      );
    }
  }
}
