import { afterEach, describe, expect, test } from '@jest/globals';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import type { LabelledVector, VectorIndex } from '../../../src/services/vector-index/vector-index.js';
import {
  clustered,
  DIMENSION,
  labelsOf,
  open,
  oracle,
  randomVector,
  recall,
  seededRandom,
  unit,
  withinLabels,
} from './support.js';

/** One suite for every implementation of `VectorIndex`; another one only adds a row. */
const IMPLEMENTATIONS = [
  {
    mode: 'exact',
    openIndex: (dir: string, entries: readonly LabelledVector[]) =>
      open(dir, entries, { exactBelow: Number.MAX_SAFE_INTEGER }),
  },
  {
    mode: 'hnsw',
    openIndex: (dir: string, entries: readonly LabelledVector[]) =>
      open(dir, entries, { exactBelow: 1, memoryRows: 1_000 }),
  },
] as const;

describe.each(IMPLEMENTATIONS)('VectorIndex, $mode', ({ mode, openIndex }) => {
  const opened: VectorIndex[] = [];

  async function openSettled(entries: readonly LabelledVector[], dir?: string): Promise<VectorIndex> {
    const index = await openIndex(dir ?? (await temporaryDir()), entries);
    opened.push(index);
    await index.settled();
    return index;
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((index) => index.close()));
  });

  test('an empty index answers with nothing', async () => {
    const index = await openSettled([]);
    const query = randomVector(seededRandom(1));
    expect(await index.search(query, 10)).toEqual([]);
    expect(await index.countAbove(query, -1)).toBe(0);
    expect(await index.status()).toMatchObject({ size: 0, mode: 'exact', problem: null });
  });

  test('finds what the definition says, at every selectivity of a filter', async () => {
    const entries = clustered(6_000, 21);
    const index = await openSettled(entries);
    expect(await index.status()).toMatchObject({ size: 6_000, mode });
    const random = seededRandom(22);
    for (const selectivity of [0, 0.01, 0.04, 0.1, 0.5, 1, undefined]) {
      const allowed =
        selectivity === undefined
          ? undefined
          : new Set(entries.filter(() => random() < selectivity).map(({ label }) => label));
      let sum = 0;
      for (let i = 0; i < 10; i++) {
        const query = entries[Math.floor(random() * entries.length)]!.vector;
        const expected = oracle(entries, query, 20, allowed);
        const found = await index.search(query, 20, allowed && withinLabels(allowed));
        if (mode === 'exact' || (allowed !== undefined && allowed.size < 300)) {
          expect(labelsOf(found)).toEqual(labelsOf(expected));
        }
        expect(found).toHaveLength(expected.length);
        const cosines = new Map(expected.map(({ label, cosine }) => [label, cosine]));
        for (const { label, cosine } of found) {
          if (allowed !== undefined) expect(allowed.has(label)).toBe(true);
          if (cosines.has(label)) expect(cosine).toBeCloseTo(cosines.get(label)!, 6);
        }
        sum += recall(found, expected);
      }
      expect(sum / 10).toBeGreaterThanOrEqual(0.99);
    }
  });

  test('an allowed part far from the query is found all the same', async () => {
    const entries = clustered(6_000, 23);
    const index = await openSettled(entries);
    const query = entries[0]!.vector;
    const farthest = oracle(entries, query, 6_000).slice(-3_000);
    const allowed = new Set(labelsOf(farthest));
    expect(labelsOf(await index.search(query, 10, withinLabels(allowed)))).toEqual(
      labelsOf(farthest.slice(0, 10)),
    );
  });

  test('k beyond what is there gives all, once each, best first', async () => {
    const entries = clustered(1_500, 24);
    const index = await openSettled(entries);
    const query = randomVector(seededRandom(25));
    expect(labelsOf(await index.search(query, 5_000))).toEqual(labelsOf(oracle(entries, query, 5_000)));
  });

  test('ties come by smaller label, whatever the order of adding', async () => {
    const entries = clustered(300, 26);
    const twin = randomVector(seededRandom(27));
    const index = await openSettled([...entries, { label: 900, vector: twin }]);
    await index.add([
      { label: 800, vector: twin },
      { label: 850, vector: twin },
      { label: 700, vector: twin },
    ]);
    const found = await index.search(twin, 4);
    expect(labelsOf(found)).toEqual([700, 800, 850, 900]);
    expect(found[0]!.cosine).toBeCloseTo(1, 6);
  });

  test('what is added is found, what is removed is not, and a known label stays as it is', async () => {
    const entries = clustered(1_000, 28);
    const index = await openSettled(entries.slice(0, 600));
    await index.add(entries.slice(500));
    await index.add([{ label: 1, vector: entries[1]!.vector }]);
    await index.remove([10, 20, 30, 5_000]);
    await index.settled();
    const left = entries.filter(({ label }) => ![10, 20, 30].includes(label));
    expect(await index.size()).toBe(997);
    expect(await index.has(10)).toBe(false);
    expect(await index.vector(10)).toBeUndefined();
    expect(await index.vector(1)).toEqual(entries[0]!.vector);
    expect([...(await index.labels())].sort((a, b) => a - b)).toEqual(left.map(({ label }) => label));
    for (const { vector } of entries.filter(({ label }) => label % 50 === 0)) {
      expect(labelsOf(await index.search(vector, 5))).toEqual(labelsOf(oracle(left, vector, 5)));
      expect(await index.countAbove(vector, 0.5)).toBe(
        oracle(left, vector, 1_000).filter(({ cosine }) => cosine >= 0.5).length,
      );
    }
  });

  test('a label may come back, with another vector', async () => {
    const entries = clustered(500, 29);
    const index = await openSettled(entries);
    await index.remove([7]);
    const vector = randomVector(seededRandom(30));
    await index.add([{ label: 7, vector }]);
    expect(labelsOf(await index.search(vector, 1))).toEqual([7]);
    expect(await index.size()).toBe(500);
  });

  test('everything may go, and come again', async () => {
    const entries = clustered(400, 31);
    const index = await openSettled(entries);
    await index.remove(entries.map(({ label }) => label));
    await index.settled();
    expect(await index.search(entries[0]!.vector, 3)).toEqual([]);
    await index.add(entries);
    await index.settled();
    expect(await index.status()).toMatchObject({ size: 400, mode });
    expect(labelsOf(await index.search(entries[8]!.vector, 1))).toEqual([9]);
  });

  test('is the same after closing and opening', async () => {
    const dir = await temporaryDir();
    const entries = clustered(900, 32);
    const first = await openSettled(entries.slice(0, 800), dir);
    await first.add(entries.slice(800));
    await first.remove([1, 2, 3]);
    const query = randomVector(seededRandom(33));
    const before = await first.search(query, 50);
    await first.close();

    const second = await openSettled(entries.slice(3), dir);
    expect(await second.status()).toMatchObject({ size: 897, mode, problem: null, unsavedChanges: 0 });
    expect((await second.status()).generation).toBeGreaterThan(0);
    expect(await second.search(query, 50)).toEqual(before);
  });

  test('refuses what is no unit vector of the space, and then adds nothing of the batch', async () => {
    const entries = clustered(300, 34);
    const index = await openSettled(entries);
    const good = randomVector(seededRandom(35));
    const bad = [
      new Float32Array(DIMENSION),
      new Float32Array(DIMENSION).fill(Number.NaN),
      new Float32Array(DIMENSION).fill(Number.POSITIVE_INFINITY),
      good.map((value) => value * 1.01),
      unit([1, 2, 3]),
    ];
    for (const vector of bad) {
      const batch = [
        { label: 1_000, vector: good },
        { label: 1_001, vector },
      ];
      await expect(index.add(batch)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
      await expect(index.search(vector, 1)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    }
    for (const label of [-1, 1.5, 2 ** 32, Number.NaN]) {
      await expect(index.add([{ label, vector: good }])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    }
    for (const k of [0, -1, 1.5, Number.NaN]) {
      await expect(index.search(good, k)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(await index.size()).toBe(300);
  });

  test('cosines are exact, of the labels that are there', async () => {
    const entries = clustered(1_000, 40);
    const index = await openSettled(entries);
    const query = randomVector(seededRandom(41));
    const asked = [5, 900, 2_000, 17, 5];
    const cosines = await index.cosines(query, asked);
    const expected = oracle(entries, query, 1_000, new Set(asked));
    expect([...cosines.keys()].sort((a, b) => a - b)).toEqual([5, 17, 900]);
    for (const { label, cosine } of expected) expect(cosines.get(label)).toBeCloseTo(cosine, 6);
    const found = await index.search(query, 1_000);
    const all = await index.cosines(query, labelsOf(found));
    expect(found.every(({ label, cosine }) => all.get(label) === cosine)).toBe(true);
    expect(await index.cosines(query, [])).toEqual(new Map());
    await expect(index.cosines(unit([1, 2, 3]), [1])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  });

  test('many vectors at once are copies of those that are there', async () => {
    const entries = clustered(300, 42);
    const index = await openSettled(entries);
    const vectors = await index.vectors([3, 400, 1]);
    expect(vectors).toEqual(
      new Map([
        [3, entries[2]!.vector],
        [1, entries[0]!.vector],
      ]),
    );
    vectors.get(1)!.fill(0);
    expect(await index.vector(1)).toEqual(entries[0]!.vector);
  });

  test('what was awaited is seen by every call after it, and labels once given do not change', async () => {
    const entries = clustered(300, 43);
    const index = await openSettled(entries);
    const before = await index.labels();
    const vector = randomVector(seededRandom(44));
    await index.remove([7]);
    await index.add([{ label: 900, vector }]);
    expect(await Promise.all([index.has(7), index.has(900), index.size()])).toEqual([false, true, 300]);
    expect(await index.status()).toMatchObject({ size: 300 });
    expect([...(await index.cosines(vector, [7, 900])).keys()]).toEqual([900]);
    expect(before).toContain(7);
    expect(before).not.toContain(900);
    await index.remove([900]);
    await index.add([{ label: 900, vector: entries[0]!.vector }]);
    expect(await index.vector(900)).toEqual(entries[0]!.vector);
  });

  test('a filter is asked at most once a search, and what it fails with is the answer', async () => {
    const entries = clustered(3_000, 45);
    const index = await openSettled(entries);
    const query = randomVector(seededRandom(46));
    let asked = 0;
    const even = new Set(entries.flatMap(({ label }) => (label % 2 === 0 ? [label] : [])));
    const within = { filter: { tags: ['even'] }, ids: async () => (asked++, even) };
    const expected = oracle(entries, query, 3_000, even);
    expect(labelsOf(await index.search(query, 5, within))).toEqual(labelsOf(expected.slice(0, 5)));
    expect(asked).toBeLessThanOrEqual(1);
    expect(await index.countAbove(query, 0.1, within)).toBe(
      expected.filter(({ cosine }) => cosine >= 0.1).length,
    );
    expect(asked).toBeLessThanOrEqual(2);
  });

  test('takes the largest label', async () => {
    const index = await openSettled(clustered(300, 36));
    const vector = randomVector(seededRandom(37));
    await index.add([{ label: 0xffff_ffff, vector }]);
    expect(labelsOf(await index.search(vector, 1))).toEqual([0xffff_ffff]);
  });

  test('closes once, whoever calls, and answers nothing afterwards', async () => {
    const index = await openSettled(clustered(300, 38));
    const query = randomVector(seededRandom(39));
    await Promise.all([index.close(), index.close()]);
    await index.close();
    await index.save();
    const calls = [
      index.search(query, 1),
      index.countAbove(query, 0),
      index.cosines(query, [1]),
      index.size(),
      index.has(1),
      index.vector(1),
      index.vectors([1]),
      index.labels(),
      index.add([]),
      index.remove([1]),
      index.rebuild(),
    ];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    }
  });
});
