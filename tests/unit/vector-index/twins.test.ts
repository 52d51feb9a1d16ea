import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import { cosineAt } from '../../../src/services/vector-index/cosine.js';
import { Graph } from '../../../src/services/vector-index/graph.js';
import { inspectGraphFile } from '../../../src/services/vector-index/graph-file.js';
import type { LabelledVector, VectorIndex } from '../../../src/services/vector-index/vector-index.js';
import {
  clustered,
  labelsOf,
  leaveSnapshot,
  open,
  oracle,
  randomVector,
  readManifest,
  seededRandom,
  SPACE,
  unit,
  withinLabels,
} from './support.js';

/** How near the pictures of a series are to each other: equal, equal but for the last bits, blank pages, webcam, alike. */
const TIGHTNESS = [1, 1, 1 - 1e-8, 1 - 1e-7, 1 - 1e-6, 0.9999, 0.999, 0.99, 0.9, 0.6];
const DIMENSION = 24;

/** A gallery of series and single pictures, in the order of series or in any. */
function mixture(count: number, seed: number): LabelledVector[] {
  const random = seededRandom(seed);
  const vectors: Float32Array[] = [];
  while (vectors.length < count) {
    const single = random() < 0.5;
    const size = single ? 1 + Math.floor(random() * 40) : Math.floor(random() ** 2 * count * 0.6);
    const tightness = single ? 0 : TIGHTNESS[Math.floor(random() * TIGHTNESS.length)]!;
    const centre = randomVector(random, DIMENSION);
    for (let i = 0; i < size && vectors.length < count; i++) vectors.push(near(centre, tightness, random));
  }
  if (random() < 0.5) shuffle(vectors, random);
  return vectors.map((vector, i) => ({ label: i + 1, vector }));
}

/** A vector such that two of them have about this cosine. */
function near(centre: Float32Array, cosine: number, random: () => number): Float32Array {
  if (cosine === 1) return centre;
  const noise = randomVector(random, DIMENSION);
  return unit(centre.map((value, i) => Math.sqrt(cosine) * value + Math.sqrt(1 - cosine) * noise[i]!));
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

/** Labels of vectors that, asked for, do not come first, nor one that is equal. */
async function lost(index: VectorIndex, entries: readonly LabelledVector[]): Promise<number[]> {
  const missing: number[] = [];
  for (const { label, vector } of entries) {
    const [first] = await index.search(vector, 1);
    if (first === undefined || first.cosine < cosineAt(vector, 0, vector)) missing.push(label);
  }
  return missing;
}

/** Recall@10 of queries; of equally near vectors any counts. */
async function recallOf(
  index: VectorIndex,
  entries: readonly LabelledVector[],
  queries: readonly Float32Array[],
): Promise<number> {
  let found = 0;
  for (const query of queries) {
    const cosines = Float64Array.from(entries, ({ vector }) => cosineAt(vector, 0, query)).sort();
    found += (await index.search(query, 10)).filter(({ cosine }) => cosine >= cosines.at(-10)!).length;
  }
  return found / (10 * queries.length);
}

/** One of each group of equal vectors, and at most `count` of them. */
function distinct(entries: readonly LabelledVector[], count: number): Float32Array[] {
  const all = [...new Map(entries.map(({ vector }) => [vector.join(), vector])).values()];
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor(i * step)]!);
}

/** @param asked how many of the vectors to ask for, at equal distances */
async function expectNothingLost(
  index: VectorIndex,
  entries: readonly LabelledVector[],
  asked: number,
): Promise<void> {
  expect(await index.status()).toMatchObject({ size: entries.length, mode: 'hnsw', rebuilding: false });
  const step = Math.max(1, Math.floor(entries.length / asked));
  expect(
    await lost(
      index,
      entries.filter((_, i) => i % step === 0),
    ),
  ).toEqual([]);
  expect(await recallOf(index, entries, distinct(entries, 100))).toBeGreaterThanOrEqual(0.99);
}

