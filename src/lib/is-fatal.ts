import { AppError, type ErrorCode } from '../errors.js';

const FATAL: readonly ErrorCode[] = ['MEDIA_UNAVAILABLE', 'STORAGE_FULL'];

/** Of a run over many pictures: no reason of this one's, and with the next it would be the same. */
export const isFatal = (error: unknown): error is AppError =>
  error instanceof AppError && FATAL.includes(error.code);
