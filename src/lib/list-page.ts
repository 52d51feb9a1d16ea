import { decodeEnds, encodeCursor, isString, type Page, type PageRequest, type Position } from './cursor.js';

/** Order of a list in memory: by key, and by id for equal keys. Both are compared by UTF-16 code units. */
export interface ListOrder<Entry> {
  /** Name of the listing in its cursors. */
  readonly name: string;
  readonly keys: 'ascending' | 'descending';
  readonly positionOf: (entry: Entry) => Position<string>;
}

/**
 * A page of a list that is entirely in memory, in any order.
 * @throws AppError BAD_USER_INPUT for a cursor of another listing
 */
export function pageOfList<Entry>(
  entries: readonly Entry[],
  { name, keys, positionOf }: ListOrder<Entry>,
  page: PageRequest,
): Page<Entry> {
  const compare = (a: Position<string>, b: Position<string>): number =>
    (keys === 'ascending' ? 1 : -1) * compareText(a.key, b.key) || compareText(a.id, b.id);
  const all = entries
    .map((node) => ({ position: positionOf(node), node }))
    .sort((a, b) => compare(a.position, b.position));

  const { after, before } = decodeEnds(name, page, isString);
  const start = after === undefined ? 0 : all.filter(({ position }) => compare(position, after) <= 0).length;
  const end =
    before === undefined ? all.length : all.filter(({ position }) => compare(position, before) < 0).length;
  const between = all.slice(start, end);
  const shown = page.first === undefined ? between.slice(-page.last) : between.slice(0, page.first);
  const isCut = shown.length < between.length;
  return {
    edges: shown.map(({ position, node }) => ({ cursor: encodeCursor(name, position), node })),
    hasNextPage: (page.last === undefined && isCut) || end < all.length,
    hasPreviousPage: (page.last !== undefined && isCut) || start > 0,
    totalCount: all.length,
  };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
