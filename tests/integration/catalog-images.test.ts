import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/services/catalog/types.js';
import {
  SPACE,
  addImages,
  inSpace,
  newImage,
  NOTHING_WRITTEN,
  openTestCatalog,
  unitVector,
  written,
} from '../helpers/temp-catalog.js';
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

const allVectors = async (spaceId = SPACE): Promise<Map<number, Float32Array>> => {
  const found = new Map<number, Float32Array>();
  for await (const page of catalog.vectors.pages(spaceId))
    for (const { id, vector } of page) found.set(id, vector);
  return found;
};

describe('adding', () => {
  test('gives the row back, with its tags sorted, and finds it by id and by hash', async () => {
    const before = Date.now();
    const image = newImage('a', { title: '小猫 🐈 "%_\'', tags: ['zoo', 'animal'], width: 3, height: 2 });
    const added = await catalog.images.create(image, inSpace(unitVector(1)));
    expect(added).toEqual({
      created: true,
      image: {
        ...image,
        tags: ['animal', 'zoo'],
        id: 1,
        createdAt: expect.any(Date),
        stored: true,
        missing: false,
        version: 0,
        taken: { at: added.image.createdAt, local: null, offsetMinutes: null, from: 'ADDED' },
        ...{ camera: null, lens: null, exposure: null, place: null, rating: null, favorite: false },
      },
    });
    expect(added.image.createdAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(added.image.createdAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(await catalog.images.byId(1)).toEqual(added.image);
    expect(await catalog.images.byHash(image.sha256)).toEqual(added.image);
    expect(await allVectors()).toEqual(new Map([[1, unitVector(1)]]));
  });

  test('knows nothing of an unknown id or hash', async () => {
    expect(await catalog.images.byId(1)).toBeNull();
    expect(await catalog.images.byHash('00')).toBeNull();
  });

  test('the same bytes again give the first row, unchanged', async () => {
    const first = await catalog.images.create(newImage('a', { tags: ['old'] }), inSpace(unitVector(1)));
    const again = await catalog.images.create(
      newImage('a', { title: 'other', tags: ['new'] }),
      inSpace(unitVector(2)),
    );
    expect(again).toEqual({ image: first.image, created: false });
    expect(await catalog.images.count()).toBe(1);
    expect(await catalog.images.tagCounts()).toEqual([{ tag: 'old', count: 1 }]);
    expect((await allVectors()).get(1)).toEqual(unitVector(1));
  });

  test('the same bytes in another space add the vector that was missing there', async () => {
    await catalog.vectors.ensureSpace({ id: 'other', modelId: 'm', dimension: 4 });
    await catalog.images.create(newImage('a'), inSpace(unitVector(1)));
    const again = await catalog.images.create(newImage('a'), inSpace(unitVector(2), 'other'));
    expect(again.created).toBe(false);
    expect((await allVectors()).get(1)).toEqual(unitVector(1));
    expect((await allVectors('other')).get(1)).toEqual(unitVector(2));
  });

  test('the same bytes from many at once make one row', async () => {
    const calls = Array.from({ length: 20 }, (_, i) =>
      catalog.images.create(newImage('a', { title: `title ${i}` }), inSpace(unitVector(i))),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ image }) => image.id)).size).toBe(1);
    expect(new Set(answers.map(({ image }) => image.title)).size).toBe(1);
    expect(await catalog.images.count()).toBe(1);
  });

  test('different pictures at once, beside reads, all arrive', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `picture ${i}`);
    await Promise.all(
      names.flatMap((name, i): Promise<unknown>[] => [
        catalog.images.create(newImage(name, { tags: ['t'] }), inSpace(unitVector(i))),
        catalog.images.list({ first: 5, orderBy: 'NEWEST' }),
      ]),
    );
    expect(await catalog.images.count()).toBe(50);
    expect(await catalog.vectors.count(SPACE)).toBe(50);
    expect(await catalog.images.tagCounts()).toEqual([{ tag: 't', count: 50 }]);
  });

  test('is whole or not at all: a vector that is refused leaves no row and no tag', async () => {
    const refused = catalog.images.create(
      newImage('a', { tags: ['t'] }),
      inSpace(unitVector(1), 'no such space'),
    );
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await catalog.images.count()).toBe(0);
    expect(await catalog.images.tagCounts()).toEqual([]);
    expect((await catalog.images.create(newImage('a'), inSpace(unitVector(1)))).created).toBe(true);
  });

  test('of several at once each is committed when it is told, and one that is refused keeps none out', async () => {
    const names = ['a', 'refused', 'b', 'a'];
    const results = await catalog.images.createAll(
      names.map((name, i) => ({
        image: newImage(name, { tags: [name] }),
        vectors: inSpace(unitVector(i), name === 'refused' ? 'no such space' : SPACE),
      })),
    );
    const other = await openTestCatalog(dir); // sees only what is committed
    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value.created : result.reason.code)),
    ).toEqual([true, 'STORAGE_FAILED', true, false]);
    const kept = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.image] : []));
    expect(await other.images.byIds(kept.map(({ id }) => id))).toEqual(kept);
    expect(await other.images.count()).toBe(2);
    expect((await other.images.tagCounts()).map(({ tag }) => tag)).toEqual(['a', 'b']);
    await other.close();
  });

  test('keeps a view on a larger buffer to its own bytes', async () => {
    const buffer = Float32Array.from({ length: 12 }, (_, i) => i);
    await catalog.images.create(newImage('a'), inSpace(buffer.subarray(4, 8)));
    expect((await allVectors()).get(1)).toEqual(Float32Array.of(4, 5, 6, 7));
  });
});

