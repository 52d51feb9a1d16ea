import { AppError } from '../../errors.js';
import { isText } from '../../lib/text.js';

/** Where a page ended: the row's sort key and, since keys repeat, its id. */
export interface Position<Id extends number | string> {
  readonly key: string;
  readonly id: Id;
}

/** Opaque to clients; names its listing, so that a cursor of another one is refused instead of misread. */
export function encodeCursor(listing: string, { key, id }: Position<number | string>): string {
  return Buffer.from(JSON.stringify([listing, key, id])).toString('base64url');
}

/** @throws AppError BAD_USER_INPUT for anything that `encodeCursor` did not make for this listing */
export function decodeCursor<Id extends number | string>(
  listing: string,
  cursor: string,
  isId: (value: unknown) => value is Id,
): Position<Id> {
  const parts = /^[\w-]{1,4000}$/.test(cursor) ? parse(cursor) : null;
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== listing) throw badCursor();
  const [, key, id] = parts as unknown[];
  if (!isString(key) || !isId(id)) throw badCursor();
  return { key, id };
}

export const isRowId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
export const isString = (value: unknown): value is string => typeof value === 'string' && isText(value);

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

function badCursor(): AppError {
  const rule = 'a cursor of this listing';
  return new AppError('BAD_USER_INPUT', `Expected ${rule} for after`, { details: { path: 'after', rule } });
}
