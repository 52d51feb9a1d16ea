import { describe, expect, test } from '@jest/globals';
import { regionWeights } from '../../src/model-tools/builtin/color-block.js';
import { gaborFilters, gaborSize } from '../../src/model-tools/builtin/gabor.js';
import { gaussianBlurMatrix } from '../../src/model-tools/builtin/gaussian-blur.js';
import { srgbToOpponent } from '../../src/model-tools/builtin/opponent-color.js';

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

function rows(matrix: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: matrix.length / length }, (_, i) =>
    matrix.subarray(i * length, (i + 1) * length),
  );
}

describe('Gabor filters', () => {
  const bank = { wavelength: 6, sigma: 3.36, orientations: 8 };
  const size = gaborSize(bank);
  const filters = rows(gaborFilters(bank), size * size);

  test('do not answer to brightness and have unit energy, real and imaginary part together', () => {
    expect(filters).toHaveLength(16);
    for (let orientation = 0; orientation < 8; orientation++) {
      const parts = [filters[orientation], filters[orientation + 8]] as [Float32Array, Float32Array];
      for (const part of parts) expect(sum(part)).toBeCloseTo(0, 5);
      expect(sum(parts[0].map((v) => v * v)) + sum(parts[1].map((v) => v * v))).toBeCloseTo(1, 5);
    }
  });

  test('the fifth is the first, turned by a quarter', () => {
    const [first, fifth] = [filters[0], filters[4]] as [Float32Array, Float32Array];
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) expect(fifth[x * size + y]).toBeCloseTo(first[y * size + x] ?? NaN, 6);
  });
});

describe('the blur', () => {
  test('keeps a flat picture flat, up to the border, and is a Gaussian within', () => {
    const blur = rows(gaussianBlurMatrix(64, 3), 64);
    for (const row of blur) expect(sum(row)).toBeCloseTo(1, 5);
    const middle = blur[32] as Float32Array;
    expect((middle[35] ?? 0) / (middle[32] ?? 1)).toBeCloseTo(Math.exp(-0.5), 5);
  });
});

describe('the regions of colour', () => {
  test('count each pixel by its share, the quadrants just their own', () => {
    const [whole, centre, topLeft] = rows(regionWeights(8), 64) as [Float32Array, Float32Array, Float32Array];
    for (const region of [whole, centre, topLeft]) expect(sum(region)).toBeCloseTo(1, 5);
    expect(topLeft[0]).toBeCloseTo(1 / 16, 6);
    expect(topLeft[4]).toBe(0);
    expect(centre[27]).toBeGreaterThan((centre[0] ?? 1) * 10);
  });
});

describe('the space of colours', () => {
  // a and b as published for OKLab's primaries; brightness is BT.601's.
  test.each<[string, [number, number, number], [number, number, number]]>([
    ['black', [0, 0, 0], [0, 0, 0]],
    ['white', [1, 1, 1], [1, 0, 0]],
    ['red', [1, 0, 0], [0.299, 0.2249, 0.1258]],
    ['blue', [0, 0, 1], [0.114, -0.0325, -0.3115]],
  ])('%s', (_, rgb, expected) => {
    srgbToOpponent(rgb).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 3));
  });
});
