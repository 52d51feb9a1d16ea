import { generateNKeysBetween } from 'fractional-indexing';
import { albumNotFound } from '../../errors.js';
import { isRowId, type Page, type PageRequest } from '../../lib/cursor.js';
import { foldText } from '../../lib/text.js';
import { COLUMNS, smartColumns, toAlbumRow, type RawAlbum } from './album-rows.js';
import type { AlbumPlace, AlbumRow, ChangedAlbum, NewAlbum } from './album-types.js';
import { where } from './filter.js';
import { Prisma } from './generated/client.js';
import { assertImages, imagesNotFound } from './known-images.js';
import { readPage, type Listing } from './keyset.js';
import type { Reader } from './reader.js';
import { jsonList, sqlTime, type Database } from './sql.js';

type Transaction = Pick<Database, '$queryRaw' | '$executeRaw'>;

/** Repeated moves to the same place lengthen keys; beyond this, all keys of the album are rewritten. */
const LONGEST_KEY = 64;

const selectByIds = (ids: readonly number[]): Prisma.Sql => Prisma.sql`
  SELECT ${COLUMNS} FROM json_each(${jsonList(ids)}) AS wanted JOIN albums AS a ON a.id = wanted.value
  ORDER BY wanted.key`;

export async function listAlbums(reader: Reader, page: PageRequest): Promise<Page<AlbumRow>> {
  const listing: Listing<RawAlbum, AlbumRow, number> = {
    name: 'ALBUMS',
    isId: isRowId,
    columns: COLUMNS,
    from: (more) => Prisma.sql`FROM albums AS a ${where([...more])}`,
    column: Prisma.sql`a.nameKey`,
    idColumn: Prisma.sql`a.id`,
    direction: 'ASC',
    positionOf: ({ nameKey, id }) => ({ key: nameKey, id: Number(id) }),
    toRow: toAlbumRow,
  };
  return readPage(reader, listing, page);
}

export async function countAlbums(reader: Reader): Promise<number> {
  const [row] = await reader.rows<{ count: number }>(Prisma.sql`SELECT count(*) AS count FROM albums`);
  return row?.count ?? 0;
}

export async function albumsByIds(reader: Reader, ids: readonly number[]): Promise<AlbumRow[]> {
  return ids.length === 0 ? [] : (await reader.rows<RawAlbum>(selectByIds(ids))).map(toAlbumRow);
}

export async function albumsOfImage(reader: Reader, imageId: number, limit: number): Promise<AlbumRow[]> {
  const rows = await reader.rows<RawAlbum>(Prisma.sql`
    SELECT ${COLUMNS} FROM album_images AS m JOIN albums AS a ON a.id = m.albumId
    WHERE m.imageId = ${imageId} ORDER BY a.nameKey, a.id LIMIT ${limit}`);
  return rows.map(toAlbumRow);
}

export function createAlbum(db: Database, album: NewAlbum, imageIds: readonly number[]): Promise<AlbumRow> {
  const { query, vector, thumbnail, thumbnailType } = smartColumns(album);
  const now = sqlTime(new Date());
  return db.$transaction(async (tx) => {
    await assertImages(tx, imageIds);
    const [added] = await tx.$queryRaw<{ id: number }[]>`
      INSERT INTO albums (name, nameKey, createdAt, updatedAt, query, vector, thumbnail, thumbnailType)
      VALUES (${album.name}, ${foldText(album.name)}, ${now}, ${now}, ${query}, ${vector}, ${thumbnail}, ${thumbnailType})
      RETURNING id`;
    const id = Number(added?.id);
    await put(tx, id, imageIds, null);
    return rowOf(tx, id);
  });
}

export function updateAlbum(
  db: Database,
  id: number,
  { name, coverId }: { readonly name?: string; readonly coverId?: number },
): Promise<AlbumRow> {
  return db.$transaction(async (tx) => {
    const { smart } = await rowOf(tx, id);
    if (name !== undefined)
      await tx.$executeRaw`UPDATE albums SET name = ${name}, nameKey = ${foldText(name)} WHERE id = ${id}`;
    if (coverId !== undefined) {
      // The cover of a smart album may be any picture of the gallery.
      await (smart === null ? assertMembers(tx, id, [coverId]) : assertImages(tx, [coverId]));
      await tx.$executeRaw`UPDATE albums SET coverId = ${coverId} WHERE id = ${id}`;
    }
    return touched(tx, id);
  });
}

export async function removeAlbum(db: Database, id: number): Promise<boolean> {
  return (await db.$executeRaw`DELETE FROM albums WHERE id = ${id}`) > 0;
}

