import { describe, expect, test } from '@jest/globals';
import { FlatStore } from '../../../src/services/vector-index/flat-store.js';
import { randomVector, seededRandom } from './support.js';

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
