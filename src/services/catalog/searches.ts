import type { Search } from './generated/client.js';
import { Prisma } from './generated/client.js';
import { isString, type Page } from '../../lib/cursor.js';
import { where } from './filter.js';
import { readPage, type Listing } from './keyset.js';
import { CHUNK, chunks, jsonList, sqlTime, yieldToEventLoop, type Database } from './sql.js';
import type { NewSearchRecord, RecordedQuery, SearchPage, SearchRecordRow } from './types.js';
import { bytesOf, vectorOf } from './vectors.js';

/** What a listing reads: vectors and swatches would be most of the bytes. */
type ListedSearch = Omit<Search, keyof RecordedQuery>;
const LISTED = Prisma.raw(
  'searches.id, visitorId, createdAt, modelId, spaceId, queryImageId, thumbnail, thumbnailType, totalMs, matches',
);

function toRow({ matches, ...search }: ListedSearch): SearchRecordRow {
  const pairs = JSON.parse(matches) as [imageId: number, similarity: number][];
  return { ...search, matches: pairs.map(([imageId, similarity]) => ({ imageId, similarity })) };
}

function toRecord({
  width,
  height,
  format,
  bytes,
  sha256,
  vector,
  swatch,
  ...listed
}: Search): NewSearchRecord {
  const query =
    width === null ||
    height === null ||
    format === null ||
    bytes === null ||
    sha256 === null ||
    !vector ||
    !swatch
      ? null
      : { width, height, format, bytes, sha256, vector: vectorOf(vector), swatch };
  return { ...toRow(listed), query };
}

export async function recordSearches(db: Database, records: readonly NewSearchRecord[]): Promise<void> {
  // Half a chunk: a record brings a thumbnail with it.
  for (const chunk of chunks(records, CHUNK / 2)) {
    await db.search.createMany({
      data: chunk.map(({ thumbnail, matches, query, ...record }) => ({
        ...record,
        ...(query && { ...query, vector: bytesOf(query.vector), swatch: new Uint8Array(query.swatch) }),
        thumbnail: thumbnail === null ? null : new Uint8Array(thumbnail),
        matches: JSON.stringify(matches.map(({ imageId, similarity }) => [imageId, similarity])),
      })),
    });
    if (chunk.length > 1) await yieldToEventLoop();
  }
}

export async function listSearches(
  db: Database,
  { visitorId, ...page }: SearchPage,
): Promise<Page<SearchRecordRow>> {
  const listing: Listing<ListedSearch, SearchRecordRow, string> = {
    name: 'SEARCHES',
    isId: isString,
    columns: LISTED,
    from: (more) => Prisma.sql`FROM searches ${where([Prisma.sql`visitorId = ${visitorId}`, ...more])}`,
    column: Prisma.sql`createdAt`,
    idColumn: Prisma.sql`searches.id`,
    direction: 'DESC',
    positionOf: ({ createdAt, id }) => ({ key: sqlTime(createdAt), id }),
    toRow,
  };
  return readPage(db, listing, page);
}

/** In the order of the ids. */
export async function searchesByIds(
  db: Database,
  visitorId: string,
  ids: readonly string[],
): Promise<SearchRecordRow[]> {
  const rows = await db.$queryRaw<ListedSearch[]>`
    SELECT ${LISTED} FROM json_each(${jsonList(ids)}) AS wanted JOIN searches ON searches.id = wanted.value
    WHERE visitorId = ${visitorId} ORDER BY wanted.key`;
  return rows.map(toRow);
}

export async function searchById(db: Database, id: string): Promise<NewSearchRecord | null> {
  const search = await db.search.findUnique({ where: { id } });
  return search === null ? null : toRecord(search);
}

export async function clearSearches(db: Database, visitorId: string): Promise<number> {
  const { count } = await db.search.deleteMany({ where: { visitorId } });
  return count;
}

export async function removeSearches(
  db: Database,
  visitorId: string,
  ids: readonly string[],
): Promise<number> {
  const { count } = await db.search.deleteMany({ where: { visitorId, id: { in: [...ids] } } });
  return count;
}

export async function pruneSearches(db: Database, keep: number): Promise<number> {
  const limit = 500;
  let removed = 0;
  for (let count = limit; count === limit; removed += count) {
    count = await db.$executeRaw`
      DELETE FROM searches WHERE id IN (
        SELECT id FROM searches ORDER BY createdAt DESC, id DESC LIMIT ${limit} OFFSET ${keep})`;
    await yieldToEventLoop();
  }
  return removed;
}
