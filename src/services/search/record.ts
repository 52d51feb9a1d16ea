import type { NewSearchRecord, RecordedQuery } from '../catalog/search-types.js';
import { primaryOf } from './query.js';
import type { Match, PictureSubject, Query } from './types.js';

/** At most this many matches of a search are kept. */
const KEPT_MATCHES = 24;

/** What the history keeps of a search. */
export function recordOfSearch(
  id: string,
  visitorId: string,
  query: Query<PictureSubject>,
  matches: readonly Match[],
  totalMs: number,
): NewSearchRecord {
  const { subject } = query;
  const { model } = primaryOf(query);
  const thumbnail = subject.embedding?.thumbnail ?? null;
  return {
    id,
    visitorId,
    createdAt: new Date(),
    modelId: model.id,
    spaceId: model.spaceId,
    queryImageId: subject.kind === 'image' ? subject.image.id : null,
    thumbnail,
    thumbnailType: thumbnail && 'image/jpeg',
    totalMs,
    matches: matches
      .slice(0, KEPT_MATCHES)
      .map(({ image, similarity }) => ({ imageId: image.id, similarity })),
    query: recordOfQuery(query),
  };
}

/** Null for a gallery picture, which need not be kept twice. */
function recordOfQuery(query: Query<PictureSubject>): RecordedQuery | null {
  const { subject } = query;
  if (subject.kind === 'image') return null;
  const { width, height, format, bytes, sha256 } = subject.facts;
  return { width, height, format, bytes, sha256, vector: primaryOf(query).vector, swatch: subject.swatch };
}
