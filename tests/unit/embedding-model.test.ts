import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '../../src/errors.js';
import { availableCores } from '../../src/lib/available-cores.js';
import { chooseModel, listModels, loadModel, spaceIdOf } from '../../src/services/embedding/model.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-model-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('Expected a failure');
    },
    (error: unknown) => error as AppError,
  );

describe('choosing', () => {
  test('auto takes DINOv2 base, then small, then the built-in one', async () => {
    for (const [id, chosen] of [
      ['another', null],
      ['builtin', 'builtin'],
      ['dinov2-small-reg', 'dinov2-small-reg'],
      ['dinov2-small', 'dinov2-small'],
      ['dinov2-base-int8', 'dinov2-base-int8'],
      ['dinov2-base', 'dinov2-base'],
      ['dinov2-baseline', 'dinov2-base'],
    ] as const) {
      await writeTinyModel(dir, { id });
      if (chosen === null) expect((await failure(chooseModel(dir, 'auto'))).code).toBe('MODEL_MISSING');
      else expect((await chooseModel(dir, 'auto')).info.id).toBe(chosen);
    }
    expect((await chooseModel(dir, 'another')).info).toMatchObject({
      id: 'another',
      dimension: 48,
      inputSize: '56x56',
      precision: 'fp32',
    });
    expect(await listModels(dir)).toContain('dinov2-baseline');
  });

  test('one that is not there names what is', async () => {
    await writeTinyModel(dir);
    const error = await failure(chooseModel(dir, 'dinov2-base'));
    expect(error.code).toBe('MODEL_MISSING');
    expect(error.message).toMatch(/"dinov2-base".*there are: tiny.*model\.json/);
    expect((await failure(chooseModel(join(dir, 'nowhere'), 'auto'))).message).toMatch(/no model is there/);
  });

  test('a preferred model that is broken is not passed over', async () => {
    await writeTinyModel(dir, { id: 'builtin' });
    await rm(join(await writeTinyModel(dir, { id: 'dinov2-base' }), 'model.onnx'));
    const error = await failure(chooseModel(dir, 'auto'));
    expect(error).toMatchObject({
      code: 'MODEL_MISSING',
      details: { path: join(dir, 'dinov2-base', 'model.onnx') },
    });
  });
});

describe('files', () => {
  test('are verified when model.json says what they are', async () => {
    const folder = await writeTinyModel(dir);
    const onnx = await readFile(join(folder, 'model.onnx'));
    const sha256 = createHash('sha256').update(onnx).digest('hex');
    const say = (fields: object) => writeTinyModel(dir, { definition: fields });
    await say({ bytes: onnx.length, sha256: sha256.toUpperCase() });
    await loadModel(folder);
    await say({ bytes: onnx.length + 1 });
    expect(await failure(loadModel(folder))).toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringMatching(/truncated/),
    });
    await say({ sha256: sha256.replace(/./g, '0') });
    expect(await failure(loadModel(folder))).toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringMatching(/sha256/),
    });
  });

  test('that are Git LFS pointers are told apart', async () => {
    const folder = await writeTinyModel(dir);
    await writeFile(
      join(folder, 'model.onnx'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    );
    expect(await failure(loadModel(folder))).toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringMatching(/git lfs pull/),
    });
  });

  test('missing: which, and what to do', async () => {
    expect((await failure(loadModel(join(dir, 'x')))).message).toContain(join(dir, 'x', 'model.json'));
  });
});

test.each<[string, object | string]>([
  ['formatVersion', { formatVersion: 2 }],
  ['id', { id: '../x' }],
  ['file', { file: '../model.onnx' }],
  ['name', { name: '' }],
  ['input.layout', { input: { layout: 'hwc', type: 'float32' } }],
  ['preprocess.mode', { preprocess: { mode: 'zoom' } }],
  ['preprocess.width', { preprocess: { mode: 'stretch', width: 0, height: 1 } }],
  ['preprocess.crop', { preprocess: { mode: 'center-crop', resize: 10, crop: 11 } }],
  ['preprocess.color', { preprocess: { mode: 'pad', width: 1, height: 1, color: 'url(x)' } }],
  ['normalize.mean', { normalize: { scale: 1, mean: [0, 0], std: [1, 1, 1] } }],
  ['normalize.std', { normalize: { scale: 1, mean: [0, 0, 0], std: [1, 0, 1] } }],
  ['output.kind', { output: { kind: 'logits' } }],
  ['dimension', { dimension: 1.5 }],
  ['precision', { precision: 'bf16' }],
  ['model.json', '[]'],
])('model.json is read strictly: %s', async (field, content) => {
  const folder = await writeTinyModel(dir, typeof content === 'string' ? {} : { definition: content });
  if (typeof content === 'string') await writeFile(join(folder, 'model.json'), content);
  const error = await failure(loadModel(folder));
  expect(error).toMatchObject({
    code: 'MODEL_MISMATCH',
    details: { field, path: join(folder, 'model.json') },
  });
});

test('a model.json that is no JSON', async () => {
  const folder = await writeTinyModel(dir);
  await writeFile(join(folder, 'model.json'), '{');
  expect((await failure(loadModel(folder))).message).toMatch(/not valid JSON/);
});

describe('space', () => {
  test('changes with whatever changes vectors, and with nothing else', async () => {
    const { definition, info } = await loadModel(await writeTinyModel(dir));
    expect(info.spaceId).toMatch(/^tiny-[0-9a-f]{12}$/);
    const same = [
      definition,
      { ...definition, name: 'Other', description: 'x', file: 'y.onnx' },
      reordered(definition),
    ];
    const other = [
      { ...definition, preprocess: { mode: 'stretch', width: 56, height: 57 } as const },
      { ...definition, normalize: { ...definition.normalize, scale: 1 } },
      { ...definition, output: { kind: 'pooler_output' } as const },
    ];
    const ids = (list: (typeof definition)[]) => new Set(list.map((one) => spaceIdOf(one, 'aa')));
    expect(ids(same).size).toBe(1);
    expect(ids([definition, ...other]).size).toBe(4);
    expect(spaceIdOf(definition, 'bb')).not.toBe(spaceIdOf(definition, 'aa'));
  });

  test('includes weights that are kept beside the model', async () => {
    const folder = await writeTinyModel(dir);
    const before = (await loadModel(folder)).info.spaceId;
    await writeFile(join(folder, 'model.onnx_data'), 'weights');
    expect((await loadModel(folder)).info.spaceId).not.toBe(before);
  });

  const reordered = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).reverse()) as T;
});

test('cores: a container limit counts', async () => {
  const unlimited = availableCores(dir);
  expect(unlimited).toBeGreaterThanOrEqual(1);
  await writeFile(join(dir, 'cpu.max'), '50000 100000\n');
  expect(availableCores(dir)).toBe(1);
  await writeFile(join(dir, 'cpu.max'), 'max 100000\n');
  expect(availableCores(dir)).toBe(unlimited);
  await rm(join(dir, 'cpu.max'));
  await mkdir(join(dir, 'cpu'));
  await writeFile(join(dir, 'cpu/cpu.cfs_quota_us'), '100000');
  await writeFile(join(dir, 'cpu/cpu.cfs_period_us'), '100000');
  expect(availableCores(dir)).toBe(1);
  await writeFile(join(dir, 'cpu/cpu.cfs_quota_us'), '-1');
  expect(availableCores(dir)).toBe(unlimited);
});
