import { AppError } from '../../errors.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';

/** A failed system call on a picture file as an error of ours; every other error as it is. */
export function readFailure(error: unknown): unknown {
  if (!isSystemFailure(error)) return error;
  return new AppError('IMAGE_UNREADABLE', `The file cannot be read: ${readProblem(error)}.`, {
    cause: error,
  });
}
