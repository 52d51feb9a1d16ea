import { beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniseArchitecture } from '../../src/model-tools/dinov2/architecture.js';
import { calibrate } from '../../src/model-tools/dinov2/calibrate.js';
import { convertDinov2 } from '../../src/model-tools/dinov2/convert.js';
import { choosePreprocess, MODEL_INPUT, NORMALIZE } from '../../src/model-tools/dinov2/describe.js';
import { int8Linear } from '../../src/model-tools/dinov2/int8-linear.js';
import { float32Linear } from '../../src/model-tools/dinov2/linear.js';
import { smoothWeights } from '../../src/model-tools/dinov2/smooth-quant.js';
import { openProbe } from '../../src/model-tools/probe.js';
import { openWeights } from '../../src/model-tools/weights/open.js';
import { runCli } from '../helpers/cli.js';
import {
  largestDifference,
  runModel,
  smallestCosine,
  writeGraphOf,
  type Features,
  type Pixels,
} from '../helpers/dinov2-model.js';
import { makeDinov2Weights, type Dinov2Shape, type TestTensor } from '../helpers/dinov2-weights.js';
import { gaussians } from '../helpers/gaussians.js';
import { drawing, jpeg } from '../helpers/pictures.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, TINY_SIDE, writeTinyModel } from '../helpers/tiny-model.js';
import { writeNpz } from '../helpers/weights.js';

const probeUrl = new URL('../../dist/workers/probe-worker.js', import.meta.url);
const embedUrl = new URL('../../dist/workers/embed-worker.js', import.meta.url);

const SIDE = 112;
const SIZE = { height: SIDE, width: SIDE };

let dir: string;
let modelsDir: string;

beforeEach(async () => {
  dir = await temporaryDir();
  modelsDir = join(dir, 'models');
});

async function weightsFile(
  shape: Dinov2Shape,
  change: (tensors: Map<string, TestTensor>) => void = () => {},
): Promise<string> {
  const tensors = makeDinov2Weights({ dimension: 128, depth: 2, grid: 8, ...shape });
  change(tensors);
  const path = join(dir, 'weights.npz');
  await writeNpz(path, tensors);
  return path;
}

async function pictureFiles(count: number): Promise<string[]> {
  const folder = join(dir, 'pictures');
  await mkdir(folder);
  return Promise.all(
    Array.from({ length: count }, async (_, seed) => {
      const path = join(folder, `${seed}.jpg`);
      await writeFile(path, await jpeg(seed, 160, 120));
      return path;
    }),
  );
}

/** What the model reads of a picture that calibration has not seen. */
async function pixelsOf(seed: number): Promise<Pixels> {
  const raw = await drawing(seed, SIDE, SIDE).removeAlpha().raw().toBuffer();
  const data = new Float32Array(3 * SIDE * SIDE);
  for (let i = 0; i < data.length; i++) {
    const [channel, at] = [Math.floor(i / (SIDE * SIDE)), i % (SIDE * SIDE)];
    data[i] = (raw[3 * at + channel]! / 255 - NORMALIZE.mean[channel]!) / NORMALIZE.std[channel]!;
  }
  return { dims: [1, 3, SIDE, SIDE], data };
}

/** Calibrates, and runs the model in float32 and int8, before and after. */
async function tryOut(path: string, pictures: readonly string[]) {
  const weights = await openWeights(path);
  try {
    const architecture = recogniseArchitecture(weights);
    const calibration = await calibrate(weights, architecture, {
      pictures,
      modelsDir,
      size: SIZE,
      definition: { input: MODEL_INPUT, preprocess: choosePreprocess(SIZE), normalize: NORMALIZE },
      workerUrl: probeUrl,
    });
    const { folded, divided, float } = calibration;
    const smooth = smoothWeights(weights, architecture, folded);
    const pixels = await Promise.all([101, 102, 103].map(pixelsOf));
    const run = async (
      name: string,
      from: typeof weights,
      linear: typeof float32Linear,
    ): Promise<Features[]> => {
      await writeGraphOf(join(dir, name), from, { linear, size: SIZE });
      return runModel(join(dir, name), ...pixels);
    };
    const exact = await run('exact', weights, float32Linear);
    const cosine = (features: readonly Features[]): number =>
      Math.min(
        ...features.map(({ embedding }, i) =>
          smallestCosine(embedding, exact[i]!.embedding, embedding.length),
        ),
      );
    const foldedExact = await run('folded', smooth, float32Linear);
    return {
      calibration,
      difference: Math.max(
        ...foldedExact.map((one, i) => largestDifference(one.lastHiddenState, exact[i]!.lastHiddenState)),
      ),
      plain: cosine(await run('int8', weights, int8Linear())),
      calibrated: cosine(await run('calibrated', smooth, int8Linear({ float, divisors: divided }))),
    };
  } finally {
    await weights.close();
  }
}

