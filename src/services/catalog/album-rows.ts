import type { AlbumRow, NewAlbum, SmartQuery } from './album-types.js';
import { Prisma } from './generated/client.js';
import { bytesOf, vectorOf } from './vectors.js';

/** A row as Prisma or the reader returns it. */
export interface RawAlbum {
  readonly id: number | bigint;
  readonly name: string;
  readonly nameKey: string;
  readonly createdAt: Date | string;
  readonly updatedAt: Date | string;
  readonly coverId: number | bigint | null;
  readonly count: number | bigint;
  readonly query: string | null;
  readonly vector: Uint8Array | null;
  readonly thumbnail: Uint8Array | null;
  readonly thumbnailType: string | null;
}

/** Columns of `albums AS a`. If the cover was removed from its list, the first picture replaces it. */
export const COLUMNS = Prisma.sql`a.id, a.name, a.nameKey, a.createdAt, a.updatedAt, a.query, a.vector, a.thumbnail, a.thumbnailType,
  (SELECT count(*) FROM album_images WHERE albumId = a.id) AS count,
  CASE WHEN a.query IS NOT NULL THEN a.coverId ELSE coalesce(
    (SELECT imageId FROM album_images WHERE albumId = a.id AND imageId = a.coverId),
    (SELECT imageId FROM album_images WHERE albumId = a.id ORDER BY position LIMIT 1)) END AS coverId`;

export function toAlbumRow({ id, name, createdAt, updatedAt, coverId, count, ...smart }: RawAlbum): AlbumRow {
  return {
    id: Number(id),
    name,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    coverId: coverId === null ? null : Number(coverId),
    count: Number(count),
    smart: toSmart(smart),
  };
}

/** The columns of a saved search, all null for a list. */
export function smartColumns({ smart }: NewAlbum) {
  if (smart === null) return { query: null, vector: null, thumbnail: null, thumbnailType: null };
  const { upload, ...query } = smart;
  const stored = { ...query, upload: upload && { spaceId: upload.spaceId } };
  return {
    query: JSON.stringify(stored, encodeDate),
    vector: upload && bytesOf(upload.vector),
    thumbnail: upload && new Uint8Array(upload.thumbnail),
    thumbnailType: upload && upload.thumbnailType,
  };
}

type StoredQuery = Omit<SmartQuery, 'upload'> & { readonly upload: { readonly spaceId: string } | null };

function toSmart({
  query,
  vector,
  thumbnail,
  thumbnailType,
}: Pick<RawAlbum, 'query' | 'vector' | 'thumbnail' | 'thumbnailType'>): SmartQuery | null {
  if (query === null) return null;
  const { upload, ...stored } = JSON.parse(query, decodeDate) as StoredQuery;
  if (upload === null || vector === null || thumbnail === null || thumbnailType === null)
    return { ...stored, upload: null };
  return {
    ...stored,
    upload: { spaceId: upload.spaceId, vector: vectorOf(vector), thumbnail, thumbnailType },
  };
}

/** JSON has no dates: restores the conditions of a filter that are dates. */
function encodeDate(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]; // `value` is already the result of `toJSON`
  return original instanceof Date ? { date: original.toISOString() } : value;
}

function decodeDate(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('date' in value)) return value;
  return typeof value.date === 'string' ? new Date(value.date) : value;
}
