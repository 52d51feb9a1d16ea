import { describe, expect, test } from '@jest/globals';
import type { Preprocess } from '../../src/services/embedding/model-file.js';
import { findAgreement } from '../../src/services/embedding/patches/agreement.js';
import { patchColors } from '../../src/services/embedding/patches/colors.js';
import { heatColors, smoothHeat } from '../../src/services/embedding/patches/heat.js';
import {
  centreOf,
  gridOf,
  keptTokens,
  layOutPatches,
  shownRegion,
  type PatchLayout,
} from '../../src/services/embedding/patches/layout.js';
import { renderedSize, renderPatches } from '../../src/services/embedding/patches/render.js';
import { planResize } from '../../src/services/embedding/preprocess.js';
import type { Size } from '../../src/services/media/decode.js';
import { PatchPictures } from '../../src/workers/patch-pictures.js';
import { seededRandom } from '../helpers/pictures.js';

/** As the decoder and the worker do it, without pixels. */
function layOut(preprocess: Preprocess, upright: Size, patchSize = 14): PatchLayout {
  const plan = planResize(preprocess, upright);
  const { resize, crop, pad } = plan;
  const inner = crop ?? resize;
  const content = { left: pad?.left ?? 0, top: pad?.top ?? 0, width: inner.width, height: inner.height };
  const input = {
    width: inner.width + (pad ? pad.left + pad.right : 0),
    height: inner.height + (pad ? pad.top + pad.bottom : 0),
  };
  return layOutPatches(input, patchSize, content, shownRegion(plan, upright));
}

const WHOLE = { left: 0, top: 0, width: 1, height: 1 };
const random = (count: number, seed: number): Float32Array => {
  const next = seededRandom(seed);
  return Float32Array.from({ length: count }, () => next() * 2 - 1);
};

describe('where the patches lie', () => {
  test('stretch and short-side show the whole picture', () => {
    const stretch = layOut({ mode: 'stretch', width: 56, height: 28 }, { width: 300, height: 500 });
    expect(gridOf(stretch)).toEqual({ rows: 2, columns: 4, ...WHOLE });
    const shortSide = layOut(
      { mode: 'short-side', shortSide: 56, multipleOf: 14 },
      { width: 400, height: 200 },
    );
    expect(gridOf(shortSide)).toEqual({ rows: 4, columns: 8, ...WHOLE });
    expect(centreOf(shortSide, 0)).toEqual({ x: 1 / 16, y: 1 / 8 });
    expect(centreOf(shortSide, 31)).toEqual({ x: 15 / 16, y: 7 / 8 });
  });

  test('center-crop shows the middle, and says so', () => {
    const layout = layOut({ mode: 'center-crop', resize: 64, crop: 56 }, { width: 400, height: 200 });
    expect(gridOf(layout)).toEqual({
      rows: 4,
      columns: 4,
      left: 36 / 128,
      top: 4 / 64,
      width: 56 / 128,
      height: 56 / 64,
    });
    expect(centreOf(layout, 0)).toEqual({ x: (36 + 7) / 128, y: (4 + 7) / 64 });
  });

  test('center-crop of a strip counts what was cut off before', () => {
    const layout = layOut({ mode: 'center-crop', resize: 56, crop: 56 }, { width: 1000, height: 100 });
    const { left, top, width, height } = gridOf(layout);
    expect({ left, top, width, height }).toEqual({ left: 0.45, top: 0, width: 0.1, height: 1 });
  });

  test('pad leaves the patches of the margins out', () => {
    const layout = layOut(
      { mode: 'pad', width: 56, height: 56, color: '#000000' },
      { width: 400, height: 200 },
    );
    expect(layout.kept).toEqual({ left: 0, top: 1, width: 4, height: 2 });
    expect(gridOf(layout)).toEqual({ rows: 2, columns: 4, ...WHOLE });
    // 36 of 56 pixels, from 10 on: the patches with centres at 21 and 35.
    const odd = layOut({ mode: 'pad', width: 56, height: 56, color: '#000000' }, { width: 560, height: 360 });
    expect(odd.content).toMatchObject({ top: 10, height: 36 });
    expect(odd.kept).toMatchObject({ top: 1, height: 2 });
    expect(centreOf(odd, 0).y).toBeCloseTo(11 / 36, 6);
    // A strip narrower than a patch, wherever it lies, keeps one row.
    const strip = layOut(
      { mode: 'pad', width: 56, height: 56, color: '#000000' },
      { width: 5600, height: 100 },
    );
    expect(gridOf(strip)).toEqual({ rows: 1, columns: 4, ...WHOLE });
    expect(centreOf(strip, 0).y).toBeLessThanOrEqual(1);
  });

  test('tokens of the prefix and of margins are left out', () => {
    const layout = layOut(
      { mode: 'pad', width: 56, height: 56, color: '#000000' },
      { width: 200, height: 400 },
    );
    const tokens = Float32Array.from({ length: (3 + 16) * 2 }, (_, i) => Math.floor(i / 2) - 3); // the patch's index
    expect([...keptTokens(tokens, 2, 3, layout)].filter((_, i) => i % 2 === 0)).toEqual([
      1, 2, 5, 6, 9, 10, 13, 14,
    ]);
  });
});

