import { foldText, naturalKey } from '../../lib/text.js';
import { valuesOf, WRITTEN_COLUMNS } from './camera-facts.js';
import { Refusal, whenFree, type Connection, type OpenTransaction } from './connection.js';
import { COLUMNS, toImageRow, type RawImage } from './image-rows.js';
import { keysAndTags } from './images.js';
import { sqlTime } from './sql.js';
import type { CreatedImage, NewPicture } from './types.js';
import { bytesOf } from './vectors.js';

type Execute = OpenTransaction['execute'];

/**
 * Adds pictures in one transaction, or each in its own if one of them fails. Not through Prisma: its interactive
 * transaction yields to the event loop at each statement, and all other writers wait for the lock meanwhile.
 * @returns the result of each, in order; committed when this resolves
 */
export async function createImages(
  connection: Connection,
  pictures: readonly NewPicture[],
): Promise<PromiseSettledResult<CreatedImage>[]> {
  if (pictures.length === 0) return [];
  const createAll = (some: readonly NewPicture[]): Promise<CreatedImage[]> =>
    whenFree(() => connection.atOnce((execute) => some.map((picture) => createImage(execute, picture))));
  try {
    const created = await createAll(pictures);
    return created.map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    // Trying again does not help against another program's lock, or with a single picture.
    const isBusy = reason instanceof Refusal && reason.reason.code === 'SERVER_BUSY';
    if (isBusy || pictures.length === 1) return pictures.map(() => ({ status: 'rejected', reason }));
    return (await Promise.all(pictures.map((picture) => Promise.allSettled([createAll([picture])])))).map(
      ([result]) =>
        result.status === 'rejected' ? result : { status: 'fulfilled', value: result.value[0]! },
    );
  }
}

const NEW_COLUMNS = [
  ...[
    'sha256',
    'title',
    'titleKey',
    'titleOrder',
    'width',
    'height',
    'format',
    'bytes',
    'createdAt',
    'stored',
  ],
  ...['rating', 'favorite', ...WRITTEN_COLUMNS],
];
const INSERT = `INSERT INTO images (${NEW_COLUMNS.join(', ')}) VALUES (${NEW_COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (sha256) DO NOTHING RETURNING id`;

/** Inserts a row unless one has the same hash, which keeps its title and tags. Then adds the vectors that it lacks. */
function createImage(execute: Execute, { image, vectors }: NewPicture): CreatedImage {
  const { sha256, title, width, height, format, bytes, tags, stored = true, written, before } = image;
  const createdAt = sqlTime(before?.createdAt ?? new Date());
  const rating = before === undefined ? (written?.facts.rating ?? null) : before.rating;
  const inserted = execute(INSERT, [
    ...[sha256, title, foldText(title), naturalKey(title), width, height, format, bytes, createdAt, stored],
    ...[rating, before?.favorite ?? false, ...valuesOf(written, createdAt)],
  ]).rows[0]?.[0] as bigint | undefined;
  if (inserted !== undefined && tags.length > 0) {
    execute(
      `INSERT OR IGNORE INTO image_tags (imageId, key, tag) SELECT ?, value->>0, value->>1 FROM json_each(?)`,
      [inserted, keysAndTags(tags)],
    );
  }
  if (inserted === undefined && stored)
    execute('UPDATE images SET stored = true, missing = false WHERE sha256 = ? AND NOT stored', [sha256]);
  const row = rowOf(execute, sha256);
  for (const { spaceId, vector } of vectors) {
    execute(`INSERT INTO vectors (imageId, spaceId, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, [
      row.id,
      spaceId,
      bytesOf(vector),
    ]);
  }
  return { image: row, created: inserted !== undefined };
}

function rowOf(execute: Execute, sha256: string): CreatedImage['image'] {
  const { columns, rows } = execute(`SELECT ${COLUMNS.sql} FROM images AS i WHERE i.sha256 = ?`, [sha256]);
  const values = (rows[0] ?? []).map((value) => (typeof value === 'bigint' ? Number(value) : value));
  return toImageRow(
    Object.fromEntries(columns.map((column, i) => [column, values[i]])) as unknown as RawImage,
  );
}
