import { AppError } from '../../errors.js';
import { isRowId, type Page, type Position } from '../../lib/cursor.js';
import { foldText, naturalKey } from '../../lib/text.js';
import { Prisma } from './generated/client.js';
import { conditionsOf, where } from './filter.js';
import { selectByHash, selectByIds, toImageRow, type RawImage } from './image-rows.js';
import { readPage, type Listing } from './keyset.js';
import { assertImages } from './known-images.js';
import type { Reader } from './reader.js';
import { jsonList, yieldToEventLoop, type Database } from './sql.js';
import type { ImageFilter, ImageOrder, ImagePage, ImageRow, ImageWords, TagCountRow } from './types.js';

/** Tags as one parameter: for each, the key that identifies it and the text to show. */
export const keysAndTags = (tags: readonly string[]): string =>
  JSON.stringify(tags.map((tag) => [foldText(tag), tag]));

export async function imageByHash(reader: Reader, sha256: string): Promise<ImageRow | null> {
  const [row] = await reader.rows<RawImage>(selectByHash(sha256));
  return row === undefined ? null : toImageRow(row);
}

export async function formatsByHash(db: Database, sha256s: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ sha256: string; format: string }[]>`
    SELECT i.sha256, i.format FROM json_each(${jsonList(sha256s)}) AS wanted JOIN images AS i ON i.sha256 = wanted.value`;
  return new Map(rows.map(({ sha256, format }) => [sha256, format]));
}

export async function imagesByIds(reader: Reader, ids: readonly number[]): Promise<ImageRow[]> {
  return ids.length === 0 ? [] : (await reader.rows<RawImage>(selectByIds(ids))).map(toImageRow);
}

/** How each listing is ordered; `key` is the column stored in the cursor. */
const ORDERS = {
  NEWEST: { key: 'createdAt', direction: 'DESC' },
  OLDEST: { key: 'createdAt', direction: 'ASC' },
  TITLE: { key: 'titleOrder', direction: 'ASC' },
  TAKEN_NEWEST: { key: 'takenKey', direction: 'DESC' },
  TAKEN_OLDEST: { key: 'takenKey', direction: 'ASC' },
} as const satisfies Record<Exclude<ImageOrder, 'ALBUM'>, object>;

/** Where the rows of a listing come from, and the column that orders them. */
interface Source {
  readonly from: Prisma.Sql;
  readonly column: Prisma.Sql;
  readonly direction: 'ASC' | 'DESC';
  /** What of the filter is left to test on them. */
  readonly rest: ImageFilter;
}

function sourceOf(orderBy: ImageOrder, filter: ImageFilter): Source {
  const { albumId, among, ...rest } = filter;
  if (orderBy !== 'ALBUM') {
    const { key, direction } = ORDERS[orderBy];
    return { from: Prisma.sql`images AS i`, column: Prisma.raw(`i.${key}`), direction, rest: filter };
  }
  if (among !== undefined) {
    return {
      rest: { ...rest, albumId },
      from: Prisma.sql`json_each(${jsonList(among)}) AS a JOIN images AS i ON i.id = a.value`,
      // As text of fixed length, like keys of cursors.
      column: Prisma.sql`printf('%010d', a.key)`,
      direction: 'ASC',
    };
  }
  if (albumId === undefined) {
    const rule = 'a filter with an album beside the order ALBUM';
    throw new AppError('BAD_USER_INPUT', `Expected ${rule}`, { details: { path: 'orderBy', rule } });
  }
  return {
    rest,
    // CROSS JOIN keeps SQLite to this order: along the positions, as far as the page goes.
    from: Prisma.sql`album_images AS a CROSS JOIN images AS i ON i.id = a.imageId AND a.albumId = ${albumId}`,
    column: Prisma.sql`a.position`,
    direction: 'ASC',
  };
}

/**
 * Reads only the order, since most rows are cached in memory.
 * @param held the number of all pictures, and rows by id
 */
export async function listImages(
  reader: Reader,
  { filter = {}, orderBy, ...page }: ImagePage,
  held: { count: () => Promise<number>; byIds: (ids: readonly number[]) => Promise<ImageRow[]> },
): Promise<Page<ImageRow>> {
  const { from, column, direction, rest } = sourceOf(orderBy, filter);
  const conditions = conditionsOf(rest);
  const listing: Listing<Position<number>, number, number> = {
    name: orderBy,
    isId: isRowId,
    columns: Prisma.sql`i.id, ${column} AS key`,
    from: (more) => Prisma.sql`FROM ${from} ${where([...conditions, ...more])}`,
    column,
    idColumn: Prisma.sql`i.id`,
    direction,
    positionOf: (position) => position,
    toRow: ({ id }) => id,
    ...(conditions.length === 0 && orderBy !== 'ALBUM' && { count: held.count }),
  };
  const { edges, ...ends } = await readPage(reader, listing, page);
  const rows = new Map((await held.byIds(edges.map(({ node }) => node))).map((row) => [row.id, row]));
  const shown = edges.map(({ cursor, node }) => ({ cursor, node: rows.get(node) }));
  const isThere = (edge: (typeof shown)[number]): edge is { cursor: string; node: ImageRow } =>
    edge.node !== undefined; // removed meanwhile
  return { ...ends, edges: shown.filter(isThere) };
}