export function addToAlbum(
  db: Database,
  id: number,
  { imageIds, before }: AlbumPlace,
): Promise<ChangedAlbum> {
  return db.$transaction(async (tx) => {
    await rowOf(tx, id);
    await assertImages(tx, imageIds);
    const there = new Set(await membersAmong(tx, id, imageIds));
    const added = [...new Set(imageIds)].filter((imageId) => !there.has(imageId));
    await put(tx, id, added, before);
    return { album: await touched(tx, id), count: added.length };
  });
}

export function moveInAlbum(db: Database, id: number, { imageIds, before }: AlbumPlace): Promise<AlbumRow> {
  return db.$transaction(async (tx) => {
    await rowOf(tx, id);
    const moved = [...new Set(imageIds)];
    await assertMembers(tx, id, moved);
    await tx.$executeRaw`
      DELETE FROM album_images WHERE albumId = ${id} AND imageId IN (SELECT value FROM json_each(${jsonList(moved)}))`;
    await put(tx, id, moved, before);
    return touched(tx, id);
  });
}

export function takeFromAlbum(db: Database, id: number, imageIds: readonly number[]): Promise<ChangedAlbum> {
  return db.$transaction(async (tx) => {
    await rowOf(tx, id);
    const taken = jsonList(imageIds);
    const count = await tx.$executeRaw`
      DELETE FROM album_images WHERE albumId = ${id} AND imageId IN (SELECT value FROM json_each(${taken}))`;
    await tx.$executeRaw`
      UPDATE albums SET coverId = NULL
      WHERE id = ${id} AND query IS NULL AND coverId IN (SELECT value FROM json_each(${taken}))`;
    return { album: await touched(tx, id), count };
  });
}

/** @throws AppError ALBUM_NOT_FOUND */
async function rowOf(tx: Transaction, id: number): Promise<AlbumRow> {
  const [row] = await tx.$queryRaw<RawAlbum[]>(selectByIds([id]));
  if (row === undefined) throw albumNotFound();
  return toAlbumRow(row);
}

async function touched(tx: Transaction, id: number): Promise<AlbumRow> {
  await tx.$executeRaw`UPDATE albums SET updatedAt = ${sqlTime(new Date())} WHERE id = ${id}`;
  return rowOf(tx, id);
}

async function membersAmong(tx: Transaction, id: number, imageIds: readonly number[]): Promise<number[]> {
  const rows = await tx.$queryRaw<{ imageId: number }[]>`
    SELECT imageId FROM album_images WHERE albumId = ${id} AND imageId IN (SELECT value FROM json_each(${jsonList(imageIds)}))`;
  return rows.map(({ imageId }) => Number(imageId));
}

/** @throws AppError IMAGE_NOT_FOUND */
async function assertMembers(tx: Transaction, id: number, imageIds: readonly number[]): Promise<void> {
  const there = new Set(await membersAmong(tx, id, imageIds));
  const unknown = imageIds.filter((imageId) => !there.has(imageId));
  if (unknown.length > 0) throw imagesNotFound('The album has no picture with one of these ids.', unknown);
}

/** Inserts new pictures directly before one of the list, or at the end, without rewriting others. */
async function put(
  tx: Transaction,
  id: number,
  imageIds: readonly number[],
  before: number | null,
): Promise<void> {
  if (before !== null) await assertMembers(tx, id, [before]);
  if (imageIds.length === 0) return;
  const [around] = await tx.$queryRaw<{ below: string | null; above: string | null }[]>`
    WITH next AS (SELECT position FROM album_images WHERE albumId = ${id} AND imageId = ${before})
    SELECT (SELECT position FROM next) AS above,
      (SELECT max(position) FROM album_images
       WHERE albumId = ${id} AND (${before} IS NULL OR position < (SELECT position FROM next))) AS below`;
  const keys = generateNKeysBetween(around?.below, around?.above, imageIds.length);
  await tx.$executeRaw`
    INSERT INTO album_images (albumId, imageId, position)
    SELECT ${id}, value->>0, value->>1 FROM json_each(${JSON.stringify(imageIds.map((imageId, i) => [imageId, keys[i]]))})`;
  if (keys.some((key) => key.length > LONGEST_KEY)) await spread(tx, id);
}

/** Rewrites the keys as short as possible, in the same order. */
async function spread(tx: Transaction, id: number): Promise<void> {
  const rows = await tx.$queryRaw<{ imageId: number }[]>`
    SELECT imageId FROM album_images WHERE albumId = ${id} ORDER BY position`;
  const keys = generateNKeysBetween(null, null, rows.length);
  await tx.$executeRaw`DELETE FROM album_images WHERE albumId = ${id}`;
  await tx.$executeRaw`
    INSERT INTO album_images (albumId, imageId, position)
    SELECT ${id}, value->>0, value->>1 FROM json_each(${JSON.stringify(rows.map(({ imageId }, i) => [Number(imageId), keys[i]]))})`;
}