describe('calibration', () => {
  // Products of two random numbers, as SwiGLU gives with these weights, are spread less evenly than what GELU gives.
  test.each([
    ['GELU', 0.995],
    ['SwiGLU', 0.98],
  ])('evens out outliers, with %s', async (feedForward, least) => {
    const swiglu = feedForward === 'SwiGLU';
    const path = await weightsFile({ outliers: 3, outlierGain: 60, swiglu });
    const { calibration, difference, plain, calibrated } = await tryOut(path, await pictureFiles(8));
    expect(calibration).toMatchObject({ pictures: 8, unreadable: 0 });
    expect(calibration.layers.map(({ name }) => name).slice(0, 4)).toEqual([
      'layer.0.attention.qkv',
      'layer.0.attention.output',
      'layer.0.mlp.fc1',
      'layer.0.mlp.fc2',
    ]);
    for (const { name, division, error, plainError } of calibration.layers) {
      expect(error).toBeLessThan(0.05);
      if (!/qkv|fc1/.test(name)) continue;
      expect([name, division]).toEqual([name, 'folded']);
      expect(error).toBeLessThan(plainError / 2);
    }
    expect(difference).toBeLessThan(1e-4);
    expect(plain).toBeLessThan(0.9);
    expect(calibrated).toBeGreaterThan(least);
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test('folds into values and into the half of SwiGLU that is linear, without changing the result', async () => {
    // Every foldable layer at once, with divisors of every size.
    const path = await weightsFile({ swiglu: true });
    const weights = await openWeights(path);
    const architecture = recogniseArchitecture(weights);
    const next = gaussians(7);
    const of = (length: number): Float32Array => Float32Array.from({ length }, () => Math.exp(next()));
    const divisors = new Map(
      [0, 1].flatMap((index) => [
        [`layer.${index}.attention.qkv`, of(128)],
        [`layer.${index}.attention.output`, of(128)],
        [`layer.${index}.mlp.fc1`, of(128)],
        [`layer.${index}.mlp.fc2`, of(architecture.hidden)],
      ]),
    );
    const results = [];
    for (const [name, from] of Object.entries({
      exact: weights,
      folded: smoothWeights(weights, architecture, divisors),
    })) {
      await writeGraphOf(join(dir, name), from, { size: SIZE });
      results.push((await runModel(join(dir, name), await pixelsOf(5)))[0]!.lastHiddenState);
    }
    await weights.close();
    expect(largestDifference(results[0]!, results[1]!)).toBeLessThan(1e-4);
  });

  test('divides at run time what cannot be folded, after GELU', async () => {
    const path = await weightsFile({ depth: 1 }, (tensors) => {
      const rows = tensors.get('encoder.layer.0.mlp.fc1.weight')!.data;
      const columns = tensors.get('encoder.layer.0.mlp.fc2.weight')!.data;
      for (const channel of [17, 300]) {
        for (let i = 0; i < 128; i++) rows[128 * channel + i]! *= 100;
        for (let row = 0; row < 128; row++) columns[512 * row + channel]! /= 100;
      }
    });
    const { calibration, difference, plain, calibrated } = await tryOut(path, await pictureFiles(8));
    expect(calibration.layers.at(-1)).toMatchObject({
      name: 'layer.0.mlp.fc2',
      division: 'at run time',
      type: 'int8',
    });
    expect(difference).toBeLessThan(1e-4);
    expect(calibrated).toBeGreaterThan(plain);
    expect(calibrated).toBeGreaterThan(0.995);
  });

  test('leaves alone what is good as it is', async () => {
    const { calibration, difference, plain, calibrated } = await tryOut(
      await weightsFile({ depth: 1 }),
      await pictureFiles(2),
    );
    expect(calibration.layers.map(({ division, type }) => [division, type])).toEqual(
      Array(4).fill(['none', 'int8']),
    );
    expect([difference, calibration.pictures]).toEqual([0, 2]);
    expect(plain).toBe(calibrated);
    expect(calibrated).toBeGreaterThan(0.995);
  });
});

describe('converting to int8', () => {
  const convert = (weightsPath: string, calibrationPictures: readonly string[], signal?: AbortSignal) =>
    convertDinov2({
      weightsPath,
      modelsDir,
      id: 'tiny',
      size: { height: 56, width: 56 },
      precision: 'int8',
      calibrationPictures,
      signal,
      workerUrl: embedUrl,
    });

  test('leaves unreadable pictures out', async () => {
    const pictures = await pictureFiles(5);
    await writeFile(pictures[1]!, 'no picture');
    await writeFile(pictures[3]!, (await jpeg(1)).subarray(0, 300));
    const { definition, calibration } = await convert(await weightsFile({ depth: 1 }), [
      ...pictures,
      join(dir, 'gone.jpg'),
    ]);
    expect(definition).toMatchObject({ id: 'tiny', precision: 'int8' });
    expect(calibration).toMatchObject({ unreadable: 3, pictures: 3 });
    expect(await readdir(modelsDir)).toEqual(['tiny']);
  });

  test('refuses a folder without a picture that can be read, and leaves nothing', async () => {
    const path = await weightsFile({ depth: 1 });
    for (const pictures of [[], [join(dir, 'gone.jpg')]]) {
      const { code, message } = await rejectionOf(convert(path, pictures));
      expect([code, message]).toEqual(['BAD_USER_INPUT', expect.stringContaining('a folder with pictures')]);
    }
    expect(await readdir(modelsDir).catch(() => [])).toEqual([]);
  });

  test('can be stopped while it calibrates', async () => {
    const controller = new AbortController();
    const converting = convertDinov2({
      weightsPath: await weightsFile({ depth: 1 }),
      modelsDir,
      id: 'tiny',
      precision: 'int8',
      calibrationPictures: await pictureFiles(4),
      onCalibration: () => controller.abort(new Error('enough')),
      signal: controller.signal,
      workerUrl: embedUrl,
    });
    await expect(converting).rejects.toThrow('enough');
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test('calibrates for int8 only', async () => {
    const failed = await rejectionOf(
      convertDinov2({
        weightsPath: await weightsFile({ depth: 1 }),
        modelsDir,
        id: 'tiny',
        calibrationPictures: [],
      }),
    );
    expect(failed.message).toContain('precision int8');
  });

  test('by the CLI', async () => {
    await pictureFiles(4);
    const path = await weightsFile({ depth: 1, outliers: 2, outlierGain: 60 });
    const args = ['models', 'convert', path, '--id', 'mine', '--size', '56', '--precision', 'int8'];
    const { code, stdout } = await runCli([...args, '--calibrate', join(dir, 'pictures')], {
      env: { MODELS_DIR: modelsDir },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('reads 56x56 (pad), int8');
    expect(stdout).toMatch(/Calibrated on 4 pictures: 2 layers of 4 evened out, 0 left in fp32/);
    const wrong = await runCli([...args, '--calibrate', join(dir, 'gone')], {
      env: { MODELS_DIR: modelsDir },
    });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('gone cannot be read');
  });
});

describe('a probe', () => {
  const open = async () => {
    const folder = await writeTinyModel(modelsDir);
    return openProbe({
      path: join(folder, 'model.onnx'),
      definition: {
        input: { layout: 'nchw', type: 'float32' },
        preprocess: { mode: 'stretch', width: TINY_SIDE, height: TINY_SIDE },
        normalize: { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      },
      workerUrl: probeUrl,
    });
  };

  test('gives the outputs asked for, of pictures and of tensors, each its own', async () => {
    const probe = await open();
    try {
      const solid = (red: number) =>
        drawing(1, 60, 60).composite([{ input: { create: { width: 60, height: 60, channels: 3, background: { r: red, g: 0, b: 255 } } } }]).png().toBuffer(); // prettier-ignore
      const pictures = await Promise.all([0, 51, 102, 153, 204, 255].map(solid));
      const results = await Promise.all(pictures.map((bytes) => probe.runPicture(bytes, ['embedding'])));
      for (const [i, { embedding }] of results.entries()) {
        expect(embedding?.dims).toEqual([1, TINY_DIMENSION]);
        expect(embedding?.data[0]).toBeCloseTo(-1 + 0.4 * i, 2);
        expect(embedding?.data.at(-1)).toBeCloseTo(1, 2);
      }
      const data = new Float32Array(2 * 3 * TINY_SIDE ** 2).fill(0.25);
      const { embedding } = await probe.runTensor({ dims: [2, 3, TINY_SIDE, TINY_SIDE], data }, [
        'embedding',
      ]);
      expect(embedding?.dims).toEqual([2, TINY_DIMENSION]);
      expect([...(embedding?.data ?? [])].every((value) => Math.abs(value - 0.25) < 1e-6)).toBe(true);
    } finally {
      await probe.close();
    }
  });

  test('tells what is wrong, and goes on', async () => {
    const probe = await open();
    try {
      const picture = await jpeg(1);
      expect(await rejectionOf(probe.runPicture(picture, ['nothing']))).toMatchObject({
        code: 'EMBEDDING_FAILED',
        message: expect.stringContaining('nothing'),
      });
      expect((await rejectionOf(probe.runPicture(Buffer.from('x'), ['embedding']))).code).toMatch(/^IMAGE_/);
      const tensor = { dims: [1, 3, 8, 9], data: new Float32Array(3 * 72) };
      expect((await rejectionOf(probe.runTensor(tensor, ['embedding']))).code).toBe('EMBEDDING_FAILED');
      expect((await rejectionOf(probe.runTensor({ ...tensor, dims: [1] }, ['embedding']))).code).toBe(
        'BAD_USER_INPUT',
      );
      expect((await probe.runPicture(picture, ['embedding']))['embedding']?.dims).toEqual([
        1,
        TINY_DIMENSION,
      ]);
    } finally {
      await probe.close();
    }
  });

  test('refuses what is no model', async () => {
    const path = join(dir, 'model.onnx');
    await writeFile(path, 'no model');
    const failed = await rejectionOf(
      openProbe({
        path,
        definition: { input: MODEL_INPUT, preprocess: choosePreprocess('dynamic'), normalize: NORMALIZE },
        workerUrl: probeUrl,
      }),
    );
    expect([failed.code, failed.message]).toEqual(['MODEL_MISMATCH', expect.stringContaining(path)]);
  });
});