/** Reads the ids as one JSON text: parsing it is far cheaper than ten thousand rows of one number. */
export async function idsMatching(reader: Reader, filter: ImageFilter): Promise<Set<number>> {
  const [all] = await reader.rows<{ ids: string }>(Prisma.sql`
    SELECT json_group_array(i.id) AS ids FROM images AS i ${where(conditionsOf(filter))}`);
  return new Set(JSON.parse(all?.ids ?? '[]') as number[]);
}

export async function countImages(db: Database): Promise<number> {
  return db.image.count();
}

export async function countStored(db: Database): Promise<number> {
  return db.image.count({ where: { stored: true } });
}

export async function* hashes(
  db: Database,
  pageSize: number,
): AsyncGenerator<{ id: number; sha256: string; format: string }[]> {
  for (let after = 0; ; await yieldToEventLoop()) {
    const page = await db.image.findMany({
      select: { id: true, sha256: true, format: true },
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: pageSize,
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id ?? after;
  }
}

export async function tagImages(
  db: Database,
  ids: readonly number[],
  add: readonly string[],
  remove: readonly string[],
): Promise<ImageRow[]> {
  const wanted = jsonList([...new Set(ids)]);
  return db.$transaction(async (tx) => {
    await assertImages(tx, ids);
    await tx.$executeRaw`
      INSERT OR IGNORE INTO image_tags (imageId, key, tag)
      SELECT w.value, t.value->>0, t.value->>1 FROM json_each(${wanted}) AS w, json_each(${keysAndTags(add)}) AS t`;
    await tx.$executeRaw`
      DELETE FROM image_tags
      WHERE imageId IN (SELECT value FROM json_each(${wanted})) AND key IN (SELECT value FROM json_each(${jsonList(remove.map(foldText))}))`;
    return (await tx.$queryRaw<RawImage[]>(selectByIds(ids))).map(toImageRow);
  });
}

export async function updateImage(
  db: Database,
  id: number,
  { title, tags, rating, favorite }: ImageWords,
): Promise<ImageRow | null> {
  const sets: Prisma.Sql[] = [];
  if (title !== undefined)
    sets.push(Prisma.sql`title = ${title}, titleKey = ${foldText(title)}, titleOrder = ${naturalKey(title)}`);
  if (rating !== undefined) sets.push(Prisma.sql`rating = ${rating}`);
  if (favorite !== undefined) sets.push(Prisma.sql`favorite = ${favorite}`);
  return db.$transaction(async (tx) => {
    if (sets.length > 0) await tx.$executeRaw`UPDATE images SET ${Prisma.join(sets)} WHERE id = ${id}`;
    if (tags !== undefined) {
      await tx.$executeRaw`DELETE FROM image_tags WHERE imageId = ${id}`;
      await tx.$executeRaw`
        INSERT OR IGNORE INTO image_tags (imageId, key, tag)
        SELECT i.id, value->>0, value->>1 FROM json_each(${keysAndTags(tags)}), images AS i WHERE i.id = ${id}`;
    }
    const [row] = await tx.$queryRaw<RawImage[]>(selectByIds([id]));
    return row === undefined ? null : toImageRow(row);
  });
}

export async function removeImages(db: Database, ids: readonly number[]): Promise<ImageRow[]> {
  const unique = [...new Set(ids)];
  const [rows] = await db.$transaction([
    db.$queryRaw<RawImage[]>(selectByIds(unique)),
    // The next scan must not add the remaining files again.
    db.$executeRaw`UPDATE library_files SET state = 'REMOVED' WHERE sha256 IN (
      SELECT sha256 FROM images WHERE id IN (SELECT value FROM json_each(${jsonList(unique)})))`,
    db.$executeRaw`DELETE FROM images WHERE id IN (SELECT value FROM json_each(${jsonList(unique)}))`,
  ]);
  return rows.map(toImageRow);
}

export function tagCounts(reader: Reader): Promise<TagCountRow[]> {
  return reader.rows<TagCountRow>(Prisma.sql`
    SELECT min(tag) AS tag, count(*) AS count FROM image_tags GROUP BY key ORDER BY count DESC, min(tag)`);
}
