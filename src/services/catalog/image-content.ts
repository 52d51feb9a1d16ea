import { Prisma } from './generated/client.js';
import { selectByHash, selectByIds, toImageRow, type RawImage } from './image-rows.js';
import { jsonList, type Database } from './sql.js';
import type { ImageContent, ImageRow, NewVector } from './types.js';
import { bytesOf } from './vectors.js';

/** Where the files of pictures are: in the media folder, in libraries, or nowhere at the moment. */

/** @returns whether the picture is there and has this content still */
export async function setStored(db: Database, id: number, sha256: string): Promise<boolean> {
  const changed = await db.$executeRaw`
    UPDATE images SET stored = true, missing = false WHERE id = ${id} AND sha256 = ${sha256}`;
  return changed > 0;
}

/** Null when there is no picture `id` with content `before` that is not stored, or another one has this content. */
export async function replaceContent(
  db: Database,
  { id, before }: { readonly id: number; readonly before: string },
  { sha256, width, height, format, bytes }: ImageContent,
  vectors: readonly NewVector[],
): Promise<ImageRow | null> {
  return db.$transaction(async (tx) => {
    const [other] = await tx.$queryRaw<RawImage[]>(selectByHash(sha256));
    if (other !== undefined) return null;
    const changed = await tx.$executeRaw`
      UPDATE images SET sha256 = ${sha256}, width = ${width}, height = ${height}, format = ${format}, bytes = ${bytes},
        version = version + 1, missing = false WHERE id = ${id} AND sha256 = ${before} AND NOT stored`;
    if (changed === 0) return null;
    await tx.$executeRaw`DELETE FROM vectors WHERE imageId = ${id}`;
    await tx.$executeRaw`DELETE FROM embedding_failures WHERE imageId = ${id}`;
    for (const { spaceId, vector } of vectors) {
      await tx.$executeRaw`
        INSERT INTO vectors (imageId, spaceId, data) VALUES (${id}, ${spaceId}, ${bytesOf(vector)})`;
    }
    const [row] = await tx.$queryRaw<RawImage[]>(selectByIds([id]));
    return row === undefined ? null : toImageRow(row);
  });
}

const IS_MISSING = Prisma.sql`(NOT stored AND NOT EXISTS (
  SELECT 1 FROM library_files AS f WHERE f.sha256 = images.sha256 AND f.state = 'PRESENT'))`;

/** `missing` as stored files and libraries are now. @returns the pictures for which that changed */
export async function settleMissing(db: Database, sha256s: readonly string[]): Promise<ImageRow[]> {
  return db.$transaction(async (tx) => {
    const changed = await tx.$queryRaw<{ id: number }[]>`
      UPDATE images SET missing = ${IS_MISSING}
      WHERE sha256 IN (SELECT value FROM json_each(${jsonList(sha256s)})) AND missing <> ${IS_MISSING} RETURNING id`;
    const ids = changed.map(({ id }) => Number(id));
    return ids.length === 0 ? [] : (await tx.$queryRaw<RawImage[]>(selectByIds(ids))).map(toImageRow);
  });
}
