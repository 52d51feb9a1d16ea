import type { Catalog, ImageFilter } from '../catalog/types.js';
import { bordersOf, percentileOf, strengthOf } from '../embedding/similarity-scale.js';
import type { SimilarityScales } from '../spaces/similarity-scales.js';
import type { Space } from '../spaces/spaces.js';
import type { Within } from '../vector-index/vector-index.js';
import { isEmpty, normalizeFilter } from './arguments.js';
import type { Match, SearchArgs } from './types.js';

export interface NearestParts {
  readonly catalog: Catalog;
  readonly scales: SimilarityScales;
}

/** @throws AppError BAD_USER_INPUT for an invalid filter, before the search starts */
function withinFilter(catalog: Catalog, asked: ImageFilter): Within {
  const filter = normalizeFilter(asked);
  return { filter, ids: () => catalog.images.idsMatching(filter) };
}

/** The pictures whose vectors are nearest to a vector of the space, nearest first. */
export async function nearest(
  space: Space,
  vector: Float32Array,
  { topK, minSimilarity, minStrength, filter }: SearchArgs,
  { catalog, scales }: NearestParts,
): Promise<Match[]> {
  const within = filter === undefined || isEmpty(filter) ? undefined : withinFilter(catalog, filter);
  const [neighbours, scale] = await Promise.all([space.index.search(vector, topK, within), scales.of(space)]);
  const border = scale === null || minStrength === undefined ? 0 : bordersOf(scale)[minStrength];
  const near = neighbours
    .map(({ label, cosine }) => ({ label, similarity: Math.min(1, Math.max(0, cosine)) }))
    .filter(({ similarity }) => similarity >= Math.max(minSimilarity, border));
  const rows = new Map(
    (await catalog.images.byIds(near.map(({ label }) => label))).map((row) => [row.id, row]),
  );
  const matches: Match[] = [];
  for (const { label, similarity } of near) {
    const image = rows.get(label); // undefined if it was removed between the two reads
    if (image === undefined) continue;
    const strength = scale && strengthOf(scale, similarity);
    const percentile = scale && percentileOf(scale, similarity);
    matches.push({ rank: matches.length + 1, similarity, strength, percentile, image });
  }
  return matches;
}
