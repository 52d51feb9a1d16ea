import { AppError } from '../errors.js';
import { isText } from './text.js';

/** End of a page: the entry's sort key and, since keys may repeat, its id. */
export interface Position<Id extends number | string> {
  readonly key: string;
  readonly id: Id;
}

/** A part of a list: the entries strictly between two cursors, limited in number from one end. */
export type PageRequest = {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
} & (
  | { readonly first: number; readonly last?: undefined }
  | { readonly first?: undefined; readonly last: number }
);

/** A page in the order of its list, whichever end it was counted from. */
export interface Page<Entry> {
  readonly edges: readonly { readonly cursor: string; readonly node: Entry }[];
  /** Whether the list continues after this page. */
  readonly hasNextPage: boolean;
  /** Whether the list has entries before this page. */
  readonly hasPreviousPage: boolean;
  /** Entries of the whole list. */
  readonly totalCount: number;
}

/** Opaque to clients. Contains the name of its listing, so that a cursor of another one is refused. */
export function encodeCursor(listing: string, { key, id }: Position<number | string>): string {
  return Buffer.from(JSON.stringify([listing, key, id])).toString('base64url');
}

/**
 * @param name of the argument with the cursor
 * @throws AppError BAD_USER_INPUT for anything that `encodeCursor` did not make for this listing
 */
export function decodeCursor<Id extends number | string>(
  listing: string,
  name: 'after' | 'before',
  cursor: string,
  isId: (value: unknown) => value is Id,
): Position<Id> {
  const parts = /^[\w-]{1,4000}$/.test(cursor) ? parse(cursor) : null;
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== listing) throw badCursor(name);
  const [, key, id] = parts as unknown[];
  if (!isString(key) || !isId(id)) throw badCursor(name);
  return { key, id };
}

/** Both ends of a page, if given. @throws AppError BAD_USER_INPUT */
export function decodeEnds<Id extends number | string>(
  listing: string,
  { after, before }: PageRequest,
  isId: (value: unknown) => value is Id,
): { after: Position<Id> | undefined; before: Position<Id> | undefined } {
  return {
    after: after === undefined ? undefined : decodeCursor(listing, 'after', after, isId),
    before: before === undefined ? undefined : decodeCursor(listing, 'before', before, isId),
  };
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

function badCursor(path: string): AppError {
  const rule = 'a cursor of this listing';
  return new AppError('BAD_USER_INPUT', `Expected ${rule} for ${path}`, { details: { path, rule } });
}
