import type { Search } from './generated/client.js';
import { Prisma } from './generated/client.js';
import { decodeCursor, encodeCursor, isText } from './cursor.js';
import { CHUNK, chunks, sqlTime, yieldToEventLoop, type Database } from './sql.js';
import type { Catalog, NewSearchRecord, Page, SearchRecordRow } from './types.js';

const LISTING = 'SEARCHES';

function toRow({ matches, ...search }: Search): SearchRecordRow {
  const pairs = JSON.parse(matches) as [imageId: number, similarity: number][];
  return { ...search, matches: pairs.map(([imageId, similarity]) => ({ imageId, similarity })) };
}

export async function recordSearches(db: Database, records: readonly NewSearchRecord[]): Promise<void> {
  // Half a chunk: a record brings a thumbnail with it.
  for (const chunk of chunks(records, CHUNK / 2)) {
    await db.search.createMany({
      data: chunk.map(({ thumbnail, matches, ...record }) => ({
        ...record,
        thumbnail: thumbnail === null ? null : new Uint8Array(thumbnail),
        matches: JSON.stringify(matches.map(({ imageId, similarity }) => [imageId, similarity])),
      })),
    });
    if (chunk.length > 1) await yieldToEventLoop();
  }
}

export async function listSearches(
  db: Database,
  { visitorId, first, after }: Parameters<Catalog['listSearches']>[0],
): Promise<Page<SearchRecordRow>> {
  let before = Prisma.empty;
  if (after !== undefined) {
    const { key, id } = decodeCursor(LISTING, after, isText);
    before = Prisma.sql`AND (createdAt, id) < (${key}, ${id})`;
  }
  const totalCount = await db.search.count({ where: { visitorId } });
  const rows = await db.$queryRaw<Search[]>`
    SELECT * FROM searches WHERE visitorId = ${visitorId} ${before}
    ORDER BY createdAt DESC, id DESC LIMIT ${first + 1}`;
  const edges = rows.slice(0, first).map((row) => ({
    cursor: encodeCursor(LISTING, { key: sqlTime(row.createdAt), id: row.id }),
    node: toRow(row),
  }));
  return { edges, hasNextPage: rows.length > first, totalCount };
}

export async function searchById(db: Database, id: string): Promise<SearchRecordRow | null> {
  const search = await db.search.findUnique({ where: { id } });
  return search === null ? null : toRow(search);
}

export async function clearSearches(db: Database, visitorId: string): Promise<number> {
  const { count } = await db.search.deleteMany({ where: { visitorId } });
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
