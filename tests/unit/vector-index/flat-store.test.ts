import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { cosineAt } from '../../../src/services/vector-index/cosine.js';
import { ExactSearch } from '../../../src/services/vector-index/exact-search.js';
import { FlatStore } from '../../../src/services/vector-index/flat-store.js';
import { VectorFile } from '../../../src/services/vector-index/vector-file.js';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import { clustered, randomVector, seededRandom } from './support.js';

describe('FlatStore', () => {
  test('holds what a map holds, through additions, removals and pins in any order', () => {
    const random = seededRandom(1);
    const store = new FlatStore(4);
    const model = new Map<number, Float32Array>();
    const pins: (() => void)[] = [];
    let next = 1;
    for (let step = 0; step < 30_000; step++) {
      const dice = random();
      if (dice < 0.5) {
        const vector = randomVector(random, 4);
        expect(store.add(next, vector)).toBe(true);
        model.set(next++, vector);
      } else if (dice < 0.9) {
        const label = Math.ceil(random() * next);
        expect(store.remove(label)).toBe(model.delete(label));
      } else if (dice < 0.95) pins.push(store.pin());
      else pins.pop()?.();
      if (step % 500 === 0) {
        expect([...model].every(([label, vector]) => store.holds(label, vector))).toBe(true);
      }
    }
    while (pins.length > 0) pins.pop()!();

    expect(store.size).toBe(model.size);
    expect(store.rowCount).toBe(model.size);
    expect([...store.labels()].sort((a, b) => a - b)).toEqual([...model.keys()].sort((a, b) => a - b));
    expect([...model].every(([label, vector]) => store.holds(label, vector))).toBe(true);
  });

  test('a known label keeps its vector', () => {
    const random = seededRandom(2);
    const store = new FlatStore(4);
    const first = randomVector(random, 4);
    store.add(7, first);
    expect(store.add(7, randomVector(random, 4))).toBe(false);
    expect(store.view(7)).toEqual(first);
  });

  test('rows stay where they are while pinned, and are dense again afterwards', () => {
    const random = seededRandom(3);
    const store = new FlatStore(4);
    for (let label = 0; label < 10_000; label++) store.add(label, randomVector(random, 4));
    const unpin = store.pin();
    for (let label = 0; label < 9_000; label++) store.remove(label);
    expect(store.labelAt(0)).toBeUndefined();
    expect(store.labelAt(9_999)).toBe(9_999);
    store.add(20_000, randomVector(random, 4));
    expect(store.rowCount).toBe(10_000);
    unpin();
    expect(store.rowCount).toBe(1_001);
    expect(store.has(20_000)).toBe(true);
  });
});

describe('rows in a file', () => {
  const dimension = 40;
  const entries = clustered(3_000, 14, { dimension });

  /** A disk that is full after some rows. */
  class FullFile extends VectorFile {
    constructor(
      path: string,
      readonly room: number,
    ) {
      super(path, dimension);
    }

    override write(row: number, vector: Float32Array): void {
      if (row >= this.room) throw new Error('The disk is full.');
      super.write(row, vector);
    }
  }

  const storeIn = async (open: (dir: string) => VectorFile): Promise<[FlatStore, unknown[]]> => {
    const dir = await temporaryDir();
    const failures: unknown[] = [];
    const onFileFailure = (error: unknown): void => void failures.push(error);
    return [
      new FlatStore(dimension, { memoryRows: 500, openFile: () => open(dir), onFileFailure }),
      failures,
    ];
  };

  const HOMES = [
    { what: 'they go there when they are many', room: Infinity, failures: 0 },
    { what: 'they stay in memory when there is no file', room: null, failures: 1 },
    { what: 'they stay in memory when not even the first ones have room', room: 300, failures: 1 },
    { what: 'they come back when the disk is full', room: 1_800, failures: 1 },
  ];

  test.each(HOMES)('$what', async ({ room, failures }) => {
    const [store, seen] = await storeIn((dir) =>
      room === null
        ? new VectorFile(join(dir, 'absent', 'vectors'), dimension)
        : new FullFile(join(dir, 'vectors'), room),
    );
    for (const { label, vector } of entries.slice(0, 2_000)) store.add(label, vector);
    const unpin = store.pin();
    for (const { label } of entries.slice(0, 900)) store.remove(label);
    for (const { label, vector } of entries.slice(2_000)) store.add(label, vector);
    unpin();
    expect(seen).toHaveLength(failures);
    const rest = entries.slice(900);
    expect(store.size).toBe(rest.length);
    const search = new ExactSearch(store, Infinity);
    for (const { label, vector } of rest) expect(store.holds(label, vector)).toBe(true);
    for (const { vector } of entries.slice(0, 5)) {
      const exact = rest
        .map((other) => ({ label: other.label, cosine: cosineAt(other.vector, 0, vector) }))
        .sort((a, b) => b.cosine - a.cosine || a.label - b.label);
      expect(await search.nearest(vector, 30)).toEqual(exact.slice(0, 30));
    }
    store.clear();
  });
});
