import { stat } from 'node:fs/promises';
import { AppError } from '../../errors.js';

/** Which file it was that lay at a path, without its content. */
export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

/** Null when there is no such file. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true
    ? { path, bytes: found.size, modifiedMs: found.mtimeMs, inode: found.ino }
    : null;
}

/**
 * A worker that starts again long after the model's files were verified must not take others for them: its vectors
 * would be of another space.
 * @throws AppError MODEL_MISMATCH naming the file that is not the one it was
 */
export async function assertUnchanged(stamps: readonly FileStamp[]): Promise<void> {
  for (const before of stamps) {
    const now = await stampOf(before.path);
    if (now?.bytes !== before.bytes || now.modifiedMs !== before.modifiedMs || now.inode !== before.inode) {
      throw new AppError(
        'MODEL_MISMATCH',
        `${before.path} is not the file any more that was read when this began. Start again with the new one.`,
        { details: { path: before.path } },
      );
    }
  }
}
