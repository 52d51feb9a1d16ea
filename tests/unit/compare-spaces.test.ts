import { describe, expect, test } from '@jest/globals';
import { median } from '../../src/lib/median.js';
import { compareSpaces } from '../../src/model-tools/compare-spaces.js';

/** A unit vector in the plane. */
const at = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

describe('compareSpaces', () => {
  test('a space and itself are the same', () => {
    const vectors = [0, 10, 25, 70, 100, 130, 145].map(at);
    const { cosine, overlap, pictures } = compareSpaces(vectors, vectors);
    expect(pictures).toBe(7);
    expect(cosine?.min).toBeCloseTo(1, 6);
    expect(overlap).toEqual({ neighbours: 3, mean: 1, min: 1 });
  });

  test('the cosine is of the two vectors of each picture', () => {
    const { cosine } = compareSpaces([0, 0, 0].map(at), [10, 60, 30].map(at));
    expect(cosine?.min).toBeCloseTo(0.5, 6);
    expect(cosine?.median).toBeCloseTo(Math.cos(Math.PI / 6), 6);
  });

  test('the overlap is of the nearest within each space, whatever its dimension', () => {
    // In a line, then with the last picture moved beside the first.
    const a = [0, 10, 21, 33].map(at);
    const b = [0, 10, 21, 1].map((degrees) => Float32Array.of(...at(degrees), 0));
    const { cosine, overlap } = compareSpaces(a, b, 1);
    expect(cosine).toBeNull();
    // Nearest in a: 1 0 1 2, in b: 3 3 1 0.
    expect(overlap).toEqual({ neighbours: 1, mean: 0.25, min: 0 });
  });

  test('is not looked at where the neighbours are nearly all there are', () => {
    const vectors = [0, 10, 25, 70, 100].map(at);
    expect(compareSpaces(vectors, vectors).overlap?.neighbours).toBe(2);
    expect(compareSpaces(vectors.slice(0, 2), vectors.slice(0, 2)).overlap).toBeNull();
  });

  test('one picture has no neighbours', () => {
    expect(compareSpaces([at(0)], [at(0)])).toMatchObject({ overlap: null, pictures: 1 });
    expect(compareSpaces([], [])).toEqual({ pictures: 0, cosine: null, overlap: null });
  });
});

test('the median of an even number is between the two in the middle', () => {
  expect([median([3]), median([1, 2]), median([1, 5, 9])]).toEqual([3, 1.5, 5]);
});
