import { Prisma } from './generated/client.js';
import { jsonList, sqlTime } from './sql.js';
import type { ImageFilter } from './types.js';

/** Case and Unicode composition folded away: what titles are ordered by and texts are looked for in. */
export function foldCase(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Every tag once, by a jump in the index for each: there are far fewer tags than rows that have them. */
const DISTINCT_TAGS = Prisma.sql`
  WITH RECURSIVE distinct_tags(tag) AS (
    SELECT min(tag) FROM image_tags
    UNION ALL
    SELECT (SELECT min(tag) FROM image_tags WHERE tag > distinct_tags.tag) FROM distinct_tags WHERE tag IS NOT NULL
  ) SELECT tag FROM distinct_tags`;

/** The conditions of a filter on `images AS i`, to be joined by AND; none for a filter that everything passes. */
export function conditionsOf({
  tags,
  anyTags,
  createdAfter,
  createdBefore,
  text,
}: ImageFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  for (const tag of tags ?? []) {
    conditions.push(Prisma.sql`i.id IN (SELECT imageId FROM image_tags WHERE tag = ${tag})`);
  }
  if (anyTags?.length) {
    conditions.push(
      Prisma.sql`i.id IN (SELECT imageId FROM image_tags WHERE tag IN (SELECT value FROM json_each(${jsonList(anyTags)})))`,
    );
  }
  if (createdAfter) conditions.push(Prisma.sql`i.createdAt >= ${sqlTime(createdAfter)}`);
  if (createdBefore) conditions.push(Prisma.sql`i.createdAt < ${sqlTime(createdBefore)}`);
  if (text) {
    // instr, not LIKE: no wildcard to escape, and LIKE folds ASCII only.
    const part = foldCase(text);
    conditions.push(
      Prisma.sql`(instr(i.titleKey, ${part}) > 0 OR i.id IN (
        SELECT imageId FROM image_tags WHERE tag IN (${DISTINCT_TAGS} WHERE instr(lower(tag), ${part}) > 0)))`,
    );
  }
  return conditions;
}

/** `WHERE …`, or nothing. */
export function where(conditions: Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
}
