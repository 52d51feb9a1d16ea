import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import {
  BUILTIN_DIMENSION,
  BUILTIN_INPUT_SIZE as SIZE,
  describeBuiltinModel,
  encodeBuiltinModel,
} from '../../src/model-tools/builtin/builtin-model.js';
import { readBuiltinWeights, type BuiltinWeights } from '../../src/model-tools/builtin/weights.js';
import { parseModelFile } from '../../src/services/embedding/model-file.js';
import { planResize } from '../../src/services/embedding/preprocess.js';
import { decodeImage } from '../../src/services/media/decode.js';
import { readNpy } from '../helpers/npy.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'src', 'model-tools', 'builtin');
const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'builtin-v2');
const PICTURES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.png'))
  .sort();

let weights: BuiltinWeights;
let onnx: Uint8Array;
let session: ort.InferenceSession;

beforeAll(async () => {
  weights = await readBuiltinWeights(FOLDER);
  onnx = encodeBuiltinModel(weights);
  session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
});

afterAll(() => session.release());

async function run(pixels: Uint8Array): Promise<Float32Array> {
  const { embedding } = await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, SIZE, SIZE, 3]) });
  return Float32Array.from(embedding?.data as Float32Array);
}

async function pixelsOf(name: string): Promise<Uint8Array> {
  const { preprocess } = describeBuiltinModel(onnx, weights);
  const { pixels } = await decodeImage(readFileSync(join(FIXTURES, name)), {
    maxPixels: 1_000_000,
    plan: (size) => planResize(preprocess, size),
  });
  return pixels;
}

const embedFixture = async (name: string): Promise<Float32Array> => run(await pixelsOf(name));

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

describe('the file', () => {
  test('is the same bytes each time, small, and described by a model.json that the server reads', () => {
    expect(Buffer.compare(encodeBuiltinModel(weights), onnx)).toBe(0);
    expect(onnx.byteLength).toBeLessThan(6_000_000);
    const description = describeBuiltinModel(onnx, weights);
    expect(parseModelFile(JSON.stringify(description), 'model.json')).toEqual(description);
    expect(description).toMatchObject({ id: 'builtin', dimension: 256, bytes: onnx.byteLength });
  });

  test('has weights with the hash that its origin states, and a NOTICE that says where they come from', () => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(FOLDER, 'builtin-v2.npz')))
      .digest('hex');
    expect(sha256).toBe('99f83b7b4457165550e5a12641064ad429110ec417e948eccbe12a3b83f5d09c');
    const notice = readFileSync(join(FOLDER, 'NOTICE'), 'utf8');
    for (const words of [
      '@mediapipe/objectron',
      'Apache-2.0',
      'Open Images v4',
      'Tiny ImageNet',
      'non-commercial',
    ])
      expect(notice).toContain(words);
  });

  test('is refused when a tensor is missing or of another shape', () => {
    const tensors = new Map(weights.tensors);
    tensors.delete('tuned.top.bias');
    expect(() => encodeBuiltinModel({ ...weights, tensors })).toThrow(/tuned\.top\.bias of shape \[512\]/);
  });
});

describe('the reference pictures', () => {
  const expected = readNpy(readFileSync(join(FIXTURES, 'embeddings.npy')));

  test('there are six of them', () => {
    expect(PICTURES).toHaveLength(6);
    expect(expected.shape).toEqual([6, BUILTIN_DIMENSION]);
  });

  test.each(PICTURES.map((name, row) => ({ name, row })))('$name', async ({ name, row }) => {
    const vector = await embedFixture(name);
    const reference = expected.values.subarray(row * BUILTIN_DIMENSION, (row + 1) * BUILTIN_DIMENSION);
    const differences = vector.map((value, i) => Math.abs(value - (reference[i] ?? NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(2e-3);
    expect(dot(vector, reference)).toBeGreaterThanOrEqual(0.9999);
  });
});

describe('pictures with nothing on them', () => {
  test.each([0, 1, 128, 254, 255])('flat grey %i has a vector of unit length', async (level) => {
    const vector = await run(new Uint8Array(SIZE * SIZE * 3).fill(level));
    expect(vector).toHaveLength(BUILTIN_DIMENSION);
    expect(vector.every(Number.isFinite)).toBe(true);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });
});

test('a mirrored picture is nearer to its original than to any other', async () => {
  const mirrored = (pixels: Uint8Array): Uint8Array => {
    const out = new Uint8Array(pixels.length);
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        const from = (y * SIZE + x) * 3;
        out.set(pixels.subarray(from, from + 3), (y * SIZE + SIZE - 1 - x) * 3);
      }
    return out;
  };
  const originals = await Promise.all(PICTURES.map(embedFixture));
  for (const [i, name] of PICTURES.entries()) {
    const vector = await run(mirrored(await pixelsOf(name)));
    const cosines = originals.map((original) => dot(vector, original));
    expect(cosines.indexOf(Math.max(...cosines))).toBe(i);
  }
});
