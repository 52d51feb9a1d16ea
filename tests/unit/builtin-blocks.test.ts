import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { COLOR_BINS, REGIONS } from '../../src/model-tools/builtin/color-block.js';
import { GIST, GIST_DIMENSION } from '../../src/model-tools/builtin/gist-block.js';
import { encodeFirstBuiltinModel, FIRST_DIMENSION, FIRST_SIZE as SIZE } from '../helpers/builtin-first.js';

type Rgb = readonly [number, number, number];

let session: ort.InferenceSession;

beforeAll(async () => {
  session = await ort.InferenceSession.create(encodeFirstBuiltinModel(), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
});

afterAll(() => session.release());

/** @param draw the colour at a place; x and y in pixels */
async function embed(draw: (x: number, y: number) => Rgb): Promise<Float32Array> {
  const pixels = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) for (let x = 0; x < SIZE; x++) pixels.set(draw(x, y), (y * SIZE + x) * 3);
  const { embedding } = await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, SIZE, SIZE, 3]) });
  return Float32Array.from(embedding?.data as Float32Array);
}

const grey = (level: number): Rgb => [level, level, level];
const flat = (color: Rgb): Promise<Float32Array> => embed(() => color);

/** Stripes: brightness changes along `angle` (0: to the right, so the stripes stand upright). */
function stripes(period: number, angle: number): (x: number, y: number) => Rgb {
  return (x, y) =>
    grey(128 + 100 * Math.sin((2 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle))) / period));
}

const gistOf = (vector: Float32Array): Float32Array => vector.subarray(0, GIST_DIMENSION);
const colorOf = (vector: Float32Array): Float32Array => vector.subarray(GIST_DIMENSION);
const lengthOf = (vector: Float32Array): number => Math.hypot(...vector);
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
const argmax = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, i, all) => (value > (all[best] ?? -Infinity) ? i : best), 0);

const CELLS = GIST.grid * GIST.grid;
/** The 16 cells of one filter. */
const mapOf = (vector: Float32Array, scale: number, orientation: number): Float32Array => {
  const at = (scale * GIST.orientations + orientation) * CELLS;
  return vector.subarray(at, at + CELLS);
};
const strongestFilter = (vector: Float32Array): { scale: number; orientation: number } => {
  const filters = Array.from({ length: GIST.scales * GIST.orientations }, (_, i) =>
    sum(vector.subarray(i * CELLS, (i + 1) * CELLS)),
  );
  const best = argmax(filters);
  return { scale: Math.floor(best / GIST.orientations), orientation: best % GIST.orientations };
};
/** The bin that has most of a region. */
const strongestBin = (vector: Float32Array, region: (typeof REGIONS)[number]['name']): number => {
  const at = REGIONS.findIndex(({ name }) => name === region) * COLOR_BINS;
  return argmax(colorOf(vector).subarray(at, at + COLOR_BINS));
};
/** Red varies slowest; each channel has the levels 0, 85, 170, 255. */
const binOf = ([red, green, blue]: Rgb): number => (red / 85) * 16 + (green / 85) * 4 + blue / 85;

const RED: Rgb = [255, 0, 0];
const BLUE: Rgb = [0, 0, 255];
const GREEN: Rgb = [0, 170, 0];

describe('layout and texture', () => {
  test.each(
    [6, 12, 24].flatMap((period, scale) =>
      Array.from({ length: GIST.orientations }, (_, orientation) => ({ period, scale, orientation })),
    ),
  )('stripes of $period pixels in direction $orientation light their filter', async (stripe) => {
    const vector = await embed(stripes(stripe.period, (Math.PI * stripe.orientation) / GIST.orientations));
    expect(strongestFilter(vector)).toEqual({ scale: stripe.scale, orientation: stripe.orientation });
  });

  test('stripes in one corner light the cells of that corner', async () => {
    const draw = stripes(12, 0);
    const vector = await embed((x, y) => (x < SIZE / 2 && y < SIZE / 2 ? draw(x, y) : grey(128)));
    const cells = mapOf(vector, 1, 0);
    const inside = [0, 1, 4, 5].map((cell) => cells[cell] ?? 0);
    const outside = [3, 7, 10, 11, 12, 13, 14, 15].map((cell) => cells[cell] ?? 0);
    expect(Math.min(...inside)).toBeGreaterThan(Math.max(...outside));
  });

  test('the gist is that of the brightness, whatever the colour and the exposure', async () => {
    const draw = stripes(24, 0.4);
    const bright = await embed(draw);
    const dark = await embed((x, y) => grey(draw(x, y)[0] * 0.7));
    expect(
      cosine(gistOf(bright), gistOf(dark)) / (lengthOf(gistOf(bright)) * lengthOf(gistOf(dark))),
    ).toBeGreaterThan(0.98);
  });
});

describe('colour', () => {
  test('each region has the colour that is in it', async () => {
    const vector = await embed((x, y) => (x < SIZE / 2 ? (y < SIZE / 2 ? RED : grey(255)) : BLUE));
    expect(strongestBin(vector, 'top left')).toBe(binOf(RED));
    expect(strongestBin(vector, 'bottom left')).toBe(binOf([255, 255, 255]));
    expect(strongestBin(vector, 'top right')).toBe(binOf(BLUE));
    expect(strongestBin(vector, 'bottom right')).toBe(binOf(BLUE));
    expect(strongestBin(vector, 'whole')).toBe(binOf(BLUE));
  });

  test('the centre is the middle of the picture', async () => {
    const half = SIZE / 2;
    const vector = await embed((x, y) => (Math.hypot(x - half, y - half) < SIZE * 0.3 ? GREEN : grey(255)));
    expect(strongestBin(vector, 'centre')).toBe(binOf(GREEN));
    expect(strongestBin(vector, 'whole')).toBe(binOf([255, 255, 255]));
  });

  test('a slightly other colour is nearly the same, another one is not', async () => {
    const red = await flat(RED);
    expect(cosine(red, await flat([240, 10, 5]))).toBeGreaterThan(0.95);
    expect(cosine(red, await flat(BLUE))).toBeLessThan(0.3);
    expect(cosine(red, await flat(GREEN))).toBeLessThan(0.3);
  });
});

describe('pictures with nothing on them', () => {
  test.each([0, 1, 128, 254, 255])(
    'flat grey %i has a vector of unit length that is colour alone',
    async (level) => {
      const vector = await flat(grey(level));
      expect(vector).toHaveLength(FIRST_DIMENSION);
      expect(vector.every(Number.isFinite)).toBe(true);
      expect(lengthOf(vector)).toBeCloseTo(1, 5);
      expect(lengthOf(gistOf(vector))).toBeLessThan(0.01);
    },
  );

  test('black is nearer to dark grey than to white', async () => {
    const [black, dark, white] = await Promise.all([0, 40, 255].map((level) => flat(grey(level))));
    const of = (other: Float32Array | undefined): number =>
      cosine(black as Float32Array, other as Float32Array);
    expect(of(dark)).toBeGreaterThan(of(white) + 0.3);
  });

  test('the noise of a camera does not count as texture', async () => {
    let state = 1;
    const noise = (): number => ((state = (state * 48271) % 2147483647) % 3) - 1;
    const noisy = await embed(() => grey(200 + noise()));
    expect(cosine(noisy, await flat(grey(200)))).toBeGreaterThan(0.95);
  });
});
