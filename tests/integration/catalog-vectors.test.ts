import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/services/catalog/types.js';
import type { LabelledBlob } from '../../src/services/catalog/vector-types.js';
import { addImages, DIMENSION, openTestCatalog, SPACE, unitVector } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let dir: string;
let catalog: Catalog;

beforeEach(async () => {
  dir = await temporaryDir();
  catalog = await openTestCatalog(dir);
});

afterEach(async () => {
  await catalog.close();
});

const OTHER = 'other-1111';
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `picture ${i}`);

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** How many turns the event loop got while the task ran. */
async function turnsDuring(task: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const tick = (): void => {
    turns++;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await task().finally(() => (running = false));
  return turns;
}

test('a space is registered once and stays as it was', async () => {
  await catalog.vectors.ensureSpace({ id: SPACE, modelId: 'changed', dimension: 9 });
  await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: 2 });
  expect(await catalog.vectors.spaces()).toEqual([
    { id: SPACE, modelId: 'tiny', dimension: DIMENSION, createdAt: expect.any(Date) },
    { id: OTHER, modelId: 'm', dimension: 2, createdAt: expect.any(Date) },
  ]);
});

describe('vectors', () => {
  test('come back to the bit, ascending by id, at any page size, each in its space', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    const ids = await addImages(catalog, names(7));
    const odd = Float32Array.of(-0, 1e-45, -3.4028234663852886e38, 0.1);
    await catalog.vectors.put(OTHER, [{ id: 3, vector: odd }]);
    for (const size of [1, 3, 7, 100]) {
      const pages = [];
      for await (const page of catalog.vectors.pages(SPACE, size)) pages.push(page);
      expect(pages.flat()).toEqual(ids.map((id, i) => ({ id, vector: unitVector(i) })));
      expect(pages.every((page) => page.length <= size)).toBe(true);
    }
    const [page] = await collect(catalog.vectors.pages(OTHER));
    expect(Buffer.from(page?.[0]?.vector.buffer as ArrayBuffer)).toEqual(Buffer.from(odd.buffer));
    expect(await collect(catalog.vectors.pages('unknown'))).toEqual([]);
    expect([await catalog.vectors.count(SPACE), await catalog.vectors.count(OTHER)]).toEqual([7, 1]);
  });

  test('are replaced, and left out for a picture that is gone', async () => {
    await addImages(catalog, ['a', 'b']);
    await catalog.images.remove([1]);
    await catalog.vectors.put(SPACE, [
      { id: 1, vector: unitVector(8) },
      { id: 2, vector: unitVector(9) },
    ]);
    expect((await collect(catalog.vectors.pages(SPACE))).flat()).toEqual([{ id: 2, vector: unitVector(9) }]);
    await catalog.vectors.put(SPACE, []);
  });

  test('a reading that is given up half-way leaves the catalog usable', async () => {
    await addImages(catalog, names(5));
    for await (const page of catalog.vectors.pages(SPACE, 2)) {
      expect(page).toHaveLength(2);
      break;
    }
    expect(await catalog.vectors.count(SPACE)).toBe(5);
  });

  test('pictures removed and added between two pages do no harm', async () => {
    await addImages(catalog, names(6));
    const seen: number[] = [];
    for await (const page of catalog.vectors.pages(SPACE, 2)) {
      seen.push(...page.map(({ id }) => id));
      if (seen.length === 2) {
        await catalog.images.remove([2, 3]);
        await addImages(catalog, ['later']);
      }
    }
    expect(seen).toEqual([1, 2, 4, 5, 6, 7]);
  });
});

describe('what has no vector', () => {
  test('is listed after an id, up to a limit', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    await addImages(catalog, names(6));
    await catalog.vectors.put(
      OTHER,
      [2, 5].map((id) => ({ id, vector: unitVector(id) })),
    );
    expect(await catalog.vectors.idsWithout(OTHER, 0, 10)).toEqual([1, 3, 4, 6]);
    expect(await catalog.vectors.idsWithout(OTHER, 1, 2)).toEqual([3, 4]);
    expect(await catalog.vectors.idsWithout(OTHER, 6, 2)).toEqual([]);
    expect(await catalog.vectors.idsWithout(SPACE, 0, 10)).toEqual([]);
  });

  test('has a recorded reason until it has a vector', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    await addImages(catalog, ['a', 'b']);
    const failure = { spaceId: OTHER, code: 'IMAGE_UNREADABLE', message: 'broken' };
    await catalog.vectors.recordFailure({ ...failure, imageId: 1 });
    await catalog.vectors.recordFailure({ ...failure, imageId: 1, code: 'EMBEDDING_FAILED' });
    await catalog.vectors.recordFailure({ ...failure, imageId: 2 });
    await catalog.vectors.recordFailure({ ...failure, imageId: 99 }); // gone: nothing to explain
    expect(await catalog.vectors.countFailures(OTHER)).toBe(2);
    expect(await catalog.vectors.countFailures(SPACE)).toBe(0);
    await catalog.vectors.put(OTHER, [{ id: 1, vector: unitVector(1) }]);
    expect(await catalog.vectors.countFailures(OTHER)).toBe(1);
  });
});

