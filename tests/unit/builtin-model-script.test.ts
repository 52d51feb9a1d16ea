import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseModel, EARLIER_DIR, loadModel } from '../../src/services/embedding/model.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

const run = promisify(execFile);
const script = join(import.meta.dirname, '..', '..', 'scripts', 'build-builtin-model.mjs');

let modelsDir: string;
let folder: string;

beforeEach(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'likeness-builtin-'));
  folder = join(modelsDir, 'builtin');
});
afterEach(() => rm(modelsDir, { recursive: true, force: true }));

const build = async (): Promise<string> => (await run(process.execPath, [script, folder])).stdout;

test('writes a model that the server takes, leaves it when it is up to date, and mends it when it is not', async () => {
  expect(await build()).toContain('written');
  expect((await readdir(folder)).sort()).toEqual([
    'LICENSE-APACHE-2.0',
    'NOTICE',
    'model.json',
    'model.onnx',
  ]);
  const { info, path } = await chooseModel(modelsDir, 'auto');
  expect(info).toMatchObject({
    id: 'builtin',
    dimension: 256,
    inputSize: '256x256',
    precision: 'fp16',
  });

  const { mtimeMs } = await stat(path);
  expect(await build()).toContain('up to date');
  expect((await stat(path)).mtimeMs).toBe(mtimeMs);

  await writeFile(path, 'cut off');
  expect(await build()).toContain('written');
  expect((await chooseModel(modelsDir, 'builtin')).info.spaceId).toBe(info.spaceId);
});

test('keeps the version that it replaces, for galleries whose vectors that one made', async () => {
  await writeTinyModel(modelsDir, { id: 'builtin' });
  const earlier = await chooseModel(modelsDir, 'builtin');
  expect(await build()).toContain('written');
  const kept = await loadModel(join(modelsDir, EARLIER_DIR, earlier.info.spaceId));
  expect(kept.info).toEqual(earlier.info);
  expect((await chooseModel(modelsDir, 'builtin')).info.spaceId).not.toBe(earlier.info.spaceId);
  expect(await build()).toContain('up to date');
  expect(await readdir(join(modelsDir, EARLIER_DIR))).toEqual([earlier.info.spaceId]);
});