describe('pictures of patches', () => {
  const layout = layOut({ mode: 'short-side', shortSide: 28, multipleOf: 14 }, { width: 400, height: 200 });

  test('are of the true aspect, whatever the grid', () => {
    expect(renderedSize(layout, { width: 400, height: 200 })).toEqual({ width: 256, height: 128 });
    expect(renderedSize(layout, { width: 3, height: 3000 })).toEqual({ width: 1, height: 256 });
    const fine = layOutPatches(
      { width: 1400, height: 700 },
      14,
      { left: 0, top: 0, width: 1400, height: 700 },
      WHOLE,
    );
    expect(renderedSize(fine, { width: 400, height: 200 })).toEqual({ width: 384, height: 192 });
  });

  test('have the value of a patch in its centre, and go straight from one to the next', () => {
    const values = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13);
    const rendered = renderPatches(values, 1, layout, { width: 40, height: 20 });
    const at = (x: number, y: number): number => rendered[y * 40 + x] as number;
    expect([at(0, 0), at(39, 0), at(0, 19), at(39, 19)]).toEqual([0, 3, 10, 13]);
    expect((at(14, 0) + at(15, 0)) / 2).toBeCloseTo(1, 5);
    expect((at(19, 0) + at(20, 0)) / 2).toBeCloseTo(1.5, 5);
    expect((at(14, 9) + at(15, 10)) / 2).toBeCloseTo(6, 5);
  });

  test('show with pad just the picture', () => {
    const padded = layOut(
      { mode: 'pad', width: 56, height: 56, color: '#000000' },
      { width: 400, height: 200 },
    );
    const rendered = renderPatches(Float32Array.of(1, 1, 1, 1, 5, 5, 5, 5), 1, padded, {
      width: 8,
      height: 4,
    });
    const column = [0, 1, 2, 3].map((row) => rendered[row * 8]);
    expect(column).toEqual([1, 2, 4, 5]);
    expect([...rendered]).toEqual(column.flatMap((value) => Array(8).fill(value)));
  });
});

describe('colours of patches', () => {
  test('are the first three principal components, by brute force', () => {
    const [patches, dimension] = [40, 6];
    const tokens = random(patches * dimension, 5).map(
      (value, i) => value * [9, 5, 3, 1, 0.5, 0.1][i % dimension]!,
    );
    const colors = patchColors(tokens, dimension);
    bruteForceProjections(tokens, dimension, 3).forEach((expected, c) => {
      const channel = Array.from({ length: patches }, (_, i) => colors[i * 3 + c] as number);
      // The same up to sign, scale and what is clipped at the ends.
      const correlation = Math.abs(correlate(channel, expected));
      expect(correlation).toBeGreaterThan(0.999);
    });
    expect(Math.min(...colors)).toBe(0);
    expect(Math.max(...colors)).toBe(255);
  });

  test('are the same every time', () => {
    const tokens = random(256 * 32, 8);
    expect(patchColors(tokens.slice(), 32)).toEqual(patchColors(tokens, 32));
  });

  test('alike for what is alike, and far apart for what is not', () => {
    const noise = random(60 * 8, 3);
    const tokens = noise.map((value, i) => value * 0.05 + (i < 240 ? 1 : -1) * ((i % 8) + 1));
    const colors = patchColors(tokens, 8);
    const red = (patch: number): number => colors[patch * 3] as number;
    for (let i = 1; i < 30; i++) expect(Math.abs(red(i) - red(0))).toBeLessThan(20);
    for (let i = 30; i < 60; i++) expect(Math.abs(red(i) - red(0))).toBeGreaterThan(200);
  });

  test('are grey where there is nothing to tell apart', () => {
    expect([...patchColors(new Float32Array(4 * 5).fill(2.5), 5)]).toEqual(Array<number>(12).fill(127.5));
    expect([...patchColors(Float32Array.of(1, 2, 3), 3)]).toEqual([127.5, 127.5, 127.5]);
    expect([...patchColors(new Float32Array(6), 3)]).toEqual(Array<number>(6).fill(127.5));
  });
});