describe('how far a space has come', () => {
  const reason = { spaceId: OTHER, code: 'IMAGE_UNREADABLE', message: 'broken' };

  test('every image has a vector, or a recorded reason, or is pending; and is in one of them only', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    const [a, b, c, d] = (await addImages(catalog, names(4))) as [number, number, number, number];
    expect(await catalog.vectors.coverage(OTHER)).toEqual({ images: 4, vectors: 0, failed: 0, pending: 4 });
    await catalog.vectors.put(OTHER, [{ id: a, vector: unitVector(1) }]);
    for (const imageId of [a, b]) await catalog.vectors.recordFailure({ ...reason, imageId }); // a has its vector all the same
    expect(await catalog.vectors.coverage(OTHER)).toEqual({ images: 4, vectors: 1, failed: 1, pending: 2 });
    expect(await catalog.vectors.idsPending(OTHER, 0, 10)).toEqual([c, d]);
    expect(await catalog.vectors.idsPending(OTHER, c, 10)).toEqual([d]);
    expect(await catalog.vectors.failures(OTHER, a, 10)).toMatchObject([
      { imageId: b, code: 'IMAGE_UNREADABLE' },
    ]);
    await catalog.images.remove([a, b, c]);
    expect(await catalog.vectors.coverage(OTHER)).toEqual({ images: 1, vectors: 0, failed: 0, pending: 1 });
  });

  test('facts that depend on it are written when nothing is pending, and only then', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    const [a, b] = (await addImages(catalog, names(2))) as [number, number];
    await catalog.facts.set('next', OTHER);
    const facts = { serving: OTHER, next: null };
    await catalog.vectors.put(OTHER, [{ id: a, vector: unitVector(1) }]);
    expect(await catalog.vectors.setFactsWhenCovered(OTHER, facts)).toMatchObject({ pending: 1 });
    expect([await catalog.facts.get('serving'), await catalog.facts.get('next')]).toEqual([null, OTHER]);
    await catalog.vectors.recordFailure({ ...reason, imageId: b });
    expect(await catalog.vectors.setFactsWhenCovered(OTHER, facts)).toMatchObject({
      vectors: 1,
      failed: 1,
      pending: 0,
    });
    expect([await catalog.facts.get('serving'), await catalog.facts.get('next')]).toEqual([OTHER, null]);
  });

  test('a space is removed with all that is in it, with turns of the event loop in between; others stay', async () => {
    await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
    const ids = await addImages(catalog, names(450));
    await catalog.vectors.put(
      OTHER,
      ids.slice(1).map((id) => ({ id, vector: unitVector(id) })),
    );
    await catalog.vectors.recordFailure({ ...reason, imageId: ids[0] as number });
    let removed = false;
    const turns = await turnsDuring(async () => (removed = await catalog.vectors.removeSpace(OTHER)));
    expect(removed).toBe(true);
    expect(turns).toBeGreaterThanOrEqual(3);
    expect((await catalog.vectors.spaces()).map(({ id }) => id)).toEqual([SPACE]);
    expect(await catalog.vectors.countFailures(OTHER)).toBe(0);
    expect(await catalog.vectors.count(OTHER)).toBe(0);
    expect(await catalog.vectors.count(SPACE)).toBe(450);
    expect(await catalog.vectors.removeSpace(OTHER)).toBe(false);
  });
});

test('two thousand vectors are written, and many read, with turns of the event loop in between', async () => {
  await catalog.vectors.ensureSpace({ id: OTHER, modelId: 'm', dimension: DIMENSION });
  const ids = await addImages(catalog, names(250));
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    id: ids[i % 250] as number,
    vector: unitVector(i),
  }));
  expect(await turnsDuring(() => catalog.vectors.put(OTHER, rows))).toBeGreaterThanOrEqual(2000 / 200);
  let pages: (readonly LabelledBlob[])[] = [];
  const read = async (): Promise<unknown> => (pages = await collect(catalog.vectors.pages(OTHER, 10)));
  expect(await turnsDuring(read)).toBeGreaterThanOrEqual(250 / 10);
  expect(pages.flat()).toEqual(ids.map((id, i) => ({ id, vector: unitVector(1750 + i) })));
});

test('a vector of the wrong size is a problem that the check names', async () => {
  await addImages(catalog, ['a', 'b']);
  expect(await catalog.integrityProblems()).toEqual([]);
  await catalog.vectors.put(SPACE, [{ id: 2, vector: new Float32Array(3) }]);
  expect(await catalog.integrityProblems()).toEqual([
    `image 2: its vector does not have the size of space ${SPACE}`,
  ]);
});
