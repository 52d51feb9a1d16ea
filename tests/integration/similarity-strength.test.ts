import { beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { encodeBuiltinModel } from '../../src/model-tools/builtin/builtin-model.js';
import { readBuiltinWeights } from '../../src/model-tools/builtin/weights.js';
import { scaleOf, strengthOf, type SimilarityScale } from '../../src/services/embedding/similarity-scale.js';
import { encodeFirstBuiltinModel } from '../helpers/builtin-first.js';
import { runModel, writeGraph } from '../helpers/dinov2-model.js';
import { makeDinov2Weights } from '../helpers/dinov2-weights.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { writeSafetensors } from '../helpers/weights.js';

const ROOT = join(import.meta.dirname, '..', '..');
const BUILTIN = join(ROOT, 'src', 'model-tools', 'builtin');
const SAMPLES = join(ROOT, 'sample-gallery');

/** Vectors of square pictures of `side` pixels, each RGB, row-major. */
interface Model {
  readonly side: number;
  readonly embed: (pictures: readonly Uint8Array[]) => Promise<Float32Array[]>;
}

const unit = (vector: Float32Array): Float32Array => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

async function builtin(onnx: Uint8Array, side: number): Promise<Model> {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    side,
    embed: async (pictures) => {
      const vectors: Float32Array[] = [];
      for (const pixels of pictures) {
        const input = new ort.Tensor('uint8', pixels, [1, side, side, 3]);
        const { embedding } = await session.run({ pixels: input });
        vectors.push(Float32Array.from(embedding?.data as Float32Array));
      }
      return vectors;
    },
  };
}

async function dinov2(): Promise<Model> {
  const side = 56;
  const folder = await temporaryDir();
  const weights = join(folder, 'weights.safetensors');
  await writeSafetensors(weights, makeDinov2Weights({ dimension: 64, depth: 2 }));
  await writeGraph(join(folder, 'model'), weights);
  const planes = (pixels: Uint8Array) => {
    const data = new Float32Array(3 * side * side);
    pixels.forEach((value, i) => (data[(i % 3) * side * side + Math.floor(i / 3)] = value / 58 - 2));
    return { dims: [1, 3, side, side], data };
  };
  return {
    side,
    embed: async (pictures) =>
      (await runModel(join(folder, 'model'), ...pictures.map(planes))).map(({ embedding }) =>
        unit(embedding),
      ),
  };
}

/** The sample pictures, by group. */
let pictures: { readonly group: string; readonly bytes: Buffer }[];

beforeAll(() => {
  const groups = readdirSync(SAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  pictures = groups.flatMap(({ name }) =>
    readdirSync(join(SAMPLES, name))
      .sort()
      .map((file) => ({ group: name, bytes: readFileSync(join(SAMPLES, name, file)) })),
  );
});

const pixelsOf = (bytes: Buffer, side: number): Promise<Uint8Array> =>
  sharp(bytes).resize(side, side, { fit: 'cover', kernel: 'cubic' }).removeAlpha().raw().toBuffer();

const COPIES: ((bytes: Buffer) => Promise<Buffer>)[] = [
  (bytes) => sharp(bytes).jpeg({ quality: 50 }).toBuffer(),
  (bytes) => sharp(bytes).webp({ quality: 50 }).toBuffer(),
  async (bytes) => {
    const { width } = await sharp(bytes).metadata();
    return sharp(bytes)
      .resize(Math.round(width / 2))
      .jpeg({ quality: 90 })
      .toBuffer();
  },
  (bytes) => sharp(bytes).linear(0.9, 0).jpeg({ quality: 90 }).toBuffer(),
];

function scaleOfAll(vectors: readonly Float32Array[]): SimilarityScale {
  return scaleOf(vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => cosine(a, b))));
}

/** Share of `values` for which `holds`. */
const share = (values: readonly number[], holds: (value: number) => boolean): number =>
  values.filter(holds).length / values.length;

test.each<[string, () => Promise<Model>]>([
  ['the built-in model', async () => builtin(encodeBuiltinModel(await readBuiltinWeights(BUILTIN)), 256)],
  ['its first version', () => builtin(encodeFirstBuiltinModel(), 128)],
  ['a model of the shape of DINOv2', dinov2],
])('%s: made-up copies are COPY, pictures of other groups WEAK', async (_, open) => {
  const { side, embed } = await open();
  const vectors = await embed(await Promise.all(pictures.map(({ bytes }) => pixelsOf(bytes, side))));
  const scale = scaleOfAll(vectors);

  const copies = await embed(
    await Promise.all(
      pictures.map(async ({ bytes }, i) => pixelsOf(await (COPIES[i % COPIES.length] ?? fail)(bytes), side)),
    ),
  );
  const ofCopies = copies.map((copy, i) => cosine(copy, vectors[i] ?? copy));
  const ofOthers = vectors.flatMap((a, i) =>
    vectors
      .slice(i + 1)
      .flatMap((b, j) => (pictures[i]?.group === pictures[i + 1 + j]?.group ? [] : [cosine(a, b)])),
  );
  expect(share(ofCopies, (value) => strengthOf(scale, value) === 'COPY')).toBeGreaterThanOrEqual(0.95);
  expect(share(ofOthers, (value) => strengthOf(scale, value) === 'WEAK')).toBeGreaterThanOrEqual(0.9);
});

function fail(): never {
  throw new Error('there are copies');
}
