import { foldText } from '../../lib/text.js';
import { Prisma } from './generated/client.js';
import { jsonList, sqlTime } from './sql.js';
import type { ImageFilter, Orientation } from './types.js';

/** Every distinct tag key, with one index lookup each: there are far fewer tags than rows with tags. */
const DISTINCT_TAGS = Prisma.sql`
  WITH RECURSIVE distinct_tags(key) AS (
    SELECT min(key) FROM image_tags
    UNION ALL
    SELECT (SELECT min(key) FROM image_tags WHERE key > distinct_tags.key) FROM distinct_tags WHERE key IS NOT NULL
  ) SELECT key FROM distinct_tags`;

/** Files of libraries that belong to pictures. */
const IN_GALLERY = Prisma.sql`state IN ('PRESENT', 'MISSING')`;

const SHAPES: Readonly<Record<Orientation, Prisma.Sql>> = {
  LANDSCAPE: Prisma.sql`i.width > i.height`,
  PORTRAIT: Prisma.sql`i.width < i.height`,
  SQUARE: Prisma.sql`i.width = i.height`,
};

const IS_TAGGED = Prisma.sql`EXISTS (SELECT 1 FROM image_tags AS t WHERE t.imageId = i.id)`;

/** The conditions of a filter on `images AS i`, to be joined by AND; empty if the filter lets everything pass. */
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
  ...facts
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
  return [...conditions, ...conditionsOnFacts(facts)];
}

/** Conditions on metadata of the file, and on ratings and favorites. */
function conditionsOnFacts({
  takenAfter,
  takenBefore,
  camera,
  format,
  orientation,
  minPixels,
  favorite,
  minRating,
  tagged,
}: ImageFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (takenAfter) conditions.push(Prisma.sql`i.takenKey >= ${sqlTime(takenAfter)}`);
  if (takenBefore) conditions.push(Prisma.sql`i.takenKey < ${sqlTime(takenBefore)}`);
  if (camera !== undefined) conditions.push(Prisma.sql`i.camera = ${camera}`);
  if (format !== undefined) conditions.push(Prisma.sql`i.format = ${format}`);
  if (orientation !== undefined) conditions.push(SHAPES[orientation]);
  if (minPixels !== undefined) conditions.push(Prisma.sql`i.width * i.height >= ${minPixels}`);
  // An index helps to find the few that are, but would slow down finding the many that are not.
  if (favorite !== undefined)
    conditions.push(favorite ? Prisma.sql`i.favorite = 1` : Prisma.sql`NOT i.favorite`);
  if (minRating !== undefined) conditions.push(Prisma.sql`i.rating >= ${minRating}`);
  if (tagged !== undefined) conditions.push(tagged ? IS_TAGGED : Prisma.sql`NOT ${IS_TAGGED}`);
  return conditions;
}

/** `WHERE …`, or nothing if there are no conditions. */
export function where(conditions: Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
}
