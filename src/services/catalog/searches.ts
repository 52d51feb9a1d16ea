import type { Search } from './generated/client.js';
import { Prisma } from './generated/client.js';
import { isString, type Page } from '../../lib/cursor.js';
import { where } from './filter.js';
import { readPage, type Listing } from './keyset.js';
import type { Reader } from './reader.js';
import { CHUNK, chunks, jsonList, sqlTime, yieldToEventLoop, type Database } from './sql.js';
import type { NewSearchRecord, RecordedQuery, SearchPage, SearchRecordRow } from './search-types.js';
import { bytesOf, vectorOf } from './vectors.js';

/** What a listing reads, as Prisma or the reader returns it. Vectors and swatches, most of the bytes, are left out. */
type ListedSearch = Omit<Search, keyof RecordedQuery | 'createdAt'> & { readonly createdAt: Date | string };
const LISTED = Prisma.raw(
  'searches.id, visitorId, createdAt, modelId, spaceId, queryImageId, thumbnail, thumbnailType, totalMs, matches',
);

function toRow({ matches, createdAt, ...search }: ListedSearch): SearchRecordRow {
  const pairs = JSON.parse(matches) as [imageId: number, similarity: number][];
  return {
    ...search,
    createdAt: new Date(createdAt),
    matches: pairs.map(([imageId, similarity]) => ({ imageId, similarity })),
  };
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

/** One hand-written statement per chunk: Prisma plans a `createMany` anew for every list, which takes 30 ms for a hundred. */
export async function recordSearches(db: Database, records: readonly NewSearchRecord[]): Promise<void> {
  // Half a chunk, because each record contains a thumbnail.
  for (const chunk of chunks(records, CHUNK / 2)) {
    await db.$executeRaw`
      INSERT INTO searches (id, visitorId, createdAt, modelId, spaceId, queryImageId, thumbnail, thumbnailType, totalMs,
        matches, width, height, format, bytes, sha256, vector, swatch)
      VALUES ${Prisma.join(chunk.map(valuesOf))}`;
    if (chunk.length > 1) await yieldToEventLoop();
  }
}

function valuesOf({ thumbnail, matches, query, ...record }: NewSearchRecord): Prisma.Sql {
  const pairs = JSON.stringify(matches.map(({ imageId, similarity }) => [imageId, similarity]));
  const { id, visitorId, createdAt, modelId, spaceId, queryImageId, thumbnailType, totalMs } = record;
  return Prisma.sql`(${id}, ${visitorId}, ${sqlTime(createdAt)}, ${modelId}, ${spaceId}, ${queryImageId},
    ${thumbnail && new Uint8Array(thumbnail)}, ${thumbnailType}, ${totalMs}, ${pairs},
    ${query?.width ?? null}, ${query?.height ?? null}, ${query?.format ?? null}, ${query?.bytes ?? null},
    ${query?.sha256 ?? null}, ${query && bytesOf(query.vector)}, ${query && new Uint8Array(query.swatch)})`;
}

export async function listSearches(
  reader: Reader,
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
    positionOf: ({ createdAt, id }) => ({ key: sqlTime(new Date(createdAt)), id }),
    toRow,
  };
  return readPage(reader, listing, page);
}

/** In the order of the ids. */
export async function searchesByIds(
  reader: Reader,
  visitorId: string,
  ids: readonly string[],
): Promise<SearchRecordRow[]> {
  const rows = await reader.rows<ListedSearch>(Prisma.sql`
    SELECT ${LISTED} FROM json_each(${jsonList(ids)}) AS wanted JOIN searches ON searches.id = wanted.value
    WHERE visitorId = ${visitorId} ORDER BY wanted.key`);
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
