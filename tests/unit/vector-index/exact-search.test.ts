import { describe, expect, test } from '@jest/globals';
import { ExactSearch } from '../../../src/services/vector-index/exact-search.js';
import { FlatStore } from '../../../src/services/vector-index/flat-store.js';
import { TopNeighbours } from '../../../src/services/vector-index/top-neighbours.js';
import { clustered, labelsOf, oracle, randomVector, seededRandom } from './support.js';

function storeOf(entries: ReturnType<typeof clustered>): FlatStore {
  const store = new FlatStore(entries[0]!.vector.length);
  for (const { label, vector } of entries) store.add(label, vector);
  return store;
}

describe('TopNeighbours', () => {
  test('keeps what sorting would keep, ties by smaller label, whatever the order of coming', () => {
    const random = seededRandom(11);
    for (const k of [1, 2, 7, 50, 400]) {
      const all = Array.from({ length: 300 }, (_, label) => ({
        label,
        cosine: Math.floor(random() * 20) / 20,
      }));
      const top = new TopNeighbours(k);
      for (const { label, cosine } of all.toSorted(() => random() - 0.5)) top.offer(label, cosine);
      expect(top.sorted()).toEqual(
        all.toSorted((a, b) => b.cosine - a.cosine || a.label - b.label).slice(0, k),
      );
    }
  });
});

describe('ExactSearch', () => {
  const entries = clustered(20_000, 12); // long enough to rest in between
  const random = seededRandom(13);

  test('finds and counts what the definition says, with and without a filter', async () => {
    const search = new ExactSearch(storeOf(entries), 100_000);
    const odd = new Set(entries.filter(({ label }) => label % 2 === 1).map(({ label }) => label));
    for (const allowed of [undefined, odd, new Set([3, 4, 5]), new Set<number>(), new Set([999_999])]) {
      const query = randomVector(random);
      const expected = oracle(entries, query, 20_000, allowed);
      expect(labelsOf(await search.nearest(query, 25, allowed))).toEqual(labelsOf(expected.slice(0, 25)));
      const above = expected.filter(({ cosine }) => cosine >= 0.2).length;
      expect(await search.countAbove(query, 0.2, allowed)).toBe(above);
    }
  });

  test('a scan sees all that stays, however much comes and goes beside it', async () => {
    const store = storeOf(entries);
    const search = new ExactSearch(store, 100_000);
    const query = randomVector(random);
    const stays = entries.filter(({ label }) => label % 3 !== 0);
    let turns = 0;
    const meanwhile = (function churn(label: number): Promise<void> {
      return new Promise((resolve) => {
        setImmediate(() => {
          turns++;
          for (let i = 0; i < 600; i++) store.remove((label + i) * 3);
          const end = label + 600 > entries.length / 3;
          resolve(end ? undefined : churn(label + 600));
        });
      });
    })(1);
    const found = await search.nearest(query, entries.length);
    const seen = new Set(labelsOf(found));
    await meanwhile;
    expect(turns).toBeGreaterThan(1);
    expect(stays.every(({ label }) => seen.has(label))).toBe(true);
    expect(seen.size).toBe(found.length);
    expect(store.rowCount).toBe(stays.length);
  });

  test('too many waiting scans are refused, not queued', async () => {
    const search = new ExactSearch(storeOf(entries), 100_000);
    const query = randomVector(random);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 270 }, () => search.countAbove(query, 0.99)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(270 - 256);
    expect(refused[0]).toMatchObject({ reason: { code: 'SERVER_BUSY', details: { retryAfterMs: 1000 } } });
  });
});
