import { afterEach, describe, expect, test } from '@jest/globals';
import { seededNormal } from '../../../src/lib/seeded-normal.js';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import type { VectorIndexOptions } from '../../../src/services/vector-index/open.js';
import type { LabelledVector, VectorIndex } from '../../../src/services/vector-index/vector-index.js';
import { resemble } from '../../../src/services/vector-index/likely-query.js';
import { BREADTHS } from '../../../src/services/vector-index/node-graph.js';
import {
  clustered,
  labelsOf,
  open,
  oracle,
  randomVector,
  readManifest,
  recall,
  recordingLogger,
  seededRandom,
  unit,
} from './support.js';

const opened: VectorIndex[] = [];

async function openSettled(
  dir: string,
  entries: readonly LabelledVector[],
  options: Partial<VectorIndexOptions> = {},
): Promise<VectorIndex> {
  const index = await open(dir, entries, options);
  opened.push(index);
  await index.settled();
  return index;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((index) => index.close()));
});

describe('the recall an index measures by itself', () => {
  test('is there before a new graph serves', async () => {
    const before = new Date();
    const index = await openSettled(await temporaryDir(), clustered(700, 81));
    const { recall } = await index.status();
    expect(recall).toMatchObject({ sampleSize: 100, strays: 0 });
    expect(BREADTHS).toContain(recall!.breadth);
    expect(recall!.value).toBeGreaterThanOrEqual(0.99);
    expect(recall!.measuredAt!.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(recall!.durationMs).toBeGreaterThan(0);
  });

  test('is that of vectors that are not in the index, and searches are no broader than it takes', async () => {
    const dir = await temporaryDir();
    const all = clustered(900, 87);
    const entries = all.slice(0, 700);
    const index = await openSettled(dir, entries);
    const recalls: number[] = [];
    for (const { vector } of all.slice(700))
      recalls.push(recall(await index.search(vector, 10), oracle(entries, vector, 10)));
    expect(recalls.reduce((sum, value) => sum + value) / recalls.length).toBeGreaterThanOrEqual(0.99);
    await index.close();
    const { breadth } = await readManifest(dir);
    expect(BREADTHS).toContain(breadth);
    expect(breadth).toBeLessThan(200); // what it is before it was measured
    const again = await openSettled(dir, entries);
    await again.remove([1]); // so that it is written again
    await again.close();
    expect((await readManifest(dir)).breadth).toBe(breadth);
  });

  test('is measured a while after a snapshot was opened and after a change, by itself', async () => {
    const dir = await temporaryDir();
    const entries = clustered(700, 82);
    await (await openSettled(dir, entries)).close();
    const index = await openSettled(dir, entries, { checkAfterMs: 1 });
    while ((await index.status()).recall === null) await new Promise(setImmediate);
    const first = (await index.status()).recall!.measuredAt!;
    await index.remove([1]);
    while ((await index.status()).recall!.measuredAt === first) await new Promise(setImmediate);
  });

  test('is that of an exact search where every vector is compared', async () => {
    const index = await openSettled(await temporaryDir(), clustered(300, 83), { exactBelow: 1_000 });
    expect(await index.status()).toMatchObject({
      mode: 'exact',
      recall: { value: 1, sampleSize: 0, breadth: null, strays: 0, measuredAt: null, durationMs: null },
    });
  });

  test('is null as long as only a reader has looked, which measures nothing', async () => {
    const dir = await temporaryDir();
    const entries = clustered(300, 84);
    await (await openSettled(dir, entries)).close();
    const reader = await openSettled(dir, entries, { readOnly: true, checkAfterMs: 1 });
    expect(await reader.status()).toMatchObject({ mode: 'hnsw', recall: null });
  });
});

test('a graph that misses too much, however it is built, is given up: every vector is compared', async () => {
  const random = seededRandom(85);
  const dimension = 64;
  const entries = Array.from({ length: 3_000 }, (_, i) => ({
    label: i + 1,
    vector: randomVector(random, dimension),
  }));
  const logger = recordingLogger();
  const thin = { dimension, m: 2, efConstruction: 2, efSearch: 60, logger, retryDelaysMs: [1, 1, 1, 1] };
  const index = await openSettled(await temporaryDir(), entries, thin);
  expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false, recall: { value: 1 } });
  expect((await index.status()).problem).toMatch(
    /^The graph of the index misses too much, so searches compare/,
  );
  expect(
    logger.lines.filter(({ message }) => message === 'Building the graph of the index failed'),
  ).toHaveLength(3);
  const { vector } = entries[100]!;
  expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(entries, vector, 10)));
  await index.check();
  expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false });
});

describe('a query made of neighbours', () => {
  test('is on average what they are on average, as far from it as they are, and in no other direction', () => {
    const random = seededRandom(88);
    const plane = Array.from({ length: 60 }, () => {
      const [a, b] = [random() - 0.5, random() - 0.5];
      return unit([1, 0.3 * a, 0.1 * b, 0, 0]);
    });
    const normal = seededNormal();
    const made = Array.from({ length: 4_000 }, () => resemble(plane, normal)!);
    const mean = (vectors: readonly Float32Array[], of: (vector: Float32Array) => number): number =>
      vectors.reduce((sum, vector) => sum + of(vector), 0) / vectors.length;
    for (const axis of [0, 1, 2]) {
      const middle = mean(plane, (vector) => vector[axis]!);
      const spread = Math.sqrt(mean(plane, (vector) => (vector[axis]! - middle) ** 2));
      expect(mean(made, (vector) => vector[axis]!)).toBeCloseTo(middle, 2);
      expect(Math.sqrt(mean(made, (vector) => (vector[axis]! - middle) ** 2))).toBeCloseTo(spread, 2);
    }
    for (const vector of made)
      expect([vector[3], vector[4], Math.hypot(...vector)]).toEqual([0, 0, expect.closeTo(1, 6)]);
  });

  test('cannot be made of one, of none, or of such that cancel', () => {
    const normal = (): number => 0;
    expect(resemble([], normal)).toBeNull();
    expect(resemble([unit([1, 0])], normal)).toBeNull();
    expect(resemble([unit([1, 0]), unit([-1, 0])], normal)).toBeNull();
  });
});
