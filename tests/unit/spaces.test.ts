import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { silentLogger } from '../../src/logger.js';
import { openEmbedder } from '../../src/services/embedding/embedder.js';
import { loadModel } from '../../src/services/embedding/model.js';
import { Spaces, type Feature, type Space } from '../../src/services/spaces/spaces.js';
import { openVectorIndex } from '../../src/services/vector-index/open.js';
import { LIMITS } from '../helpers/limits.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, writeTinyModel } from '../helpers/tiny-model.js';

/** A space without pictures whose embedder has not started a process yet. */
async function openSpace(dir: string, id: string, feature: Feature = 'semantic'): Promise<Space> {
  const model = await loadModel(await writeTinyModel(join(dir, 'models'), { id }));
  const { spaceId, dimension } = model.info;
  return {
    feature,
    model: model.info,
    embedder: await openEmbedder({
      model,
      workers: 1,
      threads: 1,
      maxQueue: 1,
      timeoutMs: LIMITS.productMs,
      maxPixels: 1000,
      logger: silentLogger,
      lazy: true,
    }),
    index: await openVectorIndex({
      dir: join(dir, 'index'),
      spaceId,
      dimension,
      vectors: (async function* () {})(),
      logger: silentLogger,
    }),
  };
}

/** Whether its index still answers. */
async function isOpen({ index }: Space): Promise<boolean> {
  const query = new Float32Array(TINY_DIMENSION).fill(1 / Math.sqrt(TINY_DIMENSION));
  return index.search(query, 1).then(
    () => true,
    () => false,
  );
}

async function openTwo(): Promise<{ spaces: Spaces; old: Space; next: Space }> {
  const dir = await temporaryDir();
  const [old, next] = [await openSpace(dir, 'old'), await openSpace(dir, 'next')];
  return { spaces: new Spaces([old]), old, next };
}

test('a space that was replaced goes on for those who hold it, and is closed with the last of them', async () => {
  const { spaces, old, next } = await openTwo();
  const [one, two] = [spaces.lease(), spaces.lease()];
  spaces.setFilling(next, true);
  expect([spaces.serving.primary, spaces.filling, spaces.joining]).toEqual([old, next, next]);

  await spaces.exclusively(async () => spaces.replace(next));
  expect([spaces.serving.primary, spaces.filling, spaces.joining]).toEqual([next, null, null]);
  expect(one.replaced.aborted).toBe(true);
  expect(one.primary).toBe(old);
  one.release();
  one.release(); // counts once
  expect(spaces.isRetiring(old.model.spaceId)).toBe(true);
  expect(await isOpen(old)).toBe(true);

  two.release();
  while (spaces.isRetiring(old.model.spaceId)) await new Promise((resolve) => setImmediate(resolve));
  expect(await isOpen(old)).toBe(false);
  expect(await spaces.use(async ({ primary }) => primary)).toBe(next);

  await spaces.close();
  await spaces.close();
  expect(await isOpen(next)).toBe(false);
});

test('closing closes also what somebody still holds', async () => {
  const { spaces, old, next } = await openTwo();
  spaces.lease();
  await spaces.exclusively(async () => spaces.replace(next));
  await spaces.close();
  expect([await isOpen(old), await isOpen(next)]).toEqual([false, false]);
});

test('a lease has one space for each feature, and a new one takes the place of its own feature alone', async () => {
  const dir = await temporaryDir();
  const [color, old, next] = [
    await openSpace(dir, 'color', 'color'),
    await openSpace(dir, 'old'),
    await openSpace(dir, 'next'),
  ];
  const spaces = new Spaces([color, old]);
  const before = spaces.lease();
  expect([before.primary, before.spaces]).toEqual([old, [old, color]]);

  await spaces.exclusively(async () => spaces.replace(next));
  expect(before.replaced.aborted).toBe(true);
  const after = spaces.lease();
  expect([after.primary, after.spaces]).toEqual([next, [next, color]]);
  expect(after.replaced.aborted).toBe(false);

  before.release();
  while (spaces.isRetiring(old.model.spaceId)) await new Promise((resolve) => setImmediate(resolve));
  expect([await isOpen(old), await isOpen(color), await isOpen(next)]).toEqual([false, true, true]);
  after.release();
  await spaces.close();
  expect([await isOpen(color), await isOpen(next)]).toEqual([false, false]);
});

test('a gallery without a primary space is refused', async () => {
  const color = await openSpace(await temporaryDir(), 'color', 'color');
  expect(() => new Spaces([color])).toThrow('No space serves the feature semantic.');
});