describe('reading many', () => {
  test('rows come in the order asked for, without the unknown', async () => {
    await addImages(catalog, ['a', 'b', 'c']);
    const rows = await catalog.images.byIds([3, 99, 1, 2]);
    expect(rows.map(({ title }) => title)).toEqual(['c', 'a', 'b']);
    expect(await catalog.images.byIds([])).toEqual([]);
    expect(await catalog.images.byIds([99])).toEqual([]);
  });

  test('hashes come in pages, ascending', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await addImages(catalog, names);
    for (const size of [2, 5, 100]) {
      const pages = [];
      for await (const page of catalog.images.hashes(size)) pages.push(page);
      expect(pages.flat()).toEqual(
        names.map((name, i) => ({ id: i + 1, sha256: newImage(name).sha256, format: 'jpeg' })),
      );
      expect(pages).toHaveLength(Math.ceil(5 / size));
    }
  });
});

describe('removing', () => {
  test('takes tags, vectors and failures along and returns what was there', async () => {
    await addImages(catalog, ['a', 'b'], { tags: ['t'] });
    await catalog.vectors.ensureSpace({ id: 'other', modelId: 'm', dimension: 4 });
    await catalog.vectors.recordFailure({
      imageId: 1,
      spaceId: 'other',
      code: 'IMAGE_UNREADABLE',
      message: 'broken',
    });
    const removed = await catalog.images.remove([1, 1, 77]);
    expect(removed).toMatchObject([{ id: 1, title: 'a', tags: ['t'] }]);
    expect(await catalog.images.byId(1)).toBeNull();
    expect(await catalog.images.tagCounts()).toEqual([{ tag: 't', count: 1 }]);
    expect([...(await allVectors()).keys()]).toEqual([2]);
    expect(await catalog.vectors.countFailures('other')).toBe(0);
    expect(await catalog.images.remove([1])).toEqual([]);
    expect(await catalog.integrityProblems()).toEqual([]);
  });

  test('an id is never given twice, not even the last one, not even after a restart', async () => {
    const [, last] = await addImages(catalog, ['a', 'b']);
    await catalog.images.remove([1, 2]);
    await catalog.close();
    catalog = await openTestCatalog(dir);
    const { image, created } = await catalog.images.create(newImage('b'), inSpace(unitVector(1)));
    expect(created).toBe(true);
    expect(image.id).toBeGreaterThan(last as number);
  });
});

