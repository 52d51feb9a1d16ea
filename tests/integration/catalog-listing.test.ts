import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { Sqlite } from '../../src/lib/sqlite.js';
import type { Catalog, ImageFilter, ImageOrder } from '../../src/services/catalog/types.js';
import {
  addImages,
  inSpace,
  newImage,
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

/** All titles of a listing, by pages of `first`; `between` runs after each page. */
async function walk(
  orderBy: ImageOrder,
  first: number,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<string[]> {
  const titles: string[] = [];
  let after: string | undefined;
  for (let n = 1; ; n++) {
    const page = await catalog.images.list({ first, after, orderBy });
    titles.push(...page.edges.map(({ node }) => node.title));
    if (!page.hasNextPage) return titles;
    after = page.edges.at(-1)?.cursor;
    await between(n);
  }
}

const titles = async (filter: ImageFilter): Promise<string[]> => {
  const page = await catalog.images.list({ first: 100, orderBy: 'OLDEST', filter });
  const ids = await catalog.images.idsMatching(filter);
  expect(ids).toEqual(new Set(page.edges.map(({ node }) => node.id)));
  expect(page.totalCount).toBe(ids.size);
  return page.edges.map(({ node }) => node.title);
};

describe('pages', () => {
  test.each(['NEWEST', 'OLDEST', 'TITLE'] as const)(
    '%s shows every picture once, at any page size',
    async (orderBy) => {
      const names = ['b', 'a', 'C', 'B', 'a ', 'Ä', 'ä2', '中', 'z', 'A'];
      await addImages(catalog, names);
      const expected = {
        NEWEST: [...names].reverse(),
        OLDEST: names,
        TITLE: ['a', 'A', 'a ', 'b', 'B', 'C', 'z', 'Ä', 'ä2', '中'],
      }[orderBy];
      for (const first of [1, 3, 10, 11]) expect(await walk(orderBy, first)).toEqual(expected);
    },
  );

  test('pictures of one instant keep a strict order', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `${i}`);
    await Promise.all(names.map((name, i) => catalog.images.create(newImage(name), inSpace(unitVector(i)))));
    expect((await walk('NEWEST', 7)).reverse()).toEqual(await walk('OLDEST', 3));
    expect(new Set(await walk('NEWEST', 7)).size).toBe(40);
  });

  test('an empty gallery has an empty page', async () => {
    expect(await catalog.images.list({ first: 5, orderBy: 'NEWEST' })).toEqual({
      edges: [],
      hasNextPage: false,
      hasPreviousPage: false,
      totalCount: 0,
    });
  });

  test('rows that come and go between two pages are neither repeated nor skipped', async () => {
    await addImages(catalog, ['1', '2', '3', '4', '5', '6']);
    const seen = await walk('NEWEST', 2, async (page) => {
      if (page > 1) return;
      await addImages(catalog, ['7', '8']); // newer than what was seen: not shown
      await catalog.images.remove([6, 5, 3]); // 5 was the cursor's own row
    });
    expect(seen).toEqual(['6', '5', '4', '2', '1']);
  });

  test('totalCount honours the filter, not the cursor', async () => {
    await addImages(catalog, ['1', '2', '3'], { tags: ['t'] });
    await addImages(catalog, ['4', '5']);
    const filter = { tags: ['t'] };
    const page = await catalog.images.list({ first: 2, orderBy: 'OLDEST', filter });
    expect(page).toMatchObject({ totalCount: 3, hasNextPage: true });
    const next = await catalog.images.list({
      first: 2,
      orderBy: 'OLDEST',
      filter,
      after: page.edges[1]?.cursor,
    });
    expect(next).toMatchObject({ totalCount: 3, hasNextPage: false });
    expect(next.edges.map(({ node }) => node.title)).toEqual(['3']);
  });

  test('cursors are opaque and refused when they are not of this listing', async () => {
    await addImages(catalog, ['1', '2']);
    const page = await catalog.images.list({ first: 1, orderBy: 'NEWEST' });
    const cursor = page.edges[0]?.cursor as string;
    expect(cursor).toMatch(/^[\w-]+$/);
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      '',
      'x',
      '%',
      `${cursor} `,
      'é',
      encode(null),
      encode(['NEWEST', '2026', 'x']),
      encode(['NEWEST', 5, 1]),
      encode(['NEWEST', '2026', 0]),
      encode(['NEWEST', '2026', 1.5]),
      encode(['NEWEST', '2026', 1, 1]),
      'A'.repeat(5000),
    ];
    for (const after of bad) {
      await expect(catalog.images.list({ first: 1, after, orderBy: 'NEWEST' })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { path: 'after' },
      });
    }
    for (const orderBy of ['OLDEST', 'TITLE'] as const) {
      await expect(catalog.images.list({ first: 1, after: cursor, orderBy })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    }
  });
});

