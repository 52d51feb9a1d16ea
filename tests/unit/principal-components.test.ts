import { describe, expect, test } from '@jest/globals';
import { principalComponents, project } from '../../src/lib/principal-components.js';

/** Points around a plane that is spanned by two known directions. */
function planar(rows: number, dimension: number, noise: number): Float32Array {
  const data = new Float32Array(rows * dimension);
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  };
  for (let r = 0; r < rows; r++) {
    // Uncorrelated over all rows, so that the directions are exactly those.
    const angle = (2 * Math.PI * r) / rows;
    const [a, b] = [5 * Math.cos(angle), 2 * Math.sin(angle)];
    for (let d = 0; d < dimension; d++)
      data[r * dimension + d] = 3 + (d % 2 === 0 ? a : -b) / Math.sqrt(dimension / 2) + noise * random();
  }
  return data;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);

describe('principal components', () => {
  test('finds the directions of largest variance, in order', () => {
    const dimension = 40;
    const { basis, variances, mean } = principalComponents(planar(500, dimension, 0.01), dimension, {
      components: 3,
    });
    const first = Array.from(
      { length: dimension },
      (_, d) => (d % 2 === 0 ? 1 : 0) / Math.sqrt(dimension / 2),
    );
    const second = Array.from(
      { length: dimension },
      (_, d) => (d % 2 === 1 ? 1 : 0) / Math.sqrt(dimension / 2),
    );
    expect(Math.abs(dot(basis.subarray(0, dimension), first))).toBeGreaterThan(0.999);
    expect(Math.abs(dot(basis.subarray(dimension, 2 * dimension), second))).toBeGreaterThan(0.999);
    expect(variances[0]).toBeGreaterThan(variances[1] as number);
    expect(variances[2]).toBeLessThan(0.01);
    expect(mean[0]).toBeCloseTo(3, 0);
  });

  test('is orthonormal and the same every time', () => {
    const data = planar(60, 12, 1);
    const one = principalComponents(data, 12, { components: 5 });
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < 5; j++)
        expect(
          dot(one.basis.subarray(i * 12, (i + 1) * 12), one.basis.subarray(j * 12, (j + 1) * 12)),
        ).toBeCloseTo(i === j ? 1 : 0, 4);
    expect(principalComponents(data, 12, { components: 5 })).toEqual(one);
  });

  test('the variance along a component is that of the projections', () => {
    const data = planar(200, 10, 0.5);
    const components = principalComponents(data, 10, { components: 2 });
    const projected = project(data, 10, components);
    for (const c of [0, 1]) {
      const values = Array.from({ length: 200 }, (_, r) => projected[r * 2 + c] as number);
      const mean = values.reduce((sum, value) => sum + value, 0) / 200;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 199;
      expect(mean).toBeCloseTo(0, 3);
      expect(variance / (components.variances[c] as number)).toBeCloseTo(1, 3);
    }
  });

  test('nothing, one point and equal points do no harm', () => {
    expect(principalComponents(new Float32Array(0), 4, { components: 2 }).variances).toHaveLength(0);
    const one = principalComponents(Float32Array.of(1, 2, 3, 4), 4, { components: 2 });
    expect([...project(Float32Array.of(1, 2, 3, 4), 4, one)].every((value) => Math.abs(value) < 1e-6)).toBe(
      true,
    );
    const equal = principalComponents(new Float32Array(40).fill(2), 4, { components: 2 });
    expect([...equal.variances]).toEqual([0, 0]);
  });
});
