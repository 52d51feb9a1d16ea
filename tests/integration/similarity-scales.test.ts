import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../../src/logger.js';
import { scaleOf, type SimilarityScale } from '../../src/services/embedding/similarity-scale.js';
import type { ModelDescription } from '../../src/services/embedding/types.js';
import { SimilarityScales } from '../../src/services/spaces/similarity-scales.js';
import type { Space } from '../../src/services/spaces/spaces.js';
import { openVectorIndex } from '../../src/services/vector-index/open.js';
import type { LabelledVector, VectorIndex } from '../../src/services/vector-index/vector-index.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { waitFor } from '../helpers/wait-for.js';
import { clustered, randomVector, seededRandom } from '../unit/vector-index/support.js';

const DIMENSION = 32;
const TABLE = scaleOf([0.1, 0.2, 0.3]);

let index: VectorIndex;

beforeEach(async () => {
  index = await openVectorIndex({
    lowPriority: false,
    dir: await temporaryDir(),
    spaceId: 'space',
    dimension: DIMENSION,
    vectors: (async function* () {})(),
    logger: silentLogger,
  });
});

afterEach(() => index.close());

/** Only what a scale is measured of. */
const space = (similarityScale?: SimilarityScale): Space => ({
  feature: 'semantic',
  index,
  model: { ...(similarityScale && { similarityScale }) } as ModelDescription,
  embedder: undefined as never,
});

const scattered = (count: number, seed: number): LabelledVector[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    label: seed * 100_000 + i,
    vector: randomVector(random, DIMENSION),
  }));
};

test('a small gallery takes the table of its model, or has none', async () => {
  await index.add(scattered(63, 1));
  const scales = new SimilarityScales();
  expect(await scales.of(space())).toBeNull();
  expect(await scales.of(space(TABLE))).toEqual(TABLE);
});

test('a larger one is measured: random vectors of 32 dimensions are at right angles, give or take 1 / sqrt(32)', async () => {
  await index.add(scattered(2000, 1));
  const scale = await new SimilarityScales().of(space(TABLE));
  expect(scale?.quantiles[50]).toBeCloseTo(0, 1);
  expect(scale?.quantiles[84]).toBeCloseTo(1 / Math.sqrt(DIMENSION), 1);
});

test('copies of each other do not count, and where nothing else is there the table does', async () => {
  const [first] = scattered(1, 1);
  const vector = first?.vector ?? new Float32Array(DIMENSION);
  await index.add(Array.from({ length: 500 }, (_, i) => ({ label: i, vector })));
  expect(await new SimilarityScales().of(space(TABLE))).toEqual(TABLE);
  const mixed = new SimilarityScales();
  await index.add(scattered(500, 2));
  expect((await mixed.of(space()))?.quantiles.at(-1)).toBeLessThan(0.9999);
});

test('is measured anew when the gallery has changed much', async () => {
  await index.add(scattered(500, 1));
  const scales = new SimilarityScales();
  const before = await scales.of(space());
  expect(await scales.of(space())).toBe(before);
  await index.add(clustered(1000, 2, { dimension: DIMENSION, clusters: 1 }));
  await waitFor('a new scale', async () => {
    const now = await scales.of(space());
    return now !== before && (now?.quantiles[50] ?? 0) > 0.2;
  });
});
