import type { Catalog } from '../catalog/types.js';
import { bordersOf, percentileOf, strengthOf } from '../embedding/similarity-scale.js';
import type { SimilarityScales } from '../spaces/similarity-scales.js';
import type { Space } from '../spaces/spaces.js';
import { isEmpty, normalizeFilter } from './arguments.js';
import type { Match, SearchArgs } from './types.js';

export interface NearestParts {
  readonly catalog: Catalog;
  readonly scales: SimilarityScales;
}

/** The pictures whose vectors are nearest to one of the space, nearest first. */
export async function nearest(
  space: Space,
  vector: Float32Array,
  { topK, minSimilarity, minStrength, filter }: SearchArgs,
  { catalog, scales }: NearestParts,
): Promise<Match[]> {
  const allowed =
    filter === undefined || isEmpty(filter)
      ? undefined
      : await catalog.images.idsMatching(normalizeFilter(filter));
  const [neighbours, scale] = await Promise.all([
    space.index.search(vector, topK, allowed),
    scales.of(space),
  ]);
  const border = scale === null || minStrength === undefined ? 0 : bordersOf(scale)[minStrength];
  const near = neighbours
    .map(({ label, cosine }) => ({ label, similarity: Math.min(1, Math.max(0, cosine)) }))
    .filter(({ similarity }) => similarity >= Math.max(minSimilarity, border));
  const rows = new Map(
    (await catalog.images.byIds(near.map(({ label }) => label))).map((row) => [row.id, row]),
  );
  const matches: Match[] = [];
  for (const { label, similarity } of near) {
    const image = rows.get(label); // gone when it was removed between the two reads
    if (image === undefined) continue;
    const strength = scale && strengthOf(scale, similarity);
    const percentile = scale && percentileOf(scale, similarity);
    matches.push({ rank: matches.length + 1, similarity, strength, percentile, image });
  }
  return matches;
}
