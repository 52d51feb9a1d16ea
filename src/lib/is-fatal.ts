import { AppError, type ErrorCode } from '../errors.js';

const FATAL: readonly ErrorCode[] = ['MEDIA_UNAVAILABLE', 'STORAGE_FULL'];

/** Whether a failure in a run over many pictures is not specific to one, so that the next would fail too. */
export const isFatal = (error: unknown): error is AppError =>
  error instanceof AppError && FATAL.includes(error.code);
