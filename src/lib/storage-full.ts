import { AppError } from '../errors.js';

/** A full disk, an exhausted quota, a file above the limit of its process, and SQLite's code for these. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL']);

/** When a retry is worthwhile: somebody has to free space first. */
const RETRY_AFTER_MS = 30_000;

/** STORAGE_FULL if an error or one of its causes means that; otherwise null. */
export function storageFull(error: unknown): AppError | null {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if (cause instanceof AppError && cause.code === 'STORAGE_FULL') return cause;
    if (FULL.has(String((cause as { code?: unknown }).code))) return diskFull(error);
  }
  return null;
}

export function diskFull(cause: unknown): AppError {
  return new AppError('STORAGE_FULL', 'There is no space left on the disk of the server.', {
    details: { retryAfterMs: RETRY_AFTER_MS },
    cause,
  });
}
