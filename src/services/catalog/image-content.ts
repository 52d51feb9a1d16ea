import { writtenSet } from './camera-facts.js';
import { Prisma } from './generated/client.js';
import { selectByHash, selectByIds, toImageRow, type RawImage } from './image-rows.js';
import { keysAndTags } from './images.js';
import { jsonList, type Database } from './sql.js';
import type { ImageContent, ImageRow, LateFacts } from './types.js';
import type { NewVector } from './vector-types.js';
import { bytesOf } from './vectors.js';

/** Where the files of pictures are: in the media folder, in libraries, or currently nowhere. */

/** @returns whether the picture still exists with this content */
export async function setStored(db: Database, id: number, sha256: string): Promise<boolean> {
  const changed = await db.$executeRaw`
    UPDATE images SET stored = true, missing = false WHERE id = ${id} AND sha256 = ${sha256}`;
  return changed > 0;
}

/** Null if there is no picture `id` that has the content `before` and is not stored, or if another one has the new content. */
export async function replaceContent(
  db: Database,
  { id, before }: { readonly id: number; readonly before: string },
  { sha256, width, height, format, bytes, written, tags }: ImageContent,
  vectors: readonly NewVector[],
): Promise<ImageRow | null> {
  return db.$transaction(async (tx) => {
    const [other] = await tx.$queryRaw<RawImage[]>(selectByHash(sha256));
    if (other !== undefined) return null;
    const changed = await tx.$executeRaw`
      UPDATE images SET sha256 = ${sha256}, width = ${width}, height = ${height}, format = ${format}, bytes = ${bytes},
        version = version + 1, missing = false, ${writtenSet(written)},
        rating = coalesce(${written.facts.rating}, rating) WHERE id = ${id} AND sha256 = ${before} AND NOT stored`;
    if (changed === 0) return null;
    await tx.$executeRaw`DELETE FROM vectors WHERE imageId = ${id}`;
    await tx.$executeRaw`DELETE FROM embedding_failures WHERE imageId = ${id}`;
    for (const { spaceId, vector } of vectors) {
      await tx.$executeRaw`
        INSERT INTO vectors (imageId, spaceId, data) VALUES (${id}, ${spaceId}, ${bytesOf(vector)})`;
    }
    await tx.$executeRaw`
      INSERT OR IGNORE INTO image_tags (imageId, key, tag)
      SELECT ${id}, value->>0, value->>1 FROM json_each(${keysAndTags(tags)})`;
    const [row] = await tx.$queryRaw<RawImage[]>(selectByIds([id]));
    return row === undefined ? null : toImageRow(row);
  });
}

/** Writes what was read from files of existing pictures. A rating counts only when the file is read for the first time. */
export async function putFacts(db: Database, read: readonly LateFacts[]): Promise<ImageRow[]> {
  return db.$transaction(async (tx) => {
    for (const { id, sha256, written } of read) {
      // Where only the place was left out, only that is written: what a side-car said at the import is not read again.
      if (written.withPlace) {
        const { latitude = null, longitude = null, altitude = null } = written.facts.place ?? {};
        await tx.$executeRaw`
          UPDATE images SET latitude = ${latitude}, longitude = ${longitude}, altitude = ${altitude}, factsRead = 2
          WHERE id = ${id} AND sha256 = ${sha256} AND factsRead = 1`;
      }
      await tx.$executeRaw`
        UPDATE images SET ${writtenSet(written)},
          rating = coalesce(rating, ${written.facts.rating})
        WHERE id = ${id} AND sha256 = ${sha256} AND factsRead = 0`;
    }
    return (await tx.$queryRaw<RawImage[]>(selectByIds(read.map(({ id }) => id)))).map(toImageRow);
  });
}

/** Removes the places of all pictures. @returns the ids of those whose place had been read */
export async function forgetPlaces(db: Database): Promise<number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`
    UPDATE images SET latitude = NULL, longitude = NULL, altitude = NULL, factsRead = 1 WHERE factsRead = 2 RETURNING id`;
  return rows.map(({ id }) => Number(id));
}

const IS_MISSING = Prisma.sql`(NOT stored AND NOT EXISTS (
  SELECT 1 FROM library_files AS f WHERE f.sha256 = images.sha256 AND f.state = 'PRESENT'))`;

/** Sets `missing` from the stored files and libraries. @returns the pictures for which it changed */
export async function settleMissing(db: Database, sha256s: readonly string[]): Promise<ImageRow[]> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$queryRaw<{ id: number }[]>`
      UPDATE images SET missing = ${IS_MISSING}
      WHERE sha256 IN (SELECT value FROM json_each(${jsonList(sha256s)})) AND missing <> ${IS_MISSING} RETURNING id`;
    const ids = changed.map(({ id }) => Number(id));
    return ids.length === 0 ? [] : (await tx.$queryRaw<RawImage[]>(selectByIds(ids))).map(toImageRow);
  });
}
