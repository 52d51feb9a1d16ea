import type { NewSearchRecord, RecordedQuery } from '../catalog/types.js';
import type { Match, Query } from './types.js';

/** At most this many matches of a search are kept. */
const KEPT_MATCHES = 24;

/** What the history keeps of a search. */
export const recordOfSearch = (
  id: string,
  visitorId: string,
  query: Query,
  matches: readonly Match[],
  totalMs: number,
): NewSearchRecord => ({
  id,
  visitorId,
  createdAt: new Date(),
  modelId: query.model.id,
  spaceId: query.model.spaceId,
  queryImageId: query.image?.id ?? null,
  thumbnail: query.embedding?.thumbnail ?? null,
  thumbnailType: query.embedding?.thumbnail ? 'image/jpeg' : null,
  totalMs,
  matches: matches.slice(0, KEPT_MATCHES).map(({ image, similarity }) => ({ imageId: image.id, similarity })),
  query: recordOfQuery(query),
});

/** A picture of the gallery is there itself, and need not be kept twice. */
function recordOfQuery(query: Query): RecordedQuery | null {
  const { width, height, format, bytes, sha256, vector, image, swatch } = query;
  return image === null && swatch !== null ? { width, height, format, bytes, sha256, vector, swatch } : null;
}
