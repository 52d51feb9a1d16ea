import { Prisma } from './generated/client.js';
import { jsonList } from './sql.js';
import type { ImageRow } from './types.js';

/** As Prisma gives it, and as the reader does. */
export type RawImage = Omit<ImageRow, 'tags' | 'createdAt' | 'stored' | 'missing'> & {
  readonly createdAt: Date | string;
  readonly stored: boolean | number;
  readonly missing: boolean | number;
  readonly tags: string;
};

/** Of `images AS i`. One statement gives rows with their tags; through relations it would be two and a join here. */
export const COLUMNS = Prisma.sql`i.id, i.sha256, i.title, i.width, i.height, i.format, i.bytes, i.createdAt, i.stored, i.missing, i.version,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM image_tags WHERE imageId = i.id ORDER BY tag)) AS tags`;

export function toImageRow({ createdAt, stored, missing, tags, ...row }: RawImage): ImageRow {
  return {
    ...row,
    createdAt: new Date(createdAt),
    stored: Boolean(stored),
    missing: Boolean(missing),
    tags: tags === '[]' ? [] : (JSON.parse(tags) as string[]),
  };
}

/** Rows in the order of the ids. */
export const selectByIds = (ids: readonly number[]) => Prisma.sql`
  SELECT ${COLUMNS} FROM json_each(${jsonList(ids)}) AS wanted JOIN images AS i ON i.id = wanted.value
  ORDER BY wanted.key`;

export const selectByHash = (sha256: string) =>
  Prisma.sql`SELECT ${COLUMNS} FROM images AS i WHERE i.sha256 = ${sha256}`;
