import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../src/logger.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { EARLIER_DIR, loadModel, type Model } from '../../src/services/embedding/model.js';
import {
  chooseSpaces,
  META_SERVING,
  META_WANTED,
  recordOf,
  type SpaceChoice,
} from '../../src/services/spaces/space-choice.js';
import { rejectionOf } from '../helpers/rejection.js';
import { newImage, openTestCatalog } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, writeTinyModel } from '../helpers/tiny-model.js';

let catalog: Catalog;
let modelsDir: string;
let old: Model;
let other: Model;
/** What was warned of, the sentences. */
let warnings: string[];

beforeEach(async () => {
  const dir = await temporaryDir();
  modelsDir = join(dir, 'models');
  old = await loadModel(await writeTinyModel(modelsDir, { id: 'old' }));
  other = await loadModel(await writeTinyModel(modelsDir, { id: 'other' }));
  warnings = [];
  catalog = await openTestCatalog(dir);
});

afterEach(async () => {
  await catalog.close();
});

const choose = (model: string): Promise<SpaceChoice> =>
  chooseSpaces({
    catalog,
    modelsDir,
    model,
    logger: { ...silentLogger, warn: (_fields, message) => warnings.push(message) },
  });

/** The models that are chosen, by their ids. */
async function chosen(model: string): Promise<{ serving: string; target: string | null }> {
  const { serving, target } = await choose(model);
  return { serving: serving.info.id, target: target?.info.id ?? null };
}

let pictures = 0;
/** Adds pictures that have a vector of this model alone. */
async function addPictures({ info: { id, spaceId } }: Model, count: number): Promise<void> {
  await catalog.vectors.ensureSpace({ id: spaceId, modelId: id, dimension: TINY_DIMENSION });
  for (let i = 0; i < count; i++) {
    const vector = new Float32Array(TINY_DIMENSION).fill(1 / Math.sqrt(TINY_DIMENSION));
    await catalog.images.create(newImage(`picture ${pictures++}`), [{ spaceId, vector }]);
  }
}

const record = (model: Model): Promise<void> =>
  catalog.facts.set(META_SERVING, JSON.stringify(recordOf(model)));

const removeModel = (id: string): Promise<void> => rm(join(modelsDir, id), { recursive: true });

describe('an empty gallery', () => {
  test('is served by the model of the settings at once, whatever served before', async () => {
    await record(old);
    expect(await chosen('other')).toEqual({ serving: 'other', target: null });
    await catalog.facts.set(META_WANTED, 'old');
    expect(await chosen('auto')).toEqual({ serving: 'old', target: null });
  });

  test('needs a model', async () => {
    await removeModel('old');
    await removeModel('other');
    expect((await rejectionOf(choose('auto'))).code).toBe('MODEL_MISSING');
    expect((await rejectionOf(choose('other'))).code).toBe('MODEL_MISSING');
  });
});

describe('a gallery that has vectors', () => {
  beforeEach(async () => {
    await addPictures(old, 2);
    await record(old);
  });

  test('is served by their model, while the chosen one has to be filled', async () => {
    expect(await chosen('other')).toEqual({ serving: 'old', target: 'other' });
    expect(await chosen('old')).toEqual({ serving: 'old', target: null });
    expect(warnings).toEqual([]);
  });

  test('auto is the model that was chosen by command', async () => {
    await catalog.facts.set(META_WANTED, 'other');
    expect(await chosen('auto')).toEqual({ serving: 'old', target: 'other' });
    await catalog.facts.set(META_WANTED, 'old');
    expect(await chosen('auto')).toEqual({ serving: 'old', target: null });
    // The setting wins.
    expect(await chosen('other')).toEqual({ serving: 'old', target: 'other' });
  });

  test('goes on with its model when the one that was chosen by command is gone', async () => {
    await catalog.facts.set(META_WANTED, 'other');
    await removeModel('other');
    expect(await chosen('auto')).toEqual({ serving: 'old', target: null });
    expect(warnings).toEqual(['The chosen model cannot be used']);
    // One that the operator has set must be there.
    expect((await rejectionOf(choose('other'))).code).toBe('MODEL_MISSING');
  });

  test('is served at once by the other model when its own is gone, which is warned of', async () => {
    await removeModel('old');
    expect(await chosen('other')).toEqual({ serving: 'other', target: null });
    expect(warnings).toEqual([expect.stringContaining('The model that made the vectors is gone')]);
  });

  test('a model of the same name with another file has not made them', async () => {
    await rename(join(modelsDir, 'old'), join(modelsDir, 'before'));
    const changed = await loadModel(
      await writeTinyModel(modelsDir, { id: 'old', output: 'last_hidden_state' }),
    );
    expect(changed.info.spaceId).not.toBe(old.info.spaceId);
    const { serving, target } = await choose('old');
    expect(serving.info.spaceId).toBe(changed.info.spaceId);
    expect(target).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  test('is served by its model when set-up has put another version in its place and kept the earlier one', async () => {
    const kept = join(modelsDir, EARLIER_DIR, old.info.spaceId);
    await mkdir(join(modelsDir, EARLIER_DIR));
    await rename(join(modelsDir, 'old'), kept);
    await writeTinyModel(modelsDir, { id: 'old', output: 'last_hidden_state' });
    const { serving, target } = await choose('old');
    expect(serving.info.spaceId).toBe(old.info.spaceId);
    expect(serving.path).toBe(join(kept, 'model.onnx'));
    expect(target?.info.id).toBe('old');
    expect(target?.info.spaceId).not.toBe(old.info.spaceId);
    expect(warnings).toEqual([]);
  });

  test('a damaged file of its model is as good as none', async () => {
    await writeFile(join(modelsDir, 'old', 'model.json'), '{');
    expect(await chosen('other')).toEqual({ serving: 'other', target: null });
    expect(warnings).toHaveLength(1);
  });
});

describe('a gallery of which no serving space is recorded, as versions before this one left it', () => {
  test('is served by the model with most of its vectors', async () => {
    await addPictures(old, 3);
    await addPictures(other, 2);
    expect(await chosen('other')).toEqual({ serving: 'old', target: 'other' });
    expect(await chosen('old')).toEqual({ serving: 'old', target: null });
    // With as many of each, by the chosen one: nothing is gained by another.
    await addPictures(other, 1);
    expect(await chosen('other')).toEqual({ serving: 'other', target: null });
  });

  test('does not count a model that is gone', async () => {
    await addPictures(old, 3);
    await addPictures(other, 2);
    await removeModel('old');
    const third = await writeTinyModel(modelsDir, { id: 'third' });
    expect(await chosen('third')).toEqual({ serving: 'other', target: 'third' });
    await rm(third, { recursive: true });
    await removeModel('other');
    await writeTinyModel(modelsDir, { id: 'third' });
    expect(await chosen('third')).toEqual({ serving: 'third', target: null });
  });

  test('a record that is none of ours is found out anew', async () => {
    await addPictures(old, 1);
    for (const text of ['{', 'null', '[]', '{"modelId": 1}']) {
      await catalog.facts.set(META_SERVING, text);
      expect(await chosen('other')).toEqual({ serving: 'old', target: 'other' });
    }
  });
});
