import { messageOf } from '../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ELOOP: 'it is a link, or its links form a circle',
  EMLINK: 'it is a link', // FreeBSD's word for it
  ENAMETOOLONG: 'its path is too long',
  ENXIO: 'it is not a regular file',
  EIO: 'the disk reports an error',
  ESTALE: 'the file server no longer knows it',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/** Why a path could not be read, in words instead of the system's error code. */
export function readProblem(error: unknown): string {
  return REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
}

/** Whether a system call failed, as opposed to our own code. */
export const isSystemFailure = (error: unknown): error is NodeJS.ErrnoException =>
  typeof (error as NodeJS.ErrnoException | null | undefined)?.syscall === 'string';
