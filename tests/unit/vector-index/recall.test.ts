import { afterEach, describe, expect, test } from '@jest/globals';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import type { VectorIndexOptions } from '../../../src/services/vector-index/open.js';
import type { LabelledVector, VectorIndex } from '../../../src/services/vector-index/vector-index.js';
import { clustered, labelsOf, open, oracle, randomVector, recordingLogger, seededRandom } from './support.js';

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
    expect(recall!.value).toBeGreaterThanOrEqual(0.99);
    expect(recall!.measuredAt!.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(recall!.durationMs).toBeGreaterThan(0);
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
      recall: { value: 1, sampleSize: 0, strays: 0, measuredAt: null, durationMs: null },
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