describe('filters', () => {
  test('tags: all of them; anyTags: one of them; both together', async () => {
    await addImages(catalog, ['ab'], { tags: ['a', 'b'] });
    await addImages(catalog, ['bc'], { tags: ['b', 'c'] });
    await addImages(catalog, ['none']);
    expect(await titles({})).toEqual(['ab', 'bc', 'none']);
    expect(await titles({ tags: [], anyTags: [] })).toEqual(['ab', 'bc', 'none']);
    expect(await titles({ tags: ['b'] })).toEqual(['ab', 'bc']);
    expect(await titles({ tags: ['a', 'b'] })).toEqual(['ab']);
    expect(await titles({ tags: ['a', 'c'] })).toEqual([]);
    expect(await titles({ anyTags: ['a', 'c', 'x'] })).toEqual(['ab', 'bc']);
    expect(await titles({ tags: ['b'], anyTags: ['c'] })).toEqual(['bc']);
    expect(await titles({ tags: ["a' OR 1=1 --"] })).toEqual([]);
  });

  test('createdAfter is at or after, createdBefore is before', async () => {
    const [id] = await addImages(catalog, ['a']);
    const { createdAt } = (await catalog.images.byId(id as number)) ?? { createdAt: new Date(0) };
    const later = new Date(createdAt.getTime() + 1);
    expect(await titles({ createdAfter: createdAt })).toEqual(['a']);
    expect(await titles({ createdAfter: later })).toEqual([]);
    expect(await titles({ createdBefore: createdAt })).toEqual([]);
    expect(await titles({ createdBefore: later })).toEqual(['a']);
    expect(await titles({ createdAfter: new Date(-8.64e15), createdBefore: new Date(8.64e15) })).toEqual([
      'a',
    ]);
  });

  test('text is a part of the title or of a tag, whatever the script and case', async () => {
    await addImages(catalog, ['北京的小猫'], { tags: ['动物'] });
    await addImages(catalog, ['Éléphant'], { tags: ['ZOO', 'straße'] });
    await addImages(catalog, ['плакат 100% off_road']);
    await addImages(catalog, ['e\u0301tude']); // decomposed
    expect(await titles({ text: '小猫' })).toEqual(['北京的小猫']);
    expect(await titles({ text: '动' })).toEqual(['北京的小猫']);
    expect(await titles({ text: 'éLÉ' })).toEqual(['Éléphant']);
    expect(await titles({ text: 'É' })).toEqual(['Éléphant', 'e\u0301tude']);
    expect(await titles({ text: 'zo' })).toEqual(['Éléphant']);
    expect(await titles({ text: 'STRASSE' })).toEqual(['Éléphant']);
    expect(await titles({ text: 'Straß' })).toEqual(['Éléphant']);
    expect(await titles({ text: 'ПЛАКАТ' })).toEqual(['плакат 100% off_road']);
    expect(await titles({ text: '%' })).toEqual(['плакат 100% off_road']);
    expect(await titles({ text: 'f_r' })).toEqual(['плакат 100% off_road']);
    expect(await titles({ text: '_' })).toEqual(['плакат 100% off_road']);
    expect(await titles({ text: '0_ ' })).toEqual([]);
    expect(await titles({ text: '\\' })).toEqual([]);
  });

  test('text works where no picture has a tag, and for every one of many tags', async () => {
    await addImages(catalog, ['plain']);
    expect(await titles({ text: 'x' })).toEqual([]);
    const tags = Array.from({ length: 30 }, (_, i) => `tag${String(i).padStart(2, '0')}`);
    await addImages(catalog, ['tagged'], { tags });
    for (const tag of tags) expect(await titles({ text: tag })).toEqual(['tagged']);
  });

  test('every filter at once', async () => {
    await addImages(catalog, ['one cat', 'two cats'], { tags: ['a', 'b'] });
    const createdBefore = new Date(Date.now() + 60_000);
    const filter = {
      tags: ['a'],
      anyTags: ['b', 'c'],
      text: 'CATS',
      createdAfter: new Date(0),
      createdBefore,
    };
    expect(await titles(filter)).toEqual(['two cats']);
  });
});

