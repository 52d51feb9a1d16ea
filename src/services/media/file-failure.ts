import { AppError, messageOf } from '../../errors.js';
import { storageFull } from '../../lib/storage-full.js';

export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

export const isNotFound = (error: unknown): boolean => errno(error) === 'ENOENT';

/** Write errors that concern the whole folder, not a single file. */
const AWAY: Readonly<Record<string, string>> = {
  EROFS: 'it is read-only',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  ENOENT: 'it does not exist, or another folder is in its place',
  ENOTDIR: 'it is not a folder',
  EIO: 'its disk fails',
  ENODEV: 'its disk is gone',
  ENXIO: 'its disk is gone',
  ESTALE: 'its network share is gone',
  ENOTCONN: 'its network share is gone',
};

export const isAway = (error: unknown): boolean => (errno(error) ?? '') in AWAY;

/** A message for everybody, without the path, which is in the log. */
export const mediaUnavailable = (error: unknown): AppError =>
  new AppError(
    'MEDIA_UNAVAILABLE',
    `The media folder cannot be used: ${AWAY[errno(error) ?? ''] ?? 'the log of the server says why'}.`,
    { cause: error },
  );

export const fileMissing = (state: 'missing' | 'changed'): AppError =>
  new AppError(
    'IMAGE_FILE_MISSING',
    state === 'missing'
      ? 'The file of this picture is missing. Adding the same file again restores it.'
      : 'The file of this picture is damaged. Adding the same file again repairs it.',
  );

export function storageFailed(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return (
    storageFull(error) ?? new AppError('STORAGE_FAILED', `${what}: ${messageOf(error)}`, { cause: error })
  );
}

/** For `catch`: returns undefined if there is no such file, otherwise throws. */
export function unlessNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
