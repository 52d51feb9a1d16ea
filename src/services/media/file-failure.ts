import { AppError, messageOf } from '../../errors.js';
import { storageFull } from '../../lib/storage-full.js';

export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

export const isNotFound = (error: unknown): boolean => errno(error) === 'ENOENT';

/** What these say of a write concerns every file of the folder, not one of them. */
const AWAY: Readonly<Record<string, string>> = {
  EROFS: 'it is read-only',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  ENOENT: 'it is not there, or another folder is in its place',
  ENOTDIR: 'it is no folder',
  EIO: 'its disk fails',
  ENODEV: 'its disk is gone',
  ENXIO: 'its disk is gone',
  ESTALE: 'its network share is gone',
  ENOTCONN: 'its network share is gone',
};

export const isAway = (error: unknown): boolean => (errno(error) ?? '') in AWAY;

/** Words for everybody: no path. The log has it. */
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
      ? 'The file of this picture is gone. Adding the same file again puts it back.'
      : 'The file of this picture is damaged. Adding the same file again puts it right.',
  );

export function storageFailed(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return (
    storageFull(error) ?? new AppError('STORAGE_FAILED', `${what}: ${messageOf(error)}`, { cause: error })
  );
}

/** For `catch`: undefined where there is no such file. */
export function unlessNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
