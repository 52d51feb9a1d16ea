import { describe, expect, test } from '@jest/globals';
import { layOut } from '../../src/services/atlas/layout.js';

const DIMENSION = 24;

/** Unit vectors around `groups` directions, group by group. */
function grouped(groups: number, each: number): Float32Array {
  let state = 11;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  };
  const data = new Float32Array(groups * each * DIMENSION);
  for (let row = 0; row < groups * each; row++) {
    const vector = Array.from(
      { length: DIMENSION },
      (_, d) => (d === Math.floor(row / each) ? 4 : 0) + 0.3 * random(),
    );
    const length = Math.hypot(...vector);
    data.set(
      vector.map((value) => value / length),
      row * DIMENSION,
    );
  }
  return data;
}

function meanDistance(coordinates: Float32Array, rows: readonly (readonly [number, number])[]): number {
  const distance = (i: number, j: number): number =>
    Math.hypot(
      (coordinates[2 * i] as number) - (coordinates[2 * j] as number),
      (coordinates[2 * i + 1] as number) - (coordinates[2 * j + 1] as number),
    );
  return rows.reduce((sum, [i, j]) => sum + distance(i, j), 0) / rows.length;
}

describe('the layout of a gallery', () => {
  test('puts what is similar together, within -1..1, the same every time', () => {
    const { method, coordinates } = layOut(grouped(2, 20), DIMENSION);
    expect(method).toBe('umap');
    expect(coordinates).toHaveLength(80);
    expect(coordinates.every((value) => value >= -1 && value <= 1)).toBe(true);
    const within = meanDistance(
      coordinates,
      Array.from({ length: 19 }, (_, i) => [i, i + 1] as const),
    );
    const between = meanDistance(
      coordinates,
      Array.from({ length: 19 }, (_, i) => [i, i + 20] as const),
    );
    expect(between).toBeGreaterThan(3 * within);
    expect(layOut(grouped(2, 20), DIMENSION).coordinates).toEqual(coordinates);
  });

  test.each([0, 1, 2, 3, 29])('of %i pictures is their principal components', (count) => {
    const { method, coordinates } = layOut(grouped(1, count), DIMENSION);
    expect(method).toBe('pca');
    expect(coordinates).toHaveLength(2 * count);
    expect(coordinates.every((value) => Number.isFinite(value))).toBe(true);
  });
});
