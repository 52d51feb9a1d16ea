import { foldText } from '../../lib/text.js';
import { Prisma } from './generated/client.js';
import { jsonList, sqlTime } from './sql.js';
import type { ImageFilter } from './types.js';

/** Every tag's key once, by a jump in the index for each: there are far fewer tags than rows that have them. */
const DISTINCT_TAGS = Prisma.sql`
  WITH RECURSIVE distinct_tags(key) AS (
    SELECT min(key) FROM image_tags
    UNION ALL
    SELECT (SELECT min(key) FROM image_tags WHERE key > distinct_tags.key) FROM distinct_tags WHERE key IS NOT NULL
  ) SELECT key FROM distinct_tags`;

/** Files of libraries that belong to pictures. */
const IN_GALLERY = Prisma.sql`state IN ('PRESENT', 'MISSING')`;

/** The conditions of a filter on `images AS i`, to be joined by AND; none for a filter that everything passes. */
export function conditionsOf({
  tags,
  anyTags,
  createdAfter,
  createdBefore,
  text,
  libraryId,
  missing,
  albumId,
  among,
}: ImageFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  for (const tag of tags ?? []) {
    conditions.push(Prisma.sql`i.id IN (SELECT imageId FROM image_tags WHERE key = ${foldText(tag)})`);
  }
  if (anyTags?.length) {
    conditions.push(
      Prisma.sql`i.id IN (SELECT imageId FROM image_tags WHERE key IN (SELECT value FROM json_each(${jsonList(anyTags.map(foldText))})))`,
    );
  }
  if (createdAfter) conditions.push(Prisma.sql`i.createdAt >= ${sqlTime(createdAfter)}`);
  if (createdBefore) conditions.push(Prisma.sql`i.createdAt < ${sqlTime(createdBefore)}`);
  if (text) {
    // instr, not LIKE: no wildcard to escape, and LIKE folds ASCII only.
    const part = foldText(text);
    conditions.push(
      Prisma.sql`(instr(i.titleKey, ${part}) > 0 OR i.id IN (
        SELECT imageId FROM image_tags WHERE key IN (${DISTINCT_TAGS} WHERE instr(key, ${part}) > 0))
        OR i.sha256 IN (SELECT sha256 FROM library_files WHERE ${IN_GALLERY} AND instr(pathKey, ${part}) > 0))`,
    );
  }
  if (libraryId !== undefined) {
    conditions.push(
      Prisma.sql`i.sha256 IN (SELECT sha256 FROM library_files WHERE ${IN_GALLERY} AND libraryId = ${libraryId})`,
    );
  }
  if (missing !== undefined) conditions.push(Prisma.sql`i.missing = ${missing ? 1 : 0}`);
  if (albumId !== undefined)
    conditions.push(Prisma.sql`i.id IN (SELECT imageId FROM album_images WHERE albumId = ${albumId})`);
  if (among !== undefined)
    conditions.push(Prisma.sql`i.id IN (SELECT value FROM json_each(${jsonList(among)}))`);
  return conditions;
}

/** `WHERE …`, or nothing. */
export function where(conditions: Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
}