describe('albums', () => {
  const NONE = { name: 'Album', smart: null } as const;
  const listed = async (albumId: number): Promise<number[]> => {
    const { edges } = await catalog.images.list({ first: 500, orderBy: 'ALBUM', filter: { albumId } });
    return edges.map(({ node }) => node.id);
  };

  test('keep their order, with short keys, however often pictures are moved to the same place', async () => {
    const ids = await addImages(
      catalog,
      Array.from({ length: 30 }, (_, i) => `p${i}`),
    );
    const { id } = await catalog.albums.create(NONE, ids);
    let expected = [...ids];
    for (let i = 0; i < 500; i++) {
      // Always the last one before the second one.
      const [before, moved] = [expected[1] as number, expected.at(-1) as number];
      await catalog.albums.move(id, { imageIds: [moved], before });
      expected = [expected[0] as number, moved, ...expected.slice(1, -1)];
    }
    expect(await listed(id)).toEqual(expected);
    const db = new Sqlite(join(dir, 'likeness.db'));
    const [longest] = db.select<{ length: number }>(
      'SELECT max(length(position)) AS length FROM album_images',
    );
    db.close();
    expect(longest?.length).toBeLessThanOrEqual(64);
  });

  test('lose a picture that is removed, also as their cover, and nothing else', async () => {
    const ids = (await addImages(catalog, ['a', 'b', 'c'])) as [number, number, number];
    const { id } = await catalog.albums.create(NONE, ids);
    await catalog.albums.update(id, { coverId: ids[1] });
    await catalog.images.remove([ids[1]]);
    expect(await listed(id)).toEqual([ids[0], ids[2]]);
    expect(await catalog.albums.byIds([id])).toMatchObject([{ coverId: ids[0], count: 2 }]);
    expect(await catalog.albums.remove(id)).toBe(true);
    expect(await catalog.images.count()).toBe(2);
    expect(await catalog.albums.ofImage(ids[0], 10)).toEqual([]);
  });

  test('are listed by name, page by page', async () => {
    for (const name of ['Ｂeta', 'alpha', 'Gamma', 'beta', 'Alpha'])
      await catalog.albums.create({ ...NONE, name }, []);
    const names: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await catalog.albums.list({ first: 2, after });
      names.push(...page.edges.map(({ node }) => node.name));
      expect(page.totalCount).toBe(5);
      if (!page.hasNextPage) break;
      after = page.edges.at(-1)?.cursor;
    }
    expect(names).toEqual(['alpha', 'Alpha', 'Ｂeta', 'beta', 'Gamma']);
  });

  test('keep the dates of a saved search as dates', async () => {
    const filter = { createdAfter: new Date(86_400_000), tags: ['a'] };
    const smart = {
      imageId: 7,
      upload: null,
      topK: 3,
      minSimilarity: 0,
      spaceId: 's',
      percentile: null,
      filter,
    };
    const { id } = await catalog.albums.create({ name: 'Saved', smart }, []);
    expect((await catalog.albums.byIds([id]))[0]?.smart).toEqual(smart);
  });
});

