import { decodeEnds, encodeCursor, type Page, type PageRequest, type Position } from '../../lib/cursor.js';
import { Prisma } from './generated/client.js';
import type { Reader } from './reader.js';

/** A listing ordered by a column and, for equal values, by id. */
export interface Listing<Raw, Row, Id extends number | string> {
  readonly name: string;
  readonly isId: (value: unknown) => value is Id;
  readonly columns: Prisma.Sql;
  /** `FROM … WHERE …`: the rows of the listing that also meet these conditions. */
  readonly from: (conditions: readonly Prisma.Sql[]) => Prisma.Sql;
  readonly column: Prisma.Sql;
  readonly idColumn: Prisma.Sql;
  readonly direction: 'ASC' | 'DESC';
  readonly positionOf: (row: Raw) => Position<Id>;
  readonly toRow: (row: Raw) => Row;
  /** The number of rows, if it is known without counting. */
  readonly count?: () => Promise<number>;
}

/** The surroundings of a page: the number of all rows, if they had to be counted, and 1 where rows precede or follow it. */
interface Around {
  readonly total: number | null;
  readonly precedes: number | null;
  readonly follows: number | null;
}

interface Order {
  readonly keyword: Prisma.Sql;
  readonly beyond: Prisma.Sql;
  readonly from: Prisma.Sql;
}
const ASC: Order = { keyword: Prisma.sql`ASC`, beyond: Prisma.sql`>`, from: Prisma.sql`>=` };
const DESC: Order = { keyword: Prisma.sql`DESC`, beyond: Prisma.sql`<`, from: Prisma.sql`<=` };

/** Reads a page by position instead of offset: added and removed rows do not shift others to another page. */
export async function readPage<Raw, Row, Id extends number | string>(
  reader: Reader,
  listing: Listing<Raw, Row, Id>,
  page: PageRequest,
): Promise<Page<Row>> {
  const { name, columns, from, column, idColumn, direction } = listing;
  const { after, before } = decodeEnds(name, page, listing.isId);
  const [forwards, backwards] = direction === 'ASC' ? ([ASC, DESC] as const) : ([DESC, ASC] as const);
  const compare = (operator: Prisma.Sql, { key, id }: Position<Id>): Prisma.Sql =>
    Prisma.sql`(${column}, ${idColumn}) ${operator} (${key}, ${id})`;
  const ordered = ({ keyword }: Order): Prisma.Sql =>
    Prisma.sql`ORDER BY ${column} ${keyword}, ${idColumn} ${keyword}`;
  /** 1 if a row lies at an end of the page or beyond it; the search starts at that end, where one is most likely. */
  const isBeyond = (order: Order, end: Position<Id> | undefined): Prisma.Sql =>
    end === undefined
      ? Prisma.sql`NULL`
      : Prisma.sql`(SELECT 1 ${from([compare(order.from, end)])} ${ordered(order)} LIMIT 1)`;

  const known = (await listing.count?.()) ?? null;
  const isWhole = known !== null && after === undefined && before === undefined;
  const [around] = isWhole
    ? []
    : await reader.rows<Around>(Prisma.sql`
      SELECT ${known === null ? Prisma.sql`(SELECT count(*) ${from([])})` : Prisma.sql`NULL`} AS total,
      ${isBeyond(backwards, after)} AS precedes, ${isBeyond(forwards, before)} AS follows`);

  const size = page.first ?? page.last;
  const between = [after && compare(forwards.beyond, after), before && compare(backwards.beyond, before)];
  // One extra row shows whether the list continues.
  const rows = await reader.rows<Raw>(Prisma.sql`
    SELECT ${columns} ${from(between.filter((condition) => condition !== undefined))}
    ${ordered(page.last === undefined ? forwards : backwards)} LIMIT ${size + 1}`);
  const isCut = rows.length > size;
  const shown = rows.slice(0, size);
  if (page.last !== undefined) shown.reverse();
  return {
    edges: shown.map((row) => ({
      cursor: encodeCursor(name, listing.positionOf(row)),
      node: listing.toRow(row),
    })),
    hasNextPage: (page.last === undefined && isCut) || around?.follows === 1,
    hasPreviousPage: (page.last !== undefined && isCut) || around?.precedes === 1,
    totalCount: known ?? around?.total ?? 0,
  };
}