describe('agreement', () => {
  test('is where patches are mutually best', () => {
    // Of the first picture, 0 and 1 both like B's 0 best, which likes 0 better; 2 and B's 1 like each other.
    const a = Float32Array.of(1, 0, 0.9, 0.3, 0, 1);
    const b = Float32Array.of(2, 0.1, 0.1, 3);
    const { heatA, heatB, pairs } = findAgreement(a, b, 2);
    expect(pairs.map(({ a: i, b: j }) => [i, j])).toEqual([
      [2, 1],
      [0, 0],
    ]);
    expect([...heatA]).toEqual([expect.closeTo(0.99875, 4), 0, expect.closeTo(0.99944, 4)]);
    expect([...heatB]).toEqual([heatA[0], heatA[2]]);
  });

  test('is as a search of all pairs says', () => {
    const [rows, columns, dimension] = [23, 18, 7];
    const [a, b] = [random(rows * dimension, 1), random(columns * dimension, 2)];
    const cosine = (i: number, j: number): number => {
      const [x, y] = [
        a.slice(i * dimension, (i + 1) * dimension),
        b.slice(j * dimension, (j + 1) * dimension),
      ];
      return x.reduce((sum, value, d) => sum + value * y[d]!, 0) / (Math.hypot(...x) * Math.hypot(...y));
    };
    const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    const best = (count: number, of: (k: number) => number): number =>
      indices(count).reduce((winner, k) => (of(k) > of(winner) ? k : winner), 0);
    const expected = indices(rows).flatMap((i) => {
      const j = best(columns, (k) => cosine(i, k));
      return best(rows, (k) => cosine(k, j)) === i
        ? [{ a: i, b: j, cosine: expect.closeTo(cosine(i, j), 5) }]
        : [];
    });
    const { pairs } = findAgreement(a, b, dimension);
    expect([...pairs].sort((one, other) => one.a - other.a)).toEqual(expected);
    expect(pairs.length).toBeGreaterThan(3);
  });

  test('does not prefer one of patches that are equal for its place', () => {
    const flat = Float32Array.from({ length: 12 }, (_, i) => [1, 2, 3][i % 3] as number);
    const { heatA, heatB, pairs } = findAgreement(flat, flat.slice(0, 9), 3);
    expect([...heatA, ...heatB].every((heat) => heat > 0.9999 && heat <= 1)).toBe(true);
    expect(new Set(pairs.map(({ b }) => b)).size).toBe(3);
  });

  test('is nowhere between opposites, or with patches of nothing', () => {
    const one = Float32Array.of(1, 2, 3, 1, 2, 2.5);
    for (const other of [one.map((value) => -value), new Float32Array(6)]) {
      const { heatA, heatB, pairs } = findAgreement(one, other, 3);
      expect([...heatA, ...heatB, ...pairs]).toEqual([0, 0, 0, 0]);
    }
  });
});

