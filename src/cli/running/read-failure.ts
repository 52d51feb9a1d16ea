import { AppError } from '../../errors.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';

/** Turns a failed system call on a picture file into an AppError; returns every other error as it is. */
export function readFailure(error: unknown): unknown {
  if (!isSystemFailure(error)) return error;
  return new AppError('IMAGE_UNREADABLE', `The file cannot be read: ${readProblem(error)}.`, {
    cause: error,
  });
}
