import { beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { silentLogger } from '../../src/logger.js';
import { SAMPLE_DIR } from '../../src/project.js';
import { samplesOfGroups, readSamples } from '../../src/services/gallery/sample-files.js';
import { convertDinov2, type ConvertOptions } from '../../src/model-tools/dinov2/convert.js';
import { interpolatePositionsInGraph } from '../../src/model-tools/dinov2/positions-graph.js';
import { interpolatePositions, interpolationOf } from '../../src/model-tools/dinov2/positions.js';
import { openEmbedder } from '../../src/services/embedding/embedder.js';
import { readMeasured } from '../../src/services/embedding/measured.js';
import { listModels, loadModel } from '../../src/services/embedding/model.js';
import { SHARES, strengthOf, type SimilarityScale } from '../../src/services/embedding/similarity-scale.js';
import { GraphBuilder } from '../../src/model-tools/onnx/graph-builder.js';
import { encodeModel } from '../../src/model-tools/onnx/onnx-proto.js';
import { runCli } from '../helpers/cli.js';
import {
  largestDifference,
  runModel,
  smallestCosine,
  writeGraph,
  type Pixels,
} from '../helpers/dinov2-model.js';
import { makeDinov2Weights, type Dinov2Shape, type TestTensor } from '../helpers/dinov2-weights.js';
import { gaussians } from '../helpers/gaussians.js';
import { LIMITS } from '../helpers/limits.js';
import { jpeg } from '../helpers/pictures.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { writeNpz, writeSafetensors, writeShardedSafetensors } from '../helpers/weights.js';

const workerUrl = new URL('../../dist/workers/embed-worker.js', import.meta.url);

const SHAPE: Dinov2Shape = { dimension: 64, depth: 2, grid: 7 };

let dir: string;
let modelsDir: string;

beforeEach(async () => {
  dir = await temporaryDir();
  modelsDir = join(dir, 'models');
});

const convert = (weightsPath: string, options: Partial<ConvertOptions> = {}) =>
  convertDinov2({ weightsPath, modelsDir, id: 'tiny', workerUrl, ...options });

async function weightsFile(
  shape: Dinov2Shape = SHAPE,
  change: (tensors: Map<string, TestTensor>) => void = () => {},
): Promise<string> {
  const tensors = makeDinov2Weights(shape);
  change(tensors);
  const path = join(dir, 'weights.npz');
  await writeNpz(path, tensors);
  return path;
}

/** Normalised pixels. */
function pixels(height: number, width: number, batch = 1, seed = 3): Pixels {
  const next = gaussians(seed);
  return {
    dims: [batch, 3, height, width],
    data: Float32Array.from({ length: batch * 3 * height * width }, next),
  };
}

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

describe('a model', () => {
  test('is made of weights, described, and embeds pictures', async () => {
    const progress: [number, number][] = [];
    const { definition, architecture } = await convert(await weightsFile({ ...SHAPE, registers: 4 }), {
      onProgress: (done, total) => progress.push([done, total]),
    });
    expect(progress).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
    expect(architecture).toMatchObject({ size: 'custom', registers: 4, depth: 2 });
    expect(await filesIn(modelsDir)).toEqual(['tiny']);
    expect((await filesIn(join(modelsDir, 'tiny'))).sort()).toEqual([
      'measured.json',
      'model.json',
      'model.onnx',
      'model.onnx_data',
    ]);

    const model = await loadModel(join(modelsDir, 'tiny'));
    expect(model.definition).toEqual(definition);
    expect(definition).toMatchObject({
      id: 'tiny',
      dimension: 64,
      precision: 'fp32',
      preprocess: { mode: 'short-side', shortSide: 224, multipleOf: 14 },
      output: { name: 'embedding', kind: 'embedding' },
      patchTokens: { output: 'last_hidden_state', prefix: 5, patchSize: 14 },
    });
    const embedder = await openEmbedder({
      model,
      workers: 1,
      threads: 1,
      maxQueue: 8,
      timeoutMs: LIMITS.productMs,
      maxPixels: 1e6,
      logger: silentLogger,
      workerUrl,
    });
    try {
      for (const [width, height] of [
        [320, 240],
        [100, 400],
      ]) {
        const { vector } = await embedder.embed(await jpeg(1, width, height));
        expect(vector).toHaveLength(64);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      }
    } finally {
      await embedder.close();
    }
  });

  test('is the same bytes from every kind of file, and each time', async () => {
    const tensors = makeDinov2Weights(SHAPE);
    const sharded = join(dir, 'sharded');
    await mkdir(sharded);
    await writeNpz(join(dir, 'weights.npz'), tensors, { deflate: true });
    await writeSafetensors(join(dir, 'model.safetensors'), tensors);
    await writeShardedSafetensors(join(sharded, 'model.safetensors.index.json'), tensors, { shards: 3 });
    const hashes = [];
    for (const [i, path] of ['weights.npz', 'weights.npz', 'model.safetensors', 'sharded'].entries()) {
      const { definition } = await convert(join(dir, path), { id: `m${i}` });
      hashes.push([definition.sha256, definition.weights?.sha256]);
    }
    expect(new Set(hashes.map((both) => both.join())).size).toBe(1);
  });

  test('in fp16 takes about half the bytes and gives nearly the same', async () => {
    const path = await weightsFile({ dimension: 128, depth: 2, grid: 7 });
    await convert(path, { id: 'full' });
    const { definition } = await convert(path, { id: 'half', precision: 'fp16' });
    expect(definition.precision).toBe('fp16');
    const size = async (id: string): Promise<number> =>
      (await stat(join(modelsDir, id, 'model.onnx_data'))).size;
    expect((await size('half')) / (await size('full'))).toBeLessThan(0.6);
    const [full] = await runModel(join(modelsDir, 'full'), pixels(56, 84));
    const [half] = await runModel(join(modelsDir, 'half'), pixels(56, 84));
    expect(smallestCosine(full!.embedding, half!.embedding, 128)).toBeGreaterThan(0.9999);
    expect(largestDifference(full!.embedding, half!.embedding)).toBeGreaterThan(0);
  });

  test('takes the place of another only when told so', async () => {
    const first = await convert(await weightsFile());
    const other = await weightsFile({ ...SHAPE, seed: 2 });
    expect(await rejectionOf(convert(other))).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((await loadModel(join(modelsDir, 'tiny'))).definition).toEqual(first.definition);

    const second = await convert(other, { replace: true });
    expect(second.definition.weights?.sha256).not.toBe(first.definition.weights?.sha256);
    expect((await loadModel(join(modelsDir, 'tiny'))).definition).toEqual(second.definition);
    expect(await filesIn(modelsDir)).toEqual(['tiny']);
  });
});

describe('the graph', () => {
  test.each([
    ['plain', SHAPE],
    ['with registers', { ...SHAPE, registers: 4 }],
    ['with SwiGLU', { ...SHAPE, swiglu: true }],
  ])('%s: fixed and dynamic sizes agree, for one picture and for several', async (_, shape) => {
    const path = await weightsFile(shape);
    const [fixed, dynamic] = [join(dir, 'fixed'), join(dir, 'dynamic')];
    await Promise.all([mkdir(fixed), mkdir(dynamic)]);
    await writeGraph(fixed, path, { size: { height: 56, width: 140 } });
    await writeGraph(dynamic, path);
    const [one, two] = [pixels(56, 140), pixels(56, 140, 2)];
    const [a, b] = await runModel(fixed, one, two);
    const [c, d] = await runModel(dynamic, one, two);
    expect(a!.dims).toEqual([1, 1 + (shape.registers ?? 0) + 40, 64]);
    expect(d!.dims).toEqual([2, 1 + (shape.registers ?? 0) + 40, 64]);
    expect(largestDifference(a!.lastHiddenState, c!.lastHiddenState)).toBeLessThan(2e-5);
    expect(largestDifference(b!.embedding, d!.embedding)).toBeLessThan(2e-5);
    // The embedding is the first row; a batch is its pictures.
    expect(largestDifference(a!.embedding, a!.lastHiddenState.slice(0, 64))).toBe(0);
    expect(largestDifference(a!.embedding, b!.embedding.slice(0, 64))).toBeLessThan(2e-5);
  });

  test('refuses sides that are no multiples of 14, and other sizes than its own', async () => {
    const path = await weightsFile();
    const [fixed, dynamic] = [join(dir, 'fixed'), join(dir, 'dynamic')];
    await Promise.all([mkdir(fixed), mkdir(dynamic)]);
    await writeGraph(fixed, path, { size: { height: 56, width: 56 } });
    await writeGraph(dynamic, path);
    await expect(runModel(dynamic, pixels(56, 60))).rejects.toThrow(/reshape/i);
    await expect(runModel(fixed, pixels(56, 70))).rejects.toThrow(/Got: 70 Expected: 56/);
  });

  test.each([0, 4])('interpolates positions as the converter does (%d registers)', async (registers) => {
    const how = interpolationOf({ registers });
    const [trained, dimension] = [37, 8];
    const graph = new GraphBuilder({ name: 'positions' });
    const next = gaussians(9);
    const positions = Float32Array.from({ length: trained * trained * dimension }, next);
    const [rows, columns] = [graph.input('rows', 'int64', [1]), graph.input('columns', 'int64', [1])];
    const stored = graph.float32('stored', [trained, trained * dimension], positions);
    const result = interpolatePositionsInGraph(graph, stored, { trained, dimension }, { rows, columns }, how);
    graph.output(result, 'float32', ['patches', dimension]);
    const session = await ort.InferenceSession.create(encodeModel(graph.build()), { intraOpNumThreads: 1 });
    try {
      for (const grid of [
        { rows: 37, columns: 37 },
        { rows: 16, columns: 16 },
        { rows: 16, columns: 22 },
        { rows: 37, columns: 5 },
        { rows: 1, columns: 50 },
        { rows: 74, columns: 64 },
      ]) {
        const feed = (count: number) => new ort.Tensor('int64', BigInt64Array.of(BigInt(count)), [1]);
        const outputs = await session.run({ rows: feed(grid.rows), columns: feed(grid.columns) });
        const got = Float32Array.from(outputs[result]!.data as Float32Array);
        const expected = interpolatePositions(positions, trained, grid, how);
        // The graph computes coordinates up to 37 in float32.
        expect(largestDifference(got, expected)).toBeLessThan(5e-5);
        if (grid.rows === trained && grid.columns === trained) expect(got).toEqual(positions);
      }
    } finally {
      await session.release();
    }
  });
});

test('what a crash left is removed a day later, what is being made elsewhere stays', async () => {
  const [old, recent] = ['old', 'recent'].map((name) => join(modelsDir, '.unfinished', name)) as [
    string,
    string,
  ];
  for (const folder of [old, recent]) await mkdir(folder, { recursive: true });
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
  await utimes(old, twoDaysAgo, twoDaysAgo);
  await convert(await weightsFile());
  expect(await filesIn(join(modelsDir, '.unfinished'))).toEqual(['recent']);
});

describe('what cannot be converted leaves nothing', () => {
  const QUERY = 'encoder.layer.1.attention.attention.query.weight';

  test.each<[string, (tensors: Map<string, TestTensor>) => void, string, Partial<ConvertOptions>?]>([
    ['a missing tensor', (all) => all.delete(QUERY), QUERY],
    ['a wrong shape', (all) => all.set(QUERY, { shape: [32, 128], data: all.get(QUERY)!.data }), QUERY],
    ['NaN', (all) => (all.get(QUERY)!.data[77] = NaN), QUERY],
    [
      'infinity in the last tensor',
      (all) => (all.get('layernorm.bias')!.data[3] = -Infinity),
      'layernorm.bias',
    ],
    ['too large for fp16', (all) => (all.get(QUERY)!.data[77] = 1e6), QUERY, { precision: 'fp16' }],
    [
      'too large for fp16, another part of the fused layer',
      (all) => (all.get(QUERY.replace('query', 'value'))!.data[0] = -1e6),
      QUERY.replace('query', 'value'),
      { precision: 'fp16' },
    ],
    [
      'overflow within the model',
      (all) => all.get('embeddings.patch_embeddings.projection.weight')!.data.fill(3e38),
      'not finite',
    ],
  ])('%s', async (_, change, named, options = {}) => {
    const error = await rejectionOf(convert(await weightsFile(SHAPE, change), options));
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.message).toContain(named);
    expect(await filesIn(modelsDir)).toEqual([]);
  });

  test('a truncated file', async () => {
    const path = await weightsFile();
    await truncate(path, (await stat(path)).size - 5000);
    expect(await rejectionOf(convert(path))).toMatchObject({ code: 'MODEL_MISMATCH' });
    expect(await filesIn(modelsDir)).toEqual([]);
  });

  test('damage in the middle of a file', async () => {
    const path = join(dir, 'model.safetensors');
    await writeSafetensors(path, makeDinov2Weights(SHAPE));
    const bytes = await readFile(path);
    const last = bytes.subarray(bytes.length - 4); // of layernorm.bias, as float32
    last.writeUInt32LE(0x7fc00000);
    await writeFile(path, bytes);
    const error = await rejectionOf(convert(path));
    expect([error.code, error.details['tensor']]).toEqual(['MODEL_MISMATCH', 'layernorm.bias']);
    expect(await filesIn(modelsDir)).toEqual([]);
  });

  test.each<[string, Partial<ConvertOptions>]>([
    ['no id for weights of no published size', { id: undefined }],
    ['an id that is no folder name', { id: '../elsewhere' }],
    ['a size that is no multiple of 14', { size: { height: 224, width: 230 } }],
    ['preprocessing for another size', { size: { height: 56, width: 56 }, preprocess: 'short-side' }],
  ])('%s', async (_, options) => {
    expect(await rejectionOf(convert(await weightsFile(), options))).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await filesIn(modelsDir)).toEqual([]);
  });

  test('an interruption; and a model that was there stays', async () => {
    const path = await weightsFile();
    const { definition } = await convert(path);
    const other = await weightsFile({ ...SHAPE, seed: 2 });
    for (const at of [1, 4]) {
      const controller = new AbortController();
      const converting = convert(other, {
        replace: true,
        signal: controller.signal,
        onProgress: (done) => {
          if (done === at) controller.abort();
        },
      });
      await expect(converting).rejects.toMatchObject({ name: 'AbortError' });
    }
    expect(await listModels(modelsDir)).toEqual(['tiny']);
    expect(await filesIn(modelsDir)).toEqual(['tiny']);
    expect((await loadModel(join(modelsDir, 'tiny'))).definition).toEqual(definition);
  });

  test('while it is being made, it is no model', async () => {
    const seen: (readonly string[])[] = [];
    const listing: Promise<unknown>[] = [];
    await convert(await weightsFile(), {
      onProgress: () => listing.push(listModels(modelsDir).then((ids) => seen.push(ids))),
    });
    await Promise.all(listing);
    expect(seen[0]).toEqual([]);
  });

  test('a models folder that cannot be written', async () => {
    const path = await weightsFile();
    await writeFile(modelsDir, 'a file');
    expect(await rejectionOf(convert(path))).toMatchObject({ code: 'STORAGE_FAILED' });
  });
});

