import { describe, expect, test } from '@jest/globals';
import {
  bordersOf,
  percentileOf,
  scaleOf,
  SHARES,
  similarityAt,
  strengthOf,
  STRENGTHS,
} from '../../src/services/embedding/similarity-scale.js';

/** Every hundredth from 0 to 1, so that a share is its own quantile. */
const even = scaleOf(Array.from({ length: 101 }, (_, i) => i / 100));

test('a scale keeps the quantiles of what it is made of, whatever its order', () => {
  SHARES.forEach((share, i) => expect(even.quantiles[i]).toBeCloseTo(share, 10));
  expect(scaleOf([0.3, 0.1, 0.2])).toEqual(scaleOf([0.1, 0.2, 0.3]));
  expect(scaleOf([0.4]).quantiles).toEqual(SHARES.map(() => 0.4));
});

test('a percentile is the share of random pairs that are less alike', () => {
  expect(percentileOf(even, 0.42)).toBeCloseTo(0.42, 10);
  expect(percentileOf(even, 0.4275)).toBeCloseTo(0.4275, 10);
  expect(percentileOf(even, 0)).toBe(0);
  expect(percentileOf(even, 1)).toBe(1);
  expect(percentileOf(scaleOf([0.2, 0.4]), 0.1)).toBe(0);
  expect(percentileOf(scaleOf([0.2, 0.4]), 0.5)).toBe(1);
});

test('the similarity at a percentile is the one that has it', () => {
  const scale = scaleOf(Array.from({ length: 500 }, (_, i) => (i / 500) ** 2));
  for (const similarity of [0.01, 0.3, 0.77, 0.985])
    expect(similarityAt(scale, percentileOf(scale, similarity))).toBeCloseTo(similarity, 10);
  expect(similarityAt(even, 0)).toBe(0);
  expect(similarityAt(even, 1)).toBe(1);
  expect(similarityAt(scaleOf([0.4]), 0.7)).toBe(0.4);
});

describe('strength', () => {
  test('of a copy: far nearer than pairs usually are; then by how rare such a pair is', () => {
    const scale = scaleOf(Array.from({ length: 1001 }, (_, i) => (0.6 * i) / 1000));
    expect(bordersOf(scale)).toEqual({
      COPY: expect.closeTo(1 - 0.15 * 0.7, 10),
      VERY_SIMILAR: expect.closeTo(0.594, 10),
      SIMILAR: expect.closeTo(0.57, 10),
      WEAK: 0,
    });
    expect([1, 0.9, 0.89, 0.6, 0.59, 0.58, 0.56, 0].map((value) => strengthOf(scale, value))).toEqual([
      'COPY',
      'COPY',
      'VERY_SIMILAR',
      'VERY_SIMILAR',
      'SIMILAR',
      'SIMILAR',
      'WEAK',
      'WEAK',
    ]);
  });

  test('of a copy: nearer still where many random pairs are that near, up to a bound', () => {
    const series = (cosine: number): number =>
      bordersOf(
        scaleOf([...Array.from({ length: 1000 }, () => 0), ...Array.from({ length: 20 }, () => cosine)]),
      ).COPY;
    expect(series(0.8)).toBeCloseTo(0.85, 10);
    expect(series(0.87)).toBeCloseTo(0.87, 10);
    expect(series(0.99)).toBeCloseTo(0.88, 10);
  });

  test('never falls as the similarity rises, even where all pairs are alike', () => {
    for (const scale of [even, scaleOf([0.99]), scaleOf([0.2, 1]), scaleOf([-0.5])]) {
      const ranks = Array.from({ length: 101 }, (_, i) => STRENGTHS.indexOf(strengthOf(scale, i / 100)));
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
      expect(ranks.at(-1)).toBe(0);
    }
  });
});
