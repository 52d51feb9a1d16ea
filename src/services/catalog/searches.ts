import type { Search } from './generated/client.js';
import { Prisma } from './generated/client.js';
import { decodeCursor, encodeCursor, isString } from './cursor.js';
import { CHUNK, chunks, sqlTime, yieldToEventLoop, type Database } from './sql.js';
import type { NewSearchRecord, Page, RecordedQuery, SearchPage, SearchRecordRow } from './types.js';
import { bytesOf, vectorOf } from './vectors.js';

const LISTING = 'SEARCHES';

/** What a listing reads: vectors and swatches would be most of the bytes. */
type ListedSearch = Omit<Search, keyof RecordedQuery>;
const LISTED = Prisma.raw(
  'id, visitorId, createdAt, modelId, spaceId, queryImageId, thumbnail, thumbnailType, totalMs, matches',
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
  { visitorId, first, after }: SearchPage,
): Promise<Page<SearchRecordRow>> {
  let before = Prisma.empty;
  if (after !== undefined) {
    const { key, id } = decodeCursor(LISTING, after, isString);
    before = Prisma.sql`AND (createdAt, id) < (${key}, ${id})`;
  }
  const totalCount = await db.search.count({ where: { visitorId } });
  const rows = await db.$queryRaw<ListedSearch[]>`
    SELECT ${LISTED} FROM searches WHERE visitorId = ${visitorId} ${before}
    ORDER BY createdAt DESC, id DESC LIMIT ${first + 1}`;
  const edges = rows.slice(0, first).map((row) => ({
    cursor: encodeCursor(LISTING, { key: sqlTime(row.createdAt), id: row.id }),
    node: toRow(row),
  }));
  return { edges, hasNextPage: rows.length > first, totalCount };
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
