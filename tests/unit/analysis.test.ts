import { describe, expect, test } from '@jest/globals';
import { dominantColors } from '../../src/services/search/dominant-colors.js';
import { histogram, statistics } from '../../src/services/search/vector-statistics.js';

function picture(...parts: [count: number, rgb: [number, number, number]][]): Uint8Array {
  return Uint8Array.from(parts.flatMap(([count, rgb]) => Array.from({ length: count }, () => rgb).flat()));
}

describe('dominantColors', () => {
  test('finds the colours and their shares, most frequent first', () => {
    const colors = dominantColors(picture([600, [255, 0, 0]], [300, [0, 0, 255]], [124, [250, 250, 250]]));
    expect(colors.map(({ hex }) => hex)).toEqual(['#ff0000', '#0000ff', '#fafafa']);
    expect(colors.map(({ share }) => share)).toEqual([600 / 1024, 300 / 1024, 124 / 1024]);
  });

  test('a flat picture has one colour', () => {
    expect(dominantColors(picture([64, [7, 8, 9]]))).toEqual([{ hex: '#070809', share: 1 }]);
  });

  test('near shades are told as one', () => {
    expect(dominantColors(picture([50, [100, 100, 100]], [50, [104, 104, 104]]))).toHaveLength(1);
  });
});

describe('statistics', () => {
  test('of a known vector', () => {
    expect(statistics(new Float32Array([0.5, -0.5, 0.5, -0.5]))).toEqual({
      dimension: 4,
      norm: 1,
      min: -0.5,
      max: 0.5,
      mean: 0,
      std: 0.5,
    });
  });

  test('every component is in one bin, the largest in the last', () => {
    expect(histogram(new Float32Array([0, 0.1, 0.5, 1]), 4)).toEqual([2, 0, 1, 1]);
    expect(histogram(new Float32Array([1, 1, 1]), 3)).toEqual([3, 0, 0]);
  });
});