describe('what the camera wrote', () => {
  const taken = (local: string, offsetMinutes: number | null = null) => ({ taken: { local, offsetMinutes } });

  beforeEach(async () => {
    const may = written({ ...taken('2021-05-31T23:30:00', 540), camera: 'Canon EOS R5', rating: 4 });
    await addImages(catalog, ['may'], { written: may, width: 480, height: 640, format: 'webp' });
    await addImages(catalog, ['june'], { written: written(taken('2021-06-01T00:10:00.250')) });
    const december = written({ ...taken('2020-12-31T23:59:59'), camera: 'Canon EOS R5' });
    await addImages(catalog, ['december'], { written: december, width: 100, height: 100, tags: ['t'] });
    const file = written({}, { modifiedAt: new Date('2021-06-15T12:00:00Z') });
    await addImages(catalog, ['file'], { written: file });
  });

  test('is in the row, with times as the clock showed them', async () => {
    const [may, june, december, file] = await catalog.images.byIds([1, 2, 3, 4]);
    expect(may).toMatchObject({
      taken: { at: new Date('2021-05-31T14:30:00Z'), local: '2021-05-31T23:30:00', offsetMinutes: 540 },
      camera: 'Canon EOS R5',
      exposure: null,
      place: null,
      rating: 4,
      favorite: false,
    });
    expect(june?.taken).toMatchObject({ at: new Date('2021-06-01T00:10:00.250Z'), offsetMinutes: null });
    expect(december?.taken.from).toBe('PICTURE');
    const at = new Date('2021-06-15T12:00:00Z');
    expect(file?.taken).toEqual({ at, local: null, offsetMinutes: null, from: 'FILE' });
    const [added = 0] = await addImages(catalog, ['added']);
    const row = await catalog.images.byId(added);
    expect(row?.taken).toMatchObject({ at: row?.createdAt, from: 'ADDED' });
  });

  test('orders by the clock, and a month is reached by its cursor', async () => {
    const newest = ['file', 'june', 'may', 'december'];
    for (const first of [1, 2, 5]) {
      expect(await walk('TAKEN_NEWEST', first)).toEqual(newest);
      expect(await walk('TAKEN_OLDEST', first)).toEqual([...newest].reverse());
    }
    for (const orderBy of ['TAKEN_NEWEST', 'TAKEN_OLDEST'] as const) {
      const months = await catalog.images.months({}, orderBy);
      const counts = [
        ['2021-06', 2],
        ['2021-05', 1],
        ['2020-12', 1],
      ];
      expect(months.map(({ month, count }) => [month, count])).toEqual(
        orderBy === 'TAKEN_NEWEST' ? counts : counts.reverse(),
      );
      const all = await walk(orderBy, 10);
      let skipped = 0;
      for (const { count, cursor } of months) {
        const page = await catalog.images.list({ first: count, after: cursor, orderBy });
        expect(page.edges.map(({ node }) => node.title)).toEqual(all.slice(skipped, skipped + count));
        expect(page.hasPreviousPage).toBe(skipped > 0);
        skipped += count;
      }
    }
    expect(await catalog.images.months({ camera: 'Canon EOS R5' }, 'TAKEN_OLDEST')).toMatchObject([
      { month: '2020-12', count: 1 },
      { month: '2021-05', count: 1 },
    ]);
  });

  test('filters', async () => {
    expect(await titles({ takenAfter: new Date('2021-05-31T23:30:00Z') })).toEqual(['may', 'june', 'file']);
    expect(await titles({ takenBefore: new Date('2021-05-31T23:30:00Z') })).toEqual(['december']);
    expect(await titles({ camera: 'Canon EOS R5' })).toEqual(['may', 'december']);
    expect(await titles({ format: 'webp' })).toEqual(['may']);
    expect(await titles({ orientation: 'PORTRAIT' })).toEqual(['may']);
    expect(await titles({ orientation: 'SQUARE' })).toEqual(['december']);
    expect(await titles({ orientation: 'LANDSCAPE', minPixels: 640 * 480 })).toEqual(['june', 'file']);
    expect(await titles({ minPixels: 640 * 480 + 1 })).toEqual([]);
    expect(await titles({ minRating: 4 })).toEqual(['may']);
    expect(await titles({ minRating: 5 })).toEqual([]);
    expect(await titles({ tagged: true })).toEqual(['december']);
    expect(await titles({ tagged: false, favorite: false })).toEqual(['may', 'june', 'file']);
    await catalog.images.update(2, { favorite: true, rating: 5 });
    await catalog.images.update(1, { rating: null });
    expect(await titles({ favorite: true })).toEqual(['june']);
    expect(await titles({ minRating: 1 })).toEqual(['june']);
    expect(await catalog.images.cameraCounts()).toEqual([{ camera: 'Canon EOS R5', count: 2 }]);
  });

  test('is asked of files that were not asked, and changes nothing that people wrote', async () => {
    const [rated = 0, plain = 0] = await addImages(catalog, ['rated', 'plain']);
    await catalog.images.update(rated, { rating: 1 });
    expect(await catalog.images.countUnread(false)).toBe(2);
    expect(await catalog.images.idsUnread(false, rated, 10)).toEqual([plain]);
    const place = { latitude: 39.05, longitude: -94.5, altitude: null };
    const facts = { ...taken('2001-01-01T00:00:00'), place, rating: 5 };
    const read = (id: number, name: string, withPlace: boolean) => {
      return { id, sha256: newImage(name).sha256, written: written(facts, { withPlace }) };
    };
    const rows = await catalog.images.putFacts([
      read(rated, 'rated', false),
      read(plain, 'plain', true),
      read(1, 'another since', true),
    ]);
    expect(rows.map(({ rating, place: kept }) => [rating, kept])).toEqual([
      [1, null],
      [5, place],
      [4, null],
    ]);
    expect(await catalog.images.byId(plain)).toMatchObject({
      taken: { local: '2001-01-01T00:00:00' },
      place,
    });
    expect(await catalog.images.countUnread(false)).toBe(0);
    expect(await catalog.images.idsUnread(true, 0, 10)).toEqual([1, 2, 3, 4, rated]);
    expect(await catalog.images.forgetPlaces()).toEqual([plain]);
    expect(await catalog.images.byId(plain)).toMatchObject({ place: null, rating: 5 });
    expect(await catalog.images.countUnread(true)).toBe(6);
    // Its import knew a side-car and the time of the file, which are not kept: only the place is new.
    const [again] = await catalog.images.putFacts([
      {
        id: 4,
        sha256: newImage('file').sha256,
        written: written({ camera: 'Pixel', place }, { withPlace: true }),
      },
    ]);
    expect(again).toMatchObject({ camera: null, place, taken: { from: 'FILE' } });
  });
});

test('titles are ordered with their numbers by size', async () => {
  await addImages(catalog, ['IMG_10', 'img_2', 'IMG_1', 'IMG_100', 'IMG_010 b', 'img', '9', '１０', 'b']);
  const expected = ['9', '１０', 'b', 'img', 'IMG_1', 'img_2', 'IMG_10', 'IMG_010 b', 'IMG_100'];
  for (const first of [2, 20]) expect(await walk('TITLE', first)).toEqual(expected);
  await catalog.images.update(3, { title: 'IMG_11' });
  expect((await walk('TITLE', 20)).slice(4)).toEqual(['img_2', 'IMG_10', 'IMG_010 b', 'IMG_11', 'IMG_100']);
});
