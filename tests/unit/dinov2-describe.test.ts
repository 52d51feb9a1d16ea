import { describe, expect, test } from '@jest/globals';
import type { Architecture } from '../../src/model-tools/dinov2/architecture.js';
import {
  checkInputSize,
  choosePreprocess,
  MEAN_COLOR,
  usualId,
} from '../../src/model-tools/dinov2/describe.js';

const BASE: Architecture = {
  size: 'base',
  dimension: 768,
  depth: 12,
  heads: 12,
  feedForward: 'gelu',
  hidden: 3072,
  registers: 0,
  grid: 37,
  patchSize: 14,
};

test('the margins have the mean colour of ImageNet', () => expect(MEAN_COLOR).toBe('#7c7468'));

describe('preprocessing', () => {
  const SQUARE = { height: 518, width: 518 };
  const WIDE = { height: 224, width: 308 };

  test('cuts nothing off by default', () => {
    expect(choosePreprocess('dynamic')).toEqual({ mode: 'short-side', shortSide: 224, multipleOf: 14 });
    expect(choosePreprocess(WIDE)).toEqual({ mode: 'pad', width: 308, height: 224, color: MEAN_COLOR });
  });

  test('as asked for', () => {
    expect(choosePreprocess('dynamic', 'center-crop')).toEqual({
      mode: 'center-crop',
      resize: 256,
      crop: 224,
    });
    expect(choosePreprocess(SQUARE, 'center-crop')).toEqual({ mode: 'center-crop', resize: 592, crop: 518 });
    expect(choosePreprocess('dynamic', 'pad')).toEqual({
      mode: 'pad',
      width: 224,
      height: 224,
      color: MEAN_COLOR,
    });
  });

  test('is refused where the graph reads another size', () => {
    expect(() => choosePreprocess(SQUARE, 'short-side')).toThrow('short-side needs the dynamic one');
    expect(() => choosePreprocess(WIDE, 'center-crop')).toThrow('no square');
  });
});

test.each([
  [BASE, 'fp32', 'dinov2-base'],
  [{ ...BASE, registers: 4 }, 'fp16', 'dinov2-base-registers-fp16'],
  [{ ...BASE, size: 'giant' }, 'int8', 'dinov2-giant-int8'],
  [{ ...BASE, size: 'custom' }, 'fp32', null],
] as const)('the usual id of %j in %s is %s', (architecture, precision, id) =>
  expect(usualId(architecture, precision)).toBe(id),
);

test.each([
  [225, 224],
  [224, 0],
  [0, 14],
  [14.5, 14],
  [2058, 14],
])('%d x %d is no size', (height, width) =>
  expect(() => checkInputSize({ height, width })).toThrow('multiples of 14'),
);
