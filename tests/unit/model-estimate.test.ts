import { describe, expect, test } from '@jest/globals';
import { findKnownModel, type KnownModel } from '../../src/model-tools/hub/known-models.js';
import { judgeTimes, type Measured } from '../../src/services/embedding/measured.js';
import { estimateEmbedMs, multiplyAdds, secondsFor } from '../../src/services/models/estimate.js';

const known = (id: string): KnownModel => {
  const found = findKnownModel(id);
  if (found === undefined) throw new Error(`There is no ${id}.`);
  return found;
};
const measured = (embedMs: number, threads = 2): Measured => ({
  spaceId: 'space',
  embedMs,
  threads,
  decodeMs: null,
  steady: true,
  measuredAt: new Date(0),
});
const [small, base, giant] = ['small', 'base', 'giant'].map((size) => known(`dinov2-${size}`)) as [
  KnownModel,
  KnownModel,
  KnownModel,
];
const TWO = { workers: 1, threads: 2 };

describe('what a model costs that was never run here', () => {
  test('is in proportion to the work of one that was', () => {
    const byBase = new Map([['dinov2-base', measured(240)]]);
    expect(estimateEmbedMs(base, 'fp32', byBase, TWO)).toBeCloseTo(240);
    expect(estimateEmbedMs(base, 'fp16', byBase, TWO)).toBeCloseTo(240);
    expect(estimateEmbedMs(base, 'int8', byBase, TWO)).toBeLessThan(240 / 2);
    expect(estimateEmbedMs(small, 'fp32', byBase, TWO)).toBeCloseTo(
      (240 * multiplyAdds(small)) / multiplyAdds(base),
    );
    expect(estimateEmbedMs(giant, 'fp32', byBase, TWO)).toBeGreaterThan(10 * 240);
  });

  test('goes by the one most like it: a DINOv2 before the built-in model, the same precision, the nearest size', () => {
    const all = new Map([
      ['builtin', measured(1000)],
      ['dinov2-small', measured(60)],
      ['dinov2-base-int8', measured(300)],
      ['dinov2-large', measured(900)],
    ]);
    expect(estimateEmbedMs(small, 'fp16', all, TWO)).toBeCloseTo(60);
    expect(estimateEmbedMs(base, 'int8', all, TWO)).toBeCloseTo(300);
    expect(estimateEmbedMs(known('dinov2-large-registers'), 'fp32', all, TWO)).toBeGreaterThan(900);
    expect(estimateEmbedMs(giant, 'fp32', all, TWO)).toBeCloseTo(
      (900 * multiplyAdds(giant)) / multiplyAdds(known('dinov2-large')),
    );
    // By the built-in model alone it is some seven times as much, for small.
    const byBuiltin = estimateEmbedMs(small, 'fp32', new Map([['builtin', measured(20)]]), TWO) ?? 0;
    expect(byBuiltin).toBeGreaterThan(20 * 5);
    expect(byBuiltin).toBeLessThan(20 * 9);
  });

  test('is not known by a model made elsewhere, or by none', () => {
    expect(estimateEmbedMs(small, 'fp32', new Map([['mine', measured(50)]]), TWO)).toBeNull();
    expect(estimateEmbedMs(small, 'fp32', new Map(), TWO)).toBeNull();
  });

  test('counts cores: half as long with twice the threads, and with a second worker', () => {
    const one = new Map([['dinov2-small', measured(100, 1)]]);
    expect(estimateEmbedMs(small, 'fp32', one, { threads: 2 })).toBeCloseTo(50);
    const time = { embedMs: 50, threads: 2 };
    expect(secondsFor(1000, time, 20, TWO)).toBeCloseTo((1000 * (100 + 20)) / 2 / 1000);
    expect(secondsFor(1000, time, 20, { workers: 2, threads: 2 })).toBeCloseTo(
      secondsFor(1000, time, 20, TWO) / 2,
    );
    expect(secondsFor(1000, time, null, TWO)).toBeGreaterThan(secondsFor(1000, time, 0, TWO));
  });
});

test('multiply-adds are those that are published for a square picture, and a third more for one of 4:3', () => {
  // 6.1 and 23 billion at 257 tokens (about 46 GFLOP for base); here there are 337.
  expect(multiplyAdds(small) / 1e9).toBeCloseTo(8.2, 0);
  expect(multiplyAdds(base) / 1e9).toBeCloseTo(30.6, 0);
  expect(multiplyAdds(giant) / multiplyAdds(base)).toBeCloseTo(12.9, 0);
});

describe('times of one picture', () => {
  test('are judged by the middle one, which few outliers do not move', () => {
    expect(judgeTimes([21, 20, 20, 35, 20, 90, 21])).toEqual({ embedMs: 21, steady: true });
    expect(judgeTimes([35])).toEqual({ embedMs: 35, steady: true });
  });

  test('that differ much were disturbed', () => {
    expect(judgeTimes([35, 20, 33, 36, 20, 34, 35])).toEqual({ embedMs: 34, steady: false });
    expect(judgeTimes([0.4, 1.2, 0.9, 1.1, 0.4])).toEqual({ embedMs: 0.9, steady: true }); // no more exact than this
  });
});
