import { AppError } from '../errors.js';

/** A disk without room, a quota that is used up, a file over the limit of its process, and the same in SQLite's words. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL']);

/** How long until it is worth trying again: somebody has to make room first. */
const RETRY_AFTER_MS = 30_000;

/** STORAGE_FULL when that is what an error, or one of its causes, comes from; otherwise null. */
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
  return new AppError('STORAGE_FULL', 'There is no room left on the disk of the server.', {
    details: { retryAfterMs: RETRY_AFTER_MS },
    cause,
  });
}
