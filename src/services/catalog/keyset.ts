import { decodeEnds, encodeCursor, type Page, type PageRequest, type Position } from '../../lib/cursor.js';
import { Prisma } from './generated/client.js';

/** A listing whose rows are strictly ordered by a column and, where its values repeat, by id. */
export interface Listing<Raw, Row, Id extends number | string> {
  readonly name: string;
  readonly isId: (value: unknown) => value is Id;
  readonly column: Prisma.Sql;
  readonly idColumn: Prisma.Sql;
  readonly direction: 'ASC' | 'DESC';
  readonly positionOf: (row: Raw) => Position<Id>;
  readonly toRow: (row: Raw) => Row;
  /** Rows of the listing that pass one more condition, in this order. */
  readonly select: (condition: Prisma.Sql | null, orderBy: Prisma.Sql, limit: number) => Promise<Raw[]>;
  readonly count: () => Promise<number>;
}

/** A page by the position of its ends, not by offset: rows that come and go move no other row to another page. */
export async function readPage<Raw, Row, Id extends number | string>(
  listing: Listing<Raw, Row, Id>,
  page: PageRequest,
): Promise<Page<Row>> {
  const { name, column, idColumn, direction } = listing;
  const { after, before } = decodeEnds(name, page, listing.isId);
  const [forwards, backwards] = direction === 'ASC' ? ([ASC, DESC] as const) : ([DESC, ASC] as const);
  const compare = (operator: Prisma.Sql, { key, id }: Position<Id>): Prisma.Sql =>
    Prisma.sql`(${column}, ${idColumn}) ${operator} (${key}, ${id})`;
  const ordered = ({ keyword }: Order): Prisma.Sql =>
    Prisma.sql`${column} ${keyword}, ${idColumn} ${keyword}`;
  /** Whether a row lies at the end of a page or beyond it; looked for from there, where one is most likely. */
  const isBeyond = async (order: Order, end: Position<Id>): Promise<boolean> =>
    (await listing.select(compare(order.from, end), ordered(order), 1)).length > 0;

  const totalCount = await listing.count();
  const between = [after && compare(forwards.beyond, after), before && compare(backwards.beyond, before)];
  const conditions = between.filter((condition) => condition !== undefined);
  // One more than asked for tells whether the list goes on.
  const size = page.first ?? page.last;
  const rows = await listing.select(
    conditions.length === 0 ? null : Prisma.join(conditions, ' AND '),
    ordered(page.last === undefined ? forwards : backwards),
    size + 1,
  );
  const isCut = rows.length > size;
  const shown = rows.slice(0, size);
  if (page.last !== undefined) shown.reverse();
  return {
    edges: shown.map((row) => ({
      cursor: encodeCursor(name, listing.positionOf(row)),
      node: listing.toRow(row),
    })),
    hasNextPage:
      (page.last === undefined && isCut) || (before !== undefined && (await isBeyond(forwards, before))),
    hasPreviousPage:
      (page.last !== undefined && isCut) || (after !== undefined && (await isBeyond(backwards, after))),
    totalCount,
  };
}

interface Order {
  readonly keyword: Prisma.Sql;
  readonly beyond: Prisma.Sql;
  readonly from: Prisma.Sql;
}
const ASC: Order = { keyword: Prisma.sql`ASC`, beyond: Prisma.sql`>`, from: Prisma.sql`>=` };
const DESC: Order = { keyword: Prisma.sql`DESC`, beyond: Prisma.sql`<`, from: Prisma.sql`<=` };
