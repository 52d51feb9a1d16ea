import { beforeEach, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { adoptOnnx, type AdoptOptions } from '../../src/model-tools/hub/adopt-onnx.js';
import { loadModel } from '../../src/services/embedding/model.js';
import { GraphBuilder } from '../../src/model-tools/onnx/graph-builder.js';
import { encodeModel } from '../../src/model-tools/onnx/onnx-proto.js';
import { writeGraph } from '../helpers/dinov2-model.js';
import { makeDinov2Weights } from '../helpers/dinov2-weights.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, tinyModelBytes } from '../helpers/tiny-model.js';
import { writeSafetensors } from '../helpers/weights.js';

const WORKER_URL = new URL(
  `file://${resolve(import.meta.dirname, '..', '..', 'dist', 'workers', 'embed-worker.js')}`,
);

let folder: string;
let modelsDir: string;

beforeEach(async () => {
  folder = await temporaryDir();
  modelsDir = join(folder, 'models');
  await mkdir(modelsDir);
});

const adopt = (path: string, options: Partial<AdoptOptions> = {}) =>
  adoptOnnx({ path, modelsDir, workerUrl: WORKER_URL, ...options });

const writeOnnx = async (name: string, bytes: Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
};

/** A DINOv2 graph as an export has it: `model.onnx` and its data. */
async function exportDinov2(
  size: 'dynamic' | { height: number; width: number },
  registers = 0,
): Promise<string> {
  const weights = join(folder, 'weights.safetensors');
  await writeSafetensors(weights, makeDinov2Weights({ dimension: 64, depth: 1, grid: 5, registers }));
  await writeGraph(join(folder, 'My DINOv2'), weights, { size });
  return join(folder, 'My DINOv2', 'model.onnx');
}

describe('an export that reads any size', () => {
  test('keeps the aspect of pictures, and its patches are known', async () => {
    const path = await exportDinov2('dynamic', 4);
    const { definition, size } = await adopt(path);
    expect(size).toBe('dynamic');
    expect(definition).toMatchObject({
      id: 'my-dinov2',
      preprocess: { mode: 'short-side', shortSide: 224, multipleOf: 14 },
      output: { name: 'embedding', kind: 'embedding' },
      dimension: 64,
      precision: 'fp32',
      patchTokens: { output: 'last_hidden_state', prefix: 5, patchSize: 14 },
      weights: { file: 'model.onnx_data' },
    });
    expect((await readdir(join(modelsDir, 'my-dinov2'))).sort()).toEqual([
      'measured.json',
      'model.json',
      'model.onnx',
      'model.onnx_data',
    ]);
    expect(await readdir(modelsDir)).toEqual(['my-dinov2']);
    expect((await readdir(join(path, '..'))).sort()).toEqual(['model.onnx', 'model.onnx_data']);
    const { info } = await loadModel(join(modelsDir, 'my-dinov2'));
    expect(info.inputSize).toBe('short side 224, multiples of 14');
  });

  test('can be given a size of its own', async () => {
    const path = await exportDinov2('dynamic');
    const { definition } = await adopt(path, { size: { height: 56, width: 84 }, id: 'oblong' });
    expect(definition.preprocess).toMatchObject({ mode: 'pad', height: 56, width: 84 });
    expect(definition.patchTokens?.prefix).toBe(1);
  });
});

describe('an export of one size', () => {
  test('reads that size, with margins', async () => {
    const path = await exportDinov2({ height: 56, width: 84 });
    const { definition, size } = await adopt(path);
    expect(size).toEqual({ height: 56, width: 84 });
    expect(definition.preprocess).toMatchObject({ mode: 'pad', width: 84, height: 56 });
    expect(definition.patchTokens).toEqual({ output: 'last_hidden_state', prefix: 1, patchSize: 14 });
    const error = await rejectionOf(adopt(path, { id: 'other', size: 'dynamic' }));
    expect(error.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('56x84');
  });

  test('that declares any and fails on all but one is found out', async () => {
    const graph = new GraphBuilder({ name: 'one size' });
    const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
    const flat = graph.node('Reshape', [pixels, graph.int64('shape', [2], [1, 3 * 518 * 518])]);
    const weights = graph.float32('weights', [4], [1, 2, 3, 4]);
    const mean = graph.node('ReduceMean', [flat]);
    graph.node('Mul', [mean, weights], { output: 'image_embeds' });
    graph.output('image_embeds', 'float32', ['batch', 4]);
    const path = await writeOnnx('vit.onnx', encodeModel(graph.build()));
    const { definition, size } = await adopt(path);
    expect(size).toEqual({ height: 518, width: 518 });
    expect(definition).toMatchObject({ id: 'vit', dimension: 4, output: { name: 'image_embeds' } });
    expect(definition.patchTokens).toBeUndefined();
  });

  test.each(['embedding', 'pooler_output', 'last_hidden_state'] as const)('gives %s', async (output) => {
    const path = await writeOnnx('tiny/onnx/model.onnx', tinyModelBytes({ output }));
    const { definition } = await adopt(path);
    expect(definition).toMatchObject({
      id: 'tiny',
      dimension: TINY_DIMENSION,
      output: { name: output, kind: output },
      preprocess: { mode: 'pad', width: 56, height: 56 },
    });
  });

  test('reads bytes, channels last', async () => {
    const path = await writeOnnx('tiny.onnx', tinyModelBytes({ type: 'uint8', layout: 'nhwc' }));
    const { definition } = await adopt(path);
    expect(definition).toMatchObject({
      id: 'tiny',
      dimension: TINY_DIMENSION,
      input: { name: 'pixel_values', type: 'uint8', layout: 'nhwc' },
    });
  });
});

describe('what cannot be used is told, and nothing is left', () => {
  const refused = async (path: string, code: string, message: RegExp | string): Promise<void> => {
    const error = await rejectionOf(adopt(path));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(await readdir(modelsDir)).toEqual([]);
  };

  test('a file that is not there, or no ONNX model', async () => {
    await refused(join(folder, 'none.onnx'), 'MODEL_MISSING', /cannot be read/);
    await refused(await writeOnnx('text.onnx', Buffer.from('Hello.')), 'MODEL_MISMATCH', /not an ONNX model/);
    await refused(await writeOnnx('empty.onnx', new Uint8Array()), 'MODEL_MISMATCH', /no graph/);
  });

  test('a truncated one', async () => {
    const path = await writeOnnx('tiny.onnx', tinyModelBytes());
    await truncate(path, (await readFile(path)).byteLength - 20);
    await refused(path, 'MODEL_MISMATCH', /truncated/);
  });

  test('weights that are missing, or cut off', async () => {
    const path = await exportDinov2('dynamic');
    const alone = join(folder, 'alone.onnx');
    await copyFile(path, alone);
    await refused(alone, 'MODEL_MISSING', /model\.onnx_data is missing/);
    await truncate(`${path}_data`, 1000);
    await refused(path, 'MODEL_MISMATCH', /cannot be loaded/);
    await rm(`${path}_data`);
  });

  test('numbers that are not finite', async () => {
    await refused(
      await writeOnnx('a.onnx', tinyModelBytes({ gives: 'nans' })),
      'MODEL_MISMATCH',
      /not finite/,
    );
  });

  test('several inputs, and an input in half precision', async () => {
    const two = new GraphBuilder({ name: 'two' });
    const sum = two.node('Add', [
      two.input('pixel_values', 'float32', [1, 3, 224, 224]),
      two.input('mask', 'float32', [1, 3, 224, 224]),
    ]);
    two.node('Identity', [sum], { output: 'out' });
    two.output('out', 'float32', [1, 3, 224, 224]);
    await refused(
      await writeOnnx('two.onnx', encodeModel(two.build())),
      'MODEL_MISMATCH',
      /inputs pixel_values, mask/,
    );
    const half = new GraphBuilder({ name: 'half' });
    half.node('Identity', [half.input('pixel_values', 'float16', [1, 3, 224, 224])], { output: 'out' });
    half.output('out', 'float16', [1, 3, 224, 224]);
    await refused(await writeOnnx('half.onnx', encodeModel(half.build())), 'MODEL_MISMATCH', /float32/);
  });

  test('an id that is taken, before anything is done', async () => {
    const path = await writeOnnx('tiny.onnx', tinyModelBytes());
    await adopt(path);
    expect((await rejectionOf(adopt(path))).code).toBe('BAD_USER_INPUT');
    expect((await adopt(path, { replace: true })).definition.id).toBe('tiny');
  });
});
