import type { Exposure, Place } from '../media/facts/types.js';
import { takenOf } from './camera-facts.js';
import { Prisma } from './generated/client.js';
import { jsonList } from './sql.js';
import type { ImageRow, TakenFrom } from './types.js';

/** Parts of a row that are objects. */
interface RawFacts {
  readonly takenKey: string;
  readonly takenLocal: string | null;
  readonly takenOffset: number | null;
  readonly takenFrom: TakenFrom;
  readonly exposureTime: number | null;
  readonly fNumber: number | null;
  readonly iso: number | null;
  readonly focalLength: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly altitude: number | null;
}

/** A row as Prisma or the reader returns it. */
export type RawImage = Omit<
  ImageRow,
  'tags' | 'createdAt' | 'stored' | 'missing' | 'favorite' | 'taken' | 'exposure' | 'place'
> &
  RawFacts & {
    readonly createdAt: Date | string;
    readonly stored: boolean | number;
    readonly missing: boolean | number;
    readonly favorite: boolean | number;
    readonly tags: string;
  };

/** Columns of `images AS i`. One statement returns rows with their tags; Prisma's relations would take two and a join here. */
export const COLUMNS = Prisma.sql`i.id, i.sha256, i.title, i.width, i.height, i.format, i.bytes, i.createdAt, i.stored, i.missing, i.version,
  i.takenKey, i.takenLocal, i.takenOffset, i.takenFrom, i.camera, i.lens, i.exposureTime, i.fNumber, i.iso, i.focalLength,
  i.latitude, i.longitude, i.altitude, i.rating, i.favorite,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM image_tags WHERE imageId = i.id ORDER BY tag)) AS tags`;

export function toImageRow({ createdAt, stored, missing, favorite, tags, ...raw }: RawImage): ImageRow {
  const { takenKey, takenLocal, takenOffset, takenFrom, ...others } = raw;
  const { exposureTime, fNumber, iso, focalLength, latitude, longitude, altitude, ...row } = others;
  return {
    ...row,
    createdAt: new Date(createdAt),
    stored: Boolean(stored),
    missing: Boolean(missing),
    favorite: Boolean(favorite),
    taken: takenOf(takenKey, takenLocal, takenOffset, takenFrom),
    exposure: exposureOf({ time: exposureTime, fNumber, iso, focalLength }),
    place: placeOf(latitude, longitude, altitude),
    tags: tags === '[]' ? [] : (JSON.parse(tags) as string[]),
  };
}

function exposureOf(exposure: Exposure): Exposure | null {
  return Object.values(exposure).every((value) => value === null) ? null : exposure;
}

function placeOf(latitude: number | null, longitude: number | null, altitude: number | null): Place | null {
  return latitude === null || longitude === null ? null : { latitude, longitude, altitude };
}

/** Rows in the order of the ids. */
export const selectByIds = (ids: readonly number[]) => Prisma.sql`
  SELECT ${COLUMNS} FROM json_each(${jsonList(ids)}) AS wanted JOIN images AS i ON i.id = wanted.value
  ORDER BY wanted.key`;

export const selectByHash = (sha256: string) =>
  Prisma.sql`SELECT ${COLUMNS} FROM images AS i WHERE i.sha256 = ${sha256}`;
