import type { TakenAt } from '../media/facts/types.js';
import { Prisma } from './generated/client.js';
import type { Reader } from './reader.js';
import { sqlTime } from './sql.js';
import type { Taken, TakenFrom, Written } from './types.js';

/** Camera metadata in columns of `images`. */

/** `valuesOf` returns their values in this order. */
export const WRITTEN_COLUMNS = [
  'takenLocal',
  'takenOffset',
  'takenKey',
  'takenFrom',
  'camera',
  'lens',
  'exposureTime',
  'fNumber',
  'iso',
  'focalLength',
  'latitude',
  'longitude',
  'altitude',
  'factsRead',
] as const;

type Value = string | number | null;

/** `factsRead` of a row, by whether its place was to be stored; 0 if the file has not been read. */
const markOf = (withPlace: boolean): number => (withPlace ? 2 : 1);

/** @param createdAt used if neither the picture nor its file has a time */
export function valuesOf(written: Written | undefined, createdAt: string): Value[] {
  const { facts, modifiedAt = null, withPlace } = written ?? {};
  const [takenKey, takenFrom]: [string, TakenFrom] = facts?.taken
    ? [keyOf(facts.taken), 'PICTURE']
    : modifiedAt === null
      ? [createdAt, 'ADDED']
      : [sqlTime(modifiedAt), 'FILE'];
  const place = withPlace === true ? facts?.place : null;
  return [
    facts?.taken?.local ?? null,
    facts?.taken?.offsetMinutes ?? null,
    takenKey,
    takenFrom,
    facts?.camera ?? null,
    facts?.lens ?? null,
    facts?.exposure.time ?? null,
    facts?.exposure.fNumber ?? null,
    facts?.exposure.iso ?? null,
    facts?.exposure.focalLength ?? null,
    place?.latitude ?? null,
    place?.longitude ?? null,
    place?.altitude ?? null,
    withPlace === undefined ? 0 : markOf(withPlace),
  ];
}

/**
 * `column = value, …` for a row that is there. Of one with neither a time of its own nor of its file the time stays: an import
 * knew that of the file, which is not kept.
 */
export function writtenSet(written: Written): Prisma.Sql {
  const isTimeless = written.facts.taken === null && written.modifiedAt === null;
  const values = valuesOf(written, '');
  const sets = WRITTEN_COLUMNS.map((column, i) => Prisma.sql`${Prisma.raw(column)} = ${values[i]}`);
  return Prisma.join(isTimeless ? sets.slice(WRITTEN_COLUMNS.indexOf('camera')) : sets);
}

/** A clock reading in the form of an instant in UTC, of fixed length. */
function keyOf({ local }: TakenAt): string {
  return sqlTime(new Date(`${local}Z`));
}

/** @param takenKey in the form of `keyOf` */
export function takenOf(
  takenKey: string,
  local: string | null,
  offsetMinutes: number | null,
  from: TakenFrom,
): Taken {
  const reading = Date.parse(takenKey);
  return { at: new Date(reading - (offsetMinutes ?? 0) * 60_000), local, offsetMinutes, from };
}

const isUnread = (withPlace: boolean): Prisma.Sql => Prisma.sql`factsRead < ${markOf(withPlace)}`;

export async function countUnread(reader: Reader, withPlace: boolean): Promise<number> {
  const [row] = await reader.rows<{ count: number }>(
    Prisma.sql`SELECT count(*) AS count FROM images WHERE ${isUnread(withPlace)}`,
  );
  return row?.count ?? 0;
}

export async function idsUnread(
  reader: Reader,
  withPlace: boolean,
  afterId: number,
  limit: number,
): Promise<number[]> {
  const rows = await reader.rows<{ id: number }>(Prisma.sql`
    SELECT id FROM images WHERE ${isUnread(withPlace)} AND id > ${afterId} ORDER BY id LIMIT ${limit}`);
  return rows.map(({ id }) => id);
}
