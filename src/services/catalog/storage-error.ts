import { AppError, messageOf } from '../../errors.js';
import { storageFull } from '../../lib/storage-full.js';
import { Refusal } from './connection.js';

/** SQLite's messages (also within Prisma's) for a file that cannot be trusted. */
const DAMAGED = /file is not a database|disk image is malformed|malformed database schema/;
const READ_ONLY = /attempt to write a readonly database/;

/** Our own bugs, which no backup fixes. */
const BUGS = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'PrismaClientValidationError',
]);

/** Turns a database error into an AppError that names the file; an AppError or a bug is returned unchanged. */
export function storageError(error: unknown, path: string): unknown {
  if (error instanceof AppError || (error instanceof Error && BUGS.has(error.name))) return error;
  if (error instanceof Refusal) return error.reason;
  const full = storageFull(error);
  if (full !== null) return full;
  const message = messageOf(error);
  const text = DAMAGED.test(message)
    ? `The database is damaged, or is no SQLite database: ${path}. Restore it from a backup. Without one, move it away and run "likeness verify --adopt": it creates a new one from the picture files; titles and tags are lost.`
    : READ_ONLY.test(message)
      ? `The database was opened for reading only: ${path}.`
      : `The database refused an operation: ${lastLine(message)} (${path})`;
  return new AppError('STORAGE_FAILED', text, { details: { path }, cause: error });
}

/** Prisma puts the call site first and the reason last. */
function lastLine(message: string): string {
  return message.trim().split('\n').at(-1)?.trim() ?? message;
}
