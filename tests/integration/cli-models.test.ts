import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpaceComparison } from '../../src/model-tools/compare-spaces.js';
import { CliGallery } from '../helpers/cli.js';
import { TINY_DIMENSION, tinyModelBytes, writeTinyModel } from '../helpers/tiny-model.js';

let gallery: CliGallery;
let modelsDir: string;

beforeEach(async () => {
  gallery = await CliGallery.create();
  modelsDir = join(gallery.dir, 'models');
});

afterEach(() => gallery.remove());

interface Listed {
  readonly installed: readonly {
    readonly id: string;
    readonly inUse: boolean;
    readonly next: boolean;
    readonly problem: string | null;
    readonly bytes: number;
  }[];
  readonly available: readonly { readonly id: string; readonly publishedInt8: boolean }[];
}

describe('likeness models list', () => {
  test('tells what is installed, in use, broken, and available', async () => {
    await writeTinyModel(modelsDir, { id: 'dinov2-small', definition: { precision: 'int8' } });
    await writeTinyModel(modelsDir, { id: 'cut-off', definition: { bytes: 1_000_000 } });
    await writeTinyModel(modelsDir, { id: 'garbled' });
    await writeFile(join(modelsDir, 'garbled', 'model.json'), '{');
    const { installed, available } = await gallery.json<Listed>(['models', 'list']);
    expect(installed).toMatchObject([
      { id: 'cut-off', inUse: false, problem: expect.stringMatching(/model\.onnx has \d+ bytes instead of/) },
      { id: 'dinov2-small', inUse: false, problem: null, precision: 'int8', inputSize: '56x56' },
      { id: 'garbled', inUse: false, problem: expect.stringContaining('not valid JSON'), dimension: null },
      { id: 'tiny', inUse: true, next: false, problem: null, dimension: TINY_DIMENSION },
    ]);
    const onnx = await readFile(join(modelsDir, 'tiny', 'model.onnx'));
    expect(installed[3]!.bytes).toBeGreaterThan(onnx.byteLength);
    expect(available.map(({ id }) => id)).not.toContain('dinov2-small');
    expect(available).toContainEqual(expect.objectContaining({ id: 'dinov2-base', publishedInt8: true }));

    const { code, stdout } = await gallery.run(['models', 'list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ tiny +│ in use +│ +48 │ 56x56 +│ fp32 +│ +\d+ B │/);
    expect(stdout).toMatch(/│ cut-off +│ broken/);
    expect(stdout).toMatch(/│ dinov2-base-registers +│ available/);
    expect(stdout).toMatch(/\ncut-off: model\.onnx has \d+ bytes instead of 1000000\.\n/);
  });

  test('the model that serves is in use, whatever the settings say', async () => {
    await gallery.draw(['a', 'b']);
    expect((await gallery.run(['import', gallery.pictures])).code).toBe(0);
    await writeTinyModel(modelsDir, { id: 'other', layout: 'nhwc' });
    const env = { MODEL: 'other' };
    const { stdout } = await gallery.run(['models', 'list', '--json'], { env });
    const { installed } = JSON.parse(stdout) as Listed;
    expect(installed.map(({ id, inUse }) => [id, inUse])).toEqual([
      ['other', false],
      ['tiny', true],
    ]);
  });

  test('with no models at all lists what can be had', async () => {
    const env = { MODELS_DIR: join(gallery.dir, 'none'), MODEL: 'auto' };
    const { code, stdout } = await gallery.run(['models', 'list', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ installed: [] });
  });
});

describe('likeness models verify', () => {
  test('runs the model and says what it gives', async () => {
    const { code, stdout } = await gallery.run(['models', 'verify', 'tiny']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tiny is in order\.\n/);
    expect(stdout).toContain('no sha256 to compare it with');
    expect(stdout).toContain('48 numbers, finite, unit length');
    expect(stdout).toMatch(/[\d.]+ ms per picture\n$/);
    const facts = await gallery.json<Record<string, unknown>>(['models', 'verify', 'tiny']);
    expect(facts).toMatchObject({ id: 'tiny', dimension: TINY_DIMENSION, executionProvider: 'cpu' });
    expect(facts['embedMs']).toBeGreaterThan(0);
  });

  test('tells what is broken, with exit code 4', async () => {
    await writeTinyModel(modelsDir, { id: 'changed', definition: { sha256: 'ab'.repeat(32) } });
    await writeTinyModel(modelsDir, { id: 'zeros', gives: 'zeros' });
    await writeTinyModel(modelsDir, { id: 'copy' });
    await writeFile(
      join(modelsDir, 'copy', 'model.json'),
      await readFile(join(modelsDir, 'tiny', 'model.json')),
    );
    await writeTinyModel(modelsDir, { id: 'cut' });
    await truncate(join(modelsDir, 'cut', 'model.onnx'), tinyModelBytes().byteLength - 20);
    const cases: readonly [string, number, RegExp][] = [
      ['changed', 4, /MODEL_MISMATCH: .*is not the file that its model\.json describes/],
      ['cut', 4, /MODEL_MISMATCH: .*truncated/],
      ['copy', 4, /MODEL_MISMATCH: .*is that of tiny/],
      ['none', 4, /MODEL_MISSING: There is no model none in .*there are: changed, copy, cut, tiny, zeros/],
      ['zeros', 1, /EMBEDDING_FAILED/],
    ];
    for (const [id, expected, message] of cases) {
      const { code, stdout, stderr } = await gallery.run(['models', 'verify', id]);
      expect([id, code, stdout]).toEqual([id, expected, '']);
      expect(stderr).toMatch(message);
    }
  });
});

describe('likeness models compare', () => {
  interface Compared extends SpaceComparison {
    readonly models: readonly { readonly id: string; readonly embedMs: number }[];
    readonly failed: number;
  }

  test('of two forms of the same model finds no difference', async () => {
    await gallery.draw(['a', 'b', 'c', 'd']);
    await writeTinyModel(modelsDir, { id: 'twin', layout: 'nhwc' });
    const args = ['models', 'compare', 'tiny', 'twin', '--images', gallery.pictures];
    const compared = await gallery.json<Compared>(args);
    expect(compared).toMatchObject({
      models: [{ id: 'tiny' }, { id: 'twin' }],
      pictures: 4,
      failed: 0,
      overlap: { neighbours: 1, mean: 1, min: 1 },
    });
    expect(compared.cosine!.min).toBeGreaterThan(0.99999);
    const { stdout } = await gallery.run([...args, '--limit', '3']);
    expect(stdout).toMatch(
      /compared on 3 pictures\ncosine +median 1\.00000, min 1\.00000\noverlap +of the 1 /,
    );
  });

  test('of different models finds one, and goes on past bad files', async () => {
    await gallery.draw(['a', 'b', 'c']);
    await writeFile(gallery.picture('broken.jpg'), 'no picture');
    await writeTinyModel(modelsDir, {
      id: 'padded',
      definition: { preprocess: { mode: 'pad', width: 56, height: 56, color: '#000000' } },
    });
    const args = ['models', 'compare', 'tiny', 'padded', '--images', gallery.pictures, '--json'];
    const { code, stdout, stderr } = await gallery.run(args);
    expect(code).toBe(3);
    expect(stderr).toContain('broken.jpg: IMAGE_UNSUPPORTED');
    const compared = JSON.parse(stdout) as Compared;
    expect(compared).toMatchObject({ pictures: 3, failed: 1 });
    expect(compared.cosine!.min).toBeLessThan(0.9999);
  });

  test('of what is not there says so', async () => {
    await gallery.draw(['a']);
    const cases: readonly [readonly string[], number, RegExp][] = [
      [['tiny', 'none', '--images', gallery.pictures], 4, /MODEL_MISSING: There is no model none/],
      [['tiny', 'tiny', '--images', join(gallery.dir, 'nowhere')], 2, /cannot be read: it does not exist/],
      [['tiny', 'tiny', '--images', modelsDir], 2, /There are no pictures in/],
      [['tiny', 'tiny'], 2, /--images/],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await gallery.run(['models', 'compare', ...args]);
      expect([args, code]).toEqual([args, expected]);
      expect(stderr).toMatch(message);
    }
  });
});

describe('likeness models convert', () => {
  test('takes an ONNX export', async () => {
    const path = join(gallery.dir, 'Mean Colours.onnx');
    await writeFile(path, tinyModelBytes({ output: 'pooler_output' }));
    const { code, stdout, stderr } = await gallery.run(['models', 'convert', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^mean-colours: .*vectors of 48 numbers \(pooler_output\), no patch tokens, reads 56x56 \(pad\), fp32/,
    );
    expect(stderr).toContain('Next: likeness models use mean-colours');
    const verified = await gallery.run(['models', 'verify', 'mean-colours']);
    expect([verified.code, verified.stdout.includes('as its sha256 says')]).toEqual([0, true]);
    const refused = await gallery.run(['models', 'convert', path, '--precision', 'int8', '--id', 'x']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('keeps the precision it has');
  });
});
