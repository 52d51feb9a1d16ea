import { AppError, messageOf } from '../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ELOOP: 'its links go round in a circle',
};

/** Why a path could not be read, in words instead of the system's code. */
export function readProblem(error: unknown): string {
  return REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
}

/** A failed system call on a picture file as an error of ours; every other error as it is. */
export function readFailure(error: unknown): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).syscall === undefined) return error;
  return new AppError('IMAGE_UNREADABLE', `The file cannot be read: ${readProblem(error)}.`, {
    cause: error,
  });
}