describe('tags', () => {
  test('are added and removed together, twice is no error, and one in both lists goes', async () => {
    await addImages(catalog, ['a', 'b'], { tags: ['old', 'kept'] });
    const rows = await catalog.images.tag([2, 1, 2], ['new', 'kept', 'both'], ['old', 'both', 'absent']);
    expect(rows.map(({ id, tags }) => ({ id, tags }))).toEqual([
      { id: 2, tags: ['kept', 'new'] },
      { id: 1, tags: ['kept', 'new'] },
      { id: 2, tags: ['kept', 'new'] },
    ]);
    expect(await catalog.images.tagCounts()).toEqual([
      { tag: 'kept', count: 2 },
      { tag: 'new', count: 2 },
    ]);
  });

  test('an unknown id changes nothing', async () => {
    await addImages(catalog, ['a'], { tags: ['old'] });
    await expect(catalog.images.tag([1, 2], ['new'], ['old'])).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
    expect((await catalog.images.byId(1))?.tags).toEqual(['old']);
  });

  test('are counted, most used first', async () => {
    await addImages(catalog, ['a', 'b', 'c'], { tags: ['all'] });
    await catalog.images.tag([1, 2], ['two'], []);
    await catalog.images.tag([3], ['one', 'ein'], []);
    expect(await catalog.images.tagCounts()).toEqual([
      { tag: 'all', count: 3 },
      { tag: 'two', count: 2 },
      { tag: 'ein', count: 1 },
      { tag: 'one', count: 1 },
    ]);
  });
});

describe('a picture that only libraries have', () => {
  const content = (name: string) => {
    const { sha256, format } = newImage(name);
    return { sha256, width: 30, height: 20, format, bytes: 99 };
  };
  const before = newImage('a').sha256;

  test('is stored by its content, and by no other', async () => {
    await addImages(catalog, ['a'], { stored: false, tags: ['kept'] });
    expect(await catalog.images.countStored()).toBe(0);
    expect(await catalog.images.settleMissing([before])).toMatchObject([{ id: 1, missing: true }]);
    expect(await catalog.images.setStored(1, newImage('b').sha256)).toBe(false);
    expect(await catalog.images.setStored(2, before)).toBe(false);
    expect(await catalog.images.byId(1)).toMatchObject({ stored: false, missing: true });
    expect(await catalog.images.setStored(1, before)).toBe(true);
    expect(await catalog.images.byId(1)).toMatchObject({ stored: true, missing: false, tags: ['kept'] });
    expect(await catalog.images.settleMissing([before])).toEqual([]);
  });

  test('takes other content with its vectors, under the same id and at another address', async () => {
    await catalog.vectors.ensureSpace({ id: 'other', modelId: 'm', dimension: 4 });
    await catalog.vectors.ensureSpace({ id: 'failed', modelId: 'n', dimension: 4 });
    const [id = 0] = await addImages(catalog, ['a'], { stored: false, tags: ['kept'] });
    await catalog.vectors.put('other', [{ id, vector: unitVector(5) }]);
    await catalog.vectors.recordFailure({ imageId: id, spaceId: 'failed', code: 'X', message: 'x' });
    const row = await catalog.images.replaceContent(
      { id, before },
      { ...content('b'), written: written({ camera: 'Pixel', rating: 4 }), tags: ['kept', 'new'] },
      inSpace(unitVector(2)),
    );
    const asked = { title: 'a', tags: ['kept', 'new'], version: 1, camera: 'Pixel', rating: 4 };
    expect(row).toMatchObject({ ...content('b'), ...asked, id });
    expect(await catalog.images.byId(id)).toEqual(row);
    expect(await catalog.images.byHash(before)).toBeNull();
    expect(await allVectors()).toEqual(new Map([[id, unitVector(2)]]));
    // Those of spaces that were not given are of the old content.
    expect(await allVectors('other')).toEqual(new Map());
    expect(await catalog.vectors.failures('failed', 0, 10)).toEqual([]);
  });

  test('keeps what it has where it is stored, is another since, or another picture has the content', async () => {
    const [id = 0] = await addImages(catalog, ['a'], { stored: false });
    await addImages(catalog, ['b']);
    const replace = (of: { id: number; before: string }, name: string) =>
      catalog.images.replaceContent(
        of,
        { ...content(name), written: NOTHING_WRITTEN, tags: [] },
        inSpace(unitVector(9)),
      );
    expect(await replace({ id, before }, 'b')).toBeNull();
    expect(await replace({ id, before: content('z').sha256 }, 'c')).toBeNull();
    expect(await replace({ id: 77, before }, 'c')).toBeNull();
    await catalog.images.setStored(id, before);
    expect(await replace({ id, before }, 'c')).toBeNull();
    expect(await catalog.images.byId(id)).toMatchObject({ sha256: before, version: 0 });
    expect((await allVectors()).get(id)).toEqual(unitVector(0));
  });
});