const opened: VectorIndex[] = [];
async function openGraph(dir: string, entries: readonly LabelledVector[]): Promise<VectorIndex> {
  const index = await open(dir, entries, { dimension: DIMENSION });
  opened.push(index);
  await index.settled();
  return index;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((index) => index.close()));
});

describe('every vector finds itself', () => {
  test.each([
    [300, 1],
    [1_000, 2],
    [1_000, 3],
    [3_000, 4],
    [3_000, 6],
    [20_000, 7],
  ])(
    'of %i: series of any tightness in any order, after removals and additions, and after opening again (seed %i)',
    async (count, seed) => {
      const dir = await temporaryDir();
      const entries = mixture(count, seed);
      const random = seededRandom(seed);
      const first = entries.slice(0, Math.floor(count * 0.9));
      const index = await openGraph(dir, first);
      await expectNothingLost(index, first, 1_000);

      const added = entries.slice(first.length);
      await index.add(added);
      expect(await lost(index, added)).toEqual([]);
      const gone = new Set(entries.filter(() => random() < 0.1).map(({ label }) => label));
      await index.remove([...gone]);
      await index.add(entries.filter(({ label }) => gone.has(label) && label % 2 === 0));
      await index.check();
      const truth = entries.filter(({ label }) => !gone.has(label) || label % 2 === 0);
      await expectNothingLost(index, truth, count);
      await index.close();

      await expectNothingLost(await openGraph(dir, truth), truth, 1_000);
    },
  );
});

/** 1,000 times one vector, then some others. */
function twinsAndOthers(): { twin: Float32Array; twins: LabelledVector[]; others: LabelledVector[] } {
  const random = seededRandom(71);
  const twin = randomVector(random, DIMENSION);
  const twins = Array.from({ length: 1_000 }, (_, i) => ({ label: i + 1, vector: twin }));
  const others = Array.from({ length: 50 }, (_, i) => ({
    label: 2_001 + i,
    vector: randomVector(random, DIMENSION),
  }));
  return { twin, twins, others };
}

describe('equal vectors', () => {
  test('do not make others unfindable, whichever come first', async () => {
    const { twins, others } = twinsAndOthers();
    for (const [first, later] of [
      [twins, others],
      [others, twins],
    ] as const) {
      const index = await openGraph(await temporaryDir(), first);
      await index.add(later);
      for (const { label, vector } of others) expect(labelsOf(await index.search(vector, 3))[0]).toBe(label);
      expect(await index.status()).toMatchObject({ size: 1_050, mode: 'hnsw' });
    }
  });

  test('come by smaller label, all of them where all are asked for, and count one by one', async () => {
    const { twin, twins, others } = twinsAndOthers();
    const all = [...twins, ...others];
    const index = await openGraph(await temporaryDir(), all);
    for (const k of [1, 5, 999, 1_000, 1_003])
      expect(labelsOf(await index.search(twin, k))).toEqual(labelsOf(oracle(all, twin, k)));
    expect(await index.countAbove(twin, 0.999)).toBe(1_000);
  });

  test('are filtered one by one', async () => {
    const random = seededRandom(72);
    const { twin, twins } = twinsAndOthers();
    const many = Array.from({ length: 5_000 }, (_, i) => ({
      label: 2_001 + i,
      vector: randomVector(random, DIMENSION),
    }));
    const all = [...twins, ...many];
    const index = await openGraph(await temporaryDir(), all);
    const allowed = new Set(all.filter(({ label }) => label % 2 === 0).map(({ label }) => label));
    for (const query of [twin, many[1]!.vector, many[40]!.vector])
      expect(labelsOf(await index.search(query, 10, withinLabels(allowed)))).toEqual(
        labelsOf(oracle(all, query, 10, allowed)),
      );
  });

  test('are found as long as one is left, whichever go, and a label may come back with another vector', async () => {
    const dir = await temporaryDir();
    const { twin, twins, others } = twinsAndOthers();
    const index = await openGraph(dir, [...twins.slice(0, 4), ...others]);
    await index.remove([1, 3]); // 1 is what the node is called by
    expect(labelsOf(await index.search(twin, 2))).toEqual([2, 4]);
    const other = randomVector(seededRandom(73), DIMENSION);
    await index.add([{ label: 1, vector: other }]);
    expect(labelsOf(await index.search(other, 1))).toEqual([1]);
    expect(labelsOf(await index.search(twin, 2))).toEqual([2, 4]);
    await index.close();

    const again = await openGraph(dir, [
      ...twins.slice(1, 2),
      twins[3]!,
      { label: 1, vector: other },
      ...others,
    ]);
    expect(await again.status()).toMatchObject({ mode: 'hnsw', problem: null, unsavedChanges: 0 });
    expect(labelsOf(await again.search(twin, 2))).toEqual([2, 4]);
    expect(labelsOf(await again.search(other, 1))).toEqual([1]);
    await again.remove([2, 4]);
    expect(labelsOf(await again.search(twin, 3))).toEqual(
      labelsOf(oracle([...others, { label: 1, vector: other }], twin, 3)),
    );
  });
});

