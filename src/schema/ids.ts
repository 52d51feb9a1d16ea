import { albumNotFound, AppError } from '../errors.js';

/** A GraphQL ID as a row id, or null when it cannot be one. */
export function parseId(id: string): number | null {
  return /^[1-9]\d{0,9}$/.test(id) && Number(id) <= 0xffffffff ? Number(id) : null;
}

const ALBUM = 'album-';

export const albumId = (id: number): string => `${ALBUM}${id}`;

/** Null if it cannot be the id of an album. */
export function parseAlbumId(id: string): number | null {
  return id.startsWith(ALBUM) ? parseId(id.slice(ALBUM.length)) : null;
}

/** @throws AppError ALBUM_NOT_FOUND for an ID that cannot be an album's */
export function albumRowId(id: string): number {
  const parsed = parseAlbumId(id);
  if (parsed === null) throw albumNotFound();
  return parsed;
}

/** @throws AppError IMAGE_NOT_FOUND for an ID that cannot be a row's */
export function rowId(id: string): number {
  const parsed = parseId(id);
  if (parsed === null) throw notFound('No picture of the gallery has this id.', [id]);
  return parsed;
}

/** @throws AppError IMAGE_NOT_FOUND when one of them cannot be a row's */
export function rowIds(ids: readonly string[]): number[] {
  const parsed = ids.map(parseId);
  const rows = parsed.filter((id) => id !== null);
  if (rows.length < ids.length) {
    const impossible = ids.filter((_, i) => parsed[i] === null);
    throw notFound('No picture of the gallery has one of these ids.', impossible);
  }
  return rows;
}

/** Names the first 20; a text that does not look like an id is not repeated. */
function notFound(message: string, ids: readonly string[]): AppError {
  const named = ids.filter((id) => /^[\w-]{1,64}$/.test(id)).slice(0, 20);
  return new AppError('IMAGE_NOT_FOUND', message, named.length > 0 ? { details: { ids: named } } : {});
}