describe('likeness models convert', () => {
  test('makes the model and says what comes next', async () => {
    const path = await weightsFile();
    const { code, stdout, stderr } = await runCli(
      ['models', 'convert', path, '--id', 'mine', '--size', '56x84', '--precision', 'fp16'],
      { env: { MODELS_DIR: modelsDir } },
    );
    expect([code, stderr]).toEqual([0, 'Next: likeness models use mine\n']);
    expect(stdout).toContain('mine: DINOv2 64 x 2, 2 blocks, vectors of 64 numbers, reads 84x56 (pad), fp16');
    const listed = await runCli(['models', 'list', '--json'], { env: { MODELS_DIR: modelsDir } });
    expect(JSON.parse(listed.stdout)).toMatchObject({ installed: [{ id: 'mine', precision: 'fp16' }] });
  });

  test('tells broken weights in a sentence, with exit code 4', async () => {
    const path = await weightsFile(SHAPE, (tensors) => tensors.delete('layernorm.weight'));
    const { code, stdout, stderr } = await runCli(['models', 'convert', path, '--id', 'mine'], {
      env: { MODELS_DIR: modelsDir },
    });
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain(`MODEL_MISMATCH: ${path}: layernorm.weight is missing`);
    expect(await filesIn(modelsDir)).toEqual([]);
  });

  test.each([
    [['--size', '12x'], 'Expected a side (224), height x width (224x308), or dynamic'],
    [['--size', '225'], 'multiples of 14'],
    [['--precision', 'fp64'], 'Allowed choices are'],
  ])('%j is wrong usage', async (args, said) => {
    const { code, stderr } = await runCli(['models', 'convert', 'weights.npz', ...args], {
      env: { MODELS_DIR: modelsDir },
    });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('what a similarity means to a model', () => {
  const openTiny = async () =>
    openEmbedder({
      model: await loadModel(join(modelsDir, 'tiny')),
      workers: 1,
      threads: 1,
      maxQueue: 200,
      timeoutMs: LIMITS.productMs,
      maxPixels: 1_000_000,
      logger: silentLogger,
      workerUrl,
    });
  const cosine = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);

  test('is learned from the sample pictures, so that it can be said in a small gallery; its space stays the same', async () => {
    const weights = await weightsFile();
    const plain = await convert(weights);
    expect(plain.definition.similarityScale).toBeUndefined();
    const before = await loadModel(join(modelsDir, 'tiny'));

    const samples = await samplesOfGroups(SAMPLE_DIR);
    const { definition } = await convert(weights, { replace: true, samples });
    const scale = definition.similarityScale as SimilarityScale;
    expect(scale.quantiles).toHaveLength(SHARES.length);
    const model = await loadModel(join(modelsDir, 'tiny'));
    expect(model.info.similarityScale).toEqual(scale);
    expect(model.info.spaceId).toBe(before.info.spaceId);
    expect(await readMeasured(join(modelsDir, 'tiny'))).not.toBeNull();

    // Pictures that the table does not know.
    const others = (await readSamples(SAMPLE_DIR))
      .filter(({ path }) => !samples.includes(path))
      .filter((_, i) => i % 4 === 0);
    const embedder = await openTiny();
    try {
      const seen = await Promise.all(
        others.map(async ({ path }) => {
          const bytes = await readFile(path);
          const copy = await sharp(bytes).resize(400).jpeg({ quality: 60 }).toBuffer();
          return { vector: (await embedder.embed(bytes)).vector, copy: (await embedder.embed(copy)).vector };
        }),
      );
      const copies = seen.map(({ vector, copy }) => strengthOf(scale, cosine(vector, copy)));
      expect(copies.filter((strength) => strength === 'COPY').length / copies.length).toBeGreaterThan(0.9);
      const pairs = seen.flatMap((a, i) =>
        seen.slice(i + 1).map((b) => strengthOf(scale, cosine(a.vector, b.vector))),
      );
      expect(pairs.filter((strength) => strength === 'WEAK').length / pairs.length).toBeGreaterThan(0.8);
    } finally {
      await embedder.close();
    }
  });

  test('is not said where too few samples are there', async () => {
    const samples = [
      ...(await samplesOfGroups(SAMPLE_DIR)).slice(0, 10),
      ...Array.from({ length: 20 }, () => join(dir, 'gone')),
    ];
    const { definition } = await convert(await weightsFile(), { samples });
    expect(definition.similarityScale).toBeUndefined();
  });
});
