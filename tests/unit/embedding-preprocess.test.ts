import { describe, expect, test } from '@jest/globals';
import { describeInputSize, planResize, TensorBuilder } from '../../src/services/embedding/preprocess.js';
import { planWorkers } from '../../src/services/embedding/plan.js';
import { makeSwatch } from '../../src/services/embedding/swatch.js';
import { toUnitVector } from '../../src/services/embedding/unit-vector.js';

describe('from a picture to the size of the model', () => {
  test('stretch', () => {
    const preprocess = { mode: 'stretch', width: 224, height: 112 } as const;
    expect(planResize(preprocess, { width: 1, height: 5000 })).toEqual({
      resize: { width: 224, height: 112 },
    });
    expect(describeInputSize(preprocess)).toBe('224x112');
  });

  test('center-crop, as torchvision does it', () => {
    const preprocess = { mode: 'center-crop', resize: 256, crop: 224 } as const;
    expect(planResize(preprocess, { width: 640, height: 480 })).toEqual({
      resize: { width: 341, height: 256 },
      crop: { left: 59, top: 16, width: 224, height: 224 },
    });
    expect(planResize(preprocess, { width: 1, height: 5000 })).toEqual({
      region: { left: 0, top: 2498, width: 1, height: 4 },
      resize: { width: 256, height: 1024 },
      crop: { left: 16, top: 400, width: 224, height: 224 },
    });
    expect(describeInputSize(preprocess)).toBe('224x224');
  });

  test('short-side, in multiples, bounded', () => {
    const preprocess = { mode: 'short-side', shortSide: 224, multipleOf: 14 } as const;
    const size = (width: number, height: number) => planResize(preprocess, { width, height }).resize;
    expect(size(500, 500)).toEqual({ width: 224, height: 224 });
    expect(size(640, 480)).toEqual({ width: 294, height: 224 });
    expect(size(480, 640)).toEqual({ width: 224, height: 294 });
    expect(size(1, 5000)).toEqual({ width: 224, height: 896 });
    expect(planResize({ ...preprocess, maxSide: 500 }, { width: 5000, height: 1 }).resize).toEqual({
      width: 490,
      height: 224,
    });
    expect(describeInputSize(preprocess)).toBe('short side 224, multiples of 14');
  });

  test('pad', () => {
    const preprocess = { mode: 'pad', width: 224, height: 224, color: '#7f7f7f' } as const;
    expect(planResize(preprocess, { width: 400, height: 201 })).toEqual({
      resize: { width: 224, height: 113 },
      pad: { left: 0, right: 0, top: 55, bottom: 56, color: '#7f7f7f' },
    });
    expect(planResize(preprocess, { width: 1, height: 5000 }).resize).toEqual({ width: 1, height: 224 });
  });
});

describe('from pixels to a tensor', () => {
  const pixels = Uint8Array.from([0, 10, 20, 255, 128, 64]);
  const size = { width: 2, height: 1 };
  const normalize = { scale: 1 / 255, mean: [0.5, 0, 0], std: [0.5, 1, 2] } as const;

  test('planes of normalised numbers', () => {
    const { dims, data, type } = new TensorBuilder({ layout: 'nchw', type: 'float32' }, normalize).build(
      pixels,
      size,
    );
    expect([type, dims]).toEqual(['float32', [1, 3, 1, 2]]);
    const expected = [-1, 1, 10 / 255, 128 / 255, 10 / 255, 32 / 255];
    expect([...data]).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });

  test('interleaved numbers, raw', () => {
    const raw = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const { dims, data } = new TensorBuilder({ layout: 'nhwc', type: 'float32' }, raw).build(pixels, size);
    expect([dims, [...data]]).toEqual([[1, 1, 2, 3], [...pixels]]);
  });

  test('bytes, either way', () => {
    const interleaved = new TensorBuilder({ layout: 'nhwc', type: 'uint8' }, normalize).build(pixels, size);
    expect([interleaved.type, [...interleaved.data]]).toEqual(['uint8', [...pixels]]);
    const planes = new TensorBuilder({ layout: 'nchw', type: 'uint8' }, normalize).build(pixels, size);
    expect([...planes.data]).toEqual([0, 255, 10, 128, 20, 64]);
  });

  test('memory is used again for the same size only', () => {
    const builder = new TensorBuilder({ layout: 'nchw', type: 'float32' }, normalize);
    const first = builder.build(pixels, size).data;
    expect(builder.build(pixels, size).data).toBe(first);
    expect(builder.build(new Uint8Array(3), { width: 1, height: 1 }).data).toHaveLength(3);
  });
});

test('a swatch averages the picture without its margins', () => {
  const [width, height] = [64, 66];
  const pixels = new Uint8Array(width * height * 3).fill(77); // margins of one row
  for (let y = 1; y <= 64; y++)
    for (let x = 0; x < 64; x++) pixels.set([x % 2 ? 100 : 50, y, 0], (y * width + x) * 3);
  const base = {
    pixels,
    width,
    height,
    shown: { width, height: 64 },
    upright: { width, height: 64 },
    format: 'png',
    incomplete: false,
  } as const;
  const swatch = makeSwatch({ ...base, content: { left: 0, top: 1, width: 64, height: 64 } });
  expect([...swatch.subarray(0, 3)]).toEqual([75, 2, 0]);
  expect([...swatch.subarray(-3)]).toEqual([75, 64, 0]);

  const tiny = makeSwatch({
    ...base,
    pixels: Uint8Array.from([1, 2, 3]),
    width: 1,
    height: 1,
    content: { left: 0, top: 0, width: 1, height: 1 },
  });
  expect(new Set(Array.from({ length: 1024 }, (_, i) => tiny.subarray(i * 3, i * 3 + 3).join()))).toEqual(
    new Set(['1,2,3']),
  );
});

describe('unit vectors', () => {
  test('have length 1', () => {
    expect([...toUnitVector(Float32Array.from([3, 0, 4]))]).toEqual([
      expect.closeTo(0.6, 6),
      0,
      expect.closeTo(0.8, 6),
    ]);
    expect(Math.hypot(...toUnitVector(Float32Array.from([1e30, 1e30])))).toBeCloseTo(1, 6);
  });

  test.each([[[0, 0]], [[NaN, 1]], [[Infinity, 1]]])('cannot be made of %p', (values) => {
    expect(() => toUnitVector(Float32Array.from(values))).toThrow(
      expect.objectContaining({ code: 'EMBEDDING_FAILED' }),
    );
  });
});

test.each([
  [1, 0, 0, { workers: 1, threads: 1 }],
  [2, 0, 0, { workers: 1, threads: 2 }],
  [8, 0, 0, { workers: 1, threads: 8 }],
  [12, 0, 0, { workers: 2, threads: 6 }],
  [64, 0, 0, { workers: 8, threads: 8 }],
  [8, 2, 0, { workers: 2, threads: 4 }],
  [8, 0, 2, { workers: 4, threads: 2 }],
  [2, 3, 0, { workers: 3, threads: 1 }],
  [2, 1, 1, { workers: 1, threads: 1 }],
])('%i cores, wanted %i workers of %i threads', (cores, workers, threads, plan) => {
  expect(planWorkers({ workers, threads }, cores)).toEqual(plan);
});
