import { describe, expect, test } from '@jest/globals';
import {
  cubic,
  interpolatePositions,
  interpolationOf,
  interpolationSteps,
  interpolationWeights,
} from '../../src/model-tools/dinov2/positions.js';
import { gaussians } from '../helpers/gaussians.js';

const PLAIN = interpolationOf({ registers: 0 });
const ANTIALIASED = interpolationOf({ registers: 4 });

describe("Keys' kernel", () => {
  test.each([
    [0, -0.75, 1],
    [1, -0.75, 0],
    [2, -0.75, 0],
    [7, -0.75, 0],
    [0.5, -0.75, 0.59375],
    [-1.5, -0.75, -0.09375],
    [0.25, -0.75, 0.87890625],
    [0.5, -0.5, 0.5625],
    [1.5, -0.5, -0.0625],
  ])('at %d with a = %d', (x, a, value) => expect(cubic(x, a)).toBeCloseTo(value, 12));
});

describe('weights', () => {
  const row = (weights: Float64Array, index: number, length: number): number[] =>
    Array.from(weights.subarray(index * length, (index + 1) * length));

  test('of 4 positions for 8: by hand, and clamped at the border', () => {
    const weights = interpolationWeights(4, 8, 0.5, PLAIN);
    // At 1.25: distances 1.25, 0.25, 0.75, 1.75.
    expect(row(weights, 3, 4)).toEqual([-0.10546875, 0.87890625, 0.26171875, -0.03515625]);
    // At -0.25: two of the four are beyond the border.
    expect(row(weights, 0, 4)).toEqual([-0.03515625 + 0.26171875 + 0.87890625, -0.10546875, 0, 0]);
    expect(row(weights, 7, 4)).toEqual(row(weights, 0, 4).reverse());
  });

  test('of 4 positions for 2 with antialias: by hand, and cut off at the border', () => {
    const weights = interpolationWeights(4, 2, 2, ANTIALIASED);
    // At 0.5, twice as wide: distances 0.25, 0.25, 0.75, 1.25.
    const values = [0.8671875, 0.8671875, 0.2265625, -0.0703125];
    const expected = values.map((value) => value / 1.890625);
    for (const [j, weight] of row(weights, 0, 4).entries()) expect(weight).toBeCloseTo(expected[j]!, 12);
    expect(row(weights, 1, 4)).toEqual(row(weights, 0, 4).reverse());
  });

  test.each([1, 2, 16, 22, 37, 40, 73])('for %d positions of 37 sum to 1', (count) => {
    for (const how of [PLAIN, ANTIALIASED]) {
      const step = interpolationSteps(37, { rows: count, columns: 3 }, how).row;
      const weights = interpolationWeights(37, count, step, how);
      for (let i = 0; i < count; i++)
        expect(row(weights, i, 37).reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
    }
  });
});

test('coordinates follow the scale factor (n + 0.1) / 37 without registers, the sizes with', () => {
  expect(interpolationSteps(37, { rows: 16, columns: 22 }, PLAIN)).toEqual({
    row: 37 / 16.1,
    column: 37 / 22.1,
  });
  expect(interpolationSteps(37, { rows: 16, columns: 22 }, ANTIALIASED)).toEqual({
    row: 37 / 16,
    column: 37 / 22,
  });
  // One side alone is interpolated as any other.
  expect(interpolationSteps(37, { rows: 37, columns: 22 }, PLAIN).row).toBe(37 / 37.1);
});

describe('a grid', () => {
  const next = gaussians(5);
  const grid = Float32Array.from({ length: 37 * 37 * 3 }, next);

  test.each([PLAIN, ANTIALIASED])('of the trained size is taken as it is: %j', (how) =>
    expect(interpolatePositions(grid, 37, { rows: 37, columns: 37 }, how)).toEqual(grid),
  );

  test.each([PLAIN, ANTIALIASED])('at a place is the weighted sum over all trained places: %j', (how) => {
    const size = { rows: 5, columns: 41 };
    const { row, column } = interpolationSteps(37, size, how);
    const ofRows = interpolationWeights(37, size.rows, row, how);
    const ofColumns = interpolationWeights(37, size.columns, column, how);
    const result = interpolatePositions(grid, 37, size, how);
    expect(result).toHaveLength(5 * 41 * 3);
    for (const [y, x, channel] of [
      [0, 0, 0],
      [2, 17, 1],
      [4, 40, 2],
    ] as const) {
      let sum = 0;
      for (let j = 0; j < 37; j++)
        for (let k = 0; k < 37; k++)
          sum += ofRows[y * 37 + j]! * ofColumns[x * 37 + k]! * grid[(j * 37 + k) * 3 + channel]!;
      expect(result[(y * 41 + x) * 3 + channel]).toBeCloseTo(sum, 5);
    }
  });
});