describe('a snapshot of format 1, with a node for every vector', () => {
  async function leaveFormat1(dir: string, entries: readonly LabelledVector[]): Promise<void> {
    await leaveSnapshot(dir, entries.slice(0, 300), { dimension: DIMENSION });
    const { strays: _, joined: __, ...manifest } = await readManifest(dir);
    const path = join(dir, SPACE, manifest.file);
    const parameters = { dimension: DIMENSION, m: manifest.m, efConstruction: manifest.efConstruction };
    const graph = Graph.create({ ...parameters, efSearch: 200 }, entries.length);
    for (const { label, vector } of entries) graph.add(label, vector);
    await graph.write(path);
    graph.free();
    const facts = await inspectGraphFile(path, parameters);
    await writeFile(
      join(dir, SPACE, 'MANIFEST.json'),
      JSON.stringify({ ...manifest, ...facts, formatVersion: 1 }),
    );
  }

  test('is checked before it serves, and saved anew', async () => {
    const dir = await temporaryDir();
    const entries = mixture(300, 8).filter(
      ({ vector }, i, all) => all.findIndex((other) => other.vector.join() === vector.join()) === i,
    );
    const others = clustered(400, 74, { dimension: DIMENSION }).map(({ vector }, i) => ({
      label: 1_001 + i,
      vector,
    }));
    const all = [...entries, ...others];
    await leaveFormat1(dir, all);
    const index = await openGraph(dir, all);
    expect(await index.status()).toMatchObject({ generation: 1, unsavedChanges: 1, problem: null });
    expect((await index.status()).recall?.value).toBeGreaterThanOrEqual(0.99);
    await expectNothingLost(index, all, all.length);
    await index.close();
    expect(await readManifest(dir)).toMatchObject({ formatVersion: 2, generation: 2, nodes: all.length });
  });

  test('is built anew when equal vectors are an island in it', async () => {
    const dir = await temporaryDir();
    const { twins, others } = twinsAndOthers();
    await leaveFormat1(dir, [...twins, ...others]);
    const index = await openGraph(dir, [...twins, ...others]);
    expect((await index.status()).problem).toContain('by an older version');
    await expectNothingLost(index, [...twins, ...others], 1_050);
    await index.close();
    expect(await readManifest(dir)).toMatchObject({ formatVersion: 2, live: 51 });
  });

  test('is left alone by a reader, which compares every vector', async () => {
    const dir = await temporaryDir();
    const { others } = twinsAndOthers();
    await leaveFormat1(dir, others);
    const index = await open(dir, others, { dimension: DIMENSION, readOnly: true });
    opened.push(index);
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false, recall: { value: 1 } });
    await expect(index.check()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await readManifest(dir)).toMatchObject({ formatVersion: 1 });
  });
});