describe('heat', () => {
  test('is transparent where there is none, and more opaque the hotter', () => {
    const colors = heatColors(Float32Array.of(0, 0.3, 0.6, 1, 7, -1));
    const alpha = [3, 7, 11, 15, 19, 23].map((at) => colors[at] as number);
    expect([alpha[0], alpha[5]]).toEqual([0, 0]);
    expect(alpha.slice(0, 4)).toEqual([...alpha.slice(0, 4)].sort((a, b) => a - b));
    expect(alpha[3]).toBe(alpha[4]);
    expect(alpha[3]).toBeLessThan(255);
  });

  test('of neighbours that agree, too, stays; of a single patch it recedes', () => {
    expect([...smoothHeat(new Float32Array(12).fill(0.5), 4)]).toEqual(Array<number>(12).fill(0.5));
    const single = new Float32Array(15);
    single[7] = 1;
    const smoothed = smoothHeat(single, 5);
    expect(smoothed[7]).toBeCloseTo(0.625, 5);
    expect(smoothed[6]).toBeCloseTo(0.0625, 5);
    expect(smoothed[5]).toBe(0);
  });
});

describe('a worker', () => {
  const preprocess: Preprocess = { mode: 'stretch', width: 28, height: 28 };
  const definition = {
    preprocess,
    patchTokens: { output: 'tokens', prefix: 1, patchSize: 14 },
  };
  const picture = (name: string): Buffer => Buffer.from(name);
  const never = new AbortController().signal;

  /** Tokens of 1 + 4 patches of 8 numbers; `seen` names the pictures it was shown. */
  function watching(mostKept?: number) {
    const seen: string[] = [];
    const pictures = new PatchPictures(
      definition,
      (bytes) => {
        const name = Buffer.from(bytes).toString();
        seen.push(name);
        if (name === 'bad') return Promise.reject(new Error('unreadable'));
        const size = { width: 28, height: 28 };
        const image = {
          ...size,
          pixels: bytes,
          content: { left: 0, top: 0, ...size },
          shown: size,
          upright: size,
          format: 'png',
          incomplete: false,
        } as const;
        return Promise.resolve({ image, tokens: random(5 * 8, bytes.length) });
      },
      mostKept,
    );
    return { seen, pictures };
  }

  test('sees a query once, however many matches it is compared with', async () => {
    const { seen, pictures } = watching();
    await Promise.all(
      ['a', 'bb', 'ccc'].map((match) => pictures.explain(picture(`query${match}`), 5, never)),
    );
    await pictures.map(picture('query'), never);
    expect(seen.sort()).toEqual(['a', 'bb', 'ccc', 'query']);
  });

  test('sees what failed anew', async () => {
    const { seen, pictures } = watching();
    for (let i = 0; i < 2; i++)
      await expect(pictures.map(picture('bad'), never)).rejects.toThrow('unreadable');
    expect(seen).toEqual(['bad', 'bad']);
  });

  test('keeps no more than it may', async () => {
    const { seen, pictures } = watching(4 * 32); // of four pictures
    for (const name of ['a', 'bb', 'ccc', 'dddd', 'a', 'eeeee', 'bb'])
      await pictures.map(picture(name), never);
    expect(seen).toEqual(['a', 'bb', 'ccc', 'dddd', 'eeeee', 'bb']);
  });
});

/** Projections onto the leading eigenvectors of the covariance, by power iteration with deflation in float64. */
function bruteForceProjections(tokens: Float32Array, dimension: number, count: number): number[][] {
  const rows = Array.from({ length: tokens.length / dimension }, (_, i) => [
    ...tokens.slice(i * dimension, (i + 1) * dimension),
  ]);
  const mean = rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length);
  const centred = rows.map((row) => row.map((value, d) => value - mean[d]!));
  const covariance = mean.map((_, i) =>
    mean.map((__, j) => centred.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
  return Array.from({ length: count }, () => {
    let vector = mean.map((_, d) => 1 + d / 10);
    for (let step = 0; step < 5000; step++) {
      const next = covariance.map((row) => row.reduce((sum, value, d) => sum + value * vector[d]!, 0));
      const length = Math.hypot(...next);
      vector = next.map((value) => value / length);
    }
    const eigenvalue = Math.hypot(
      ...covariance.map((row) => row.reduce((sum, value, d) => sum + value * vector[d]!, 0)),
    );
    covariance.forEach((row, i) =>
      row.forEach((_, j) => (row[j] = row[j]! - eigenvalue * vector[i]! * vector[j]!)),
    );
    return centred.map((row) => row.reduce((sum, value, d) => sum + value * vector[d]!, 0));
  });
}

function correlate(a: readonly number[], b: readonly number[]): number {
  const centre = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centre(a), centre(b)];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / (Math.hypot(...x) * Math.hypot(...y));
}
