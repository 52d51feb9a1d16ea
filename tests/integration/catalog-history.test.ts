import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NewSearchRecord } from '../../src/services/catalog/search-types.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { addImages, openTestCatalog, SPACE } from '../helpers/temp-catalog.js';
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

const search = (minute: number, fields: Partial<NewSearchRecord> = {}): NewSearchRecord => ({
  id: randomUUID(),
  visitorId: 'me',
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  modelId: 'tiny',
  spaceId: SPACE,
  queryImageId: null,
  thumbnail: null,
  thumbnailType: null,
  totalMs: 12.5,
  matches: [],
  query: null,
  ...fields,
});

test('a search comes back as it was recorded, and outlives the pictures it found', async () => {
  await addImages(catalog, ['a', 'b']);
  const uploaded = search(1, {
    thumbnail: Uint8Array.of(1, 2, 3, 255),
    thumbnailType: 'image/webp',
    query: {
      width: 640,
      height: 480,
      format: 'jpeg',
      bytes: 12_345,
      sha256: 'ab'.repeat(32),
      vector: Float32Array.of(0.6, -0.8, 0),
      swatch: Uint8Array.of(1, 2, 3),
    },
    matches: [
      { imageId: 2, similarity: 0.1 + 0.2 },
      { imageId: 1, similarity: 0 },
    ],
  });
  const byImage = search(2, { queryImageId: 1 });
  await catalog.searches.record([uploaded, byImage]);
  await catalog.images.remove([1, 2]);
  expect(await catalog.searches.byId(uploaded.id)).toEqual(uploaded);
  expect(await catalog.searches.byId(byImage.id)).toEqual(byImage);
  expect(await catalog.searches.byId(randomUUID())).toBeNull();
  const page = await catalog.searches.list({ visitorId: 'me', first: 5 });
  const listed = ({ query: _, ...row }: NewSearchRecord) => row;
  expect(page.edges.map(({ node }) => node)).toEqual([listed(byImage), listed(uploaded)]);
});

test('each visitor pages through their own, newest first, also where instants are equal', async () => {
  const mine = Array.from({ length: 7 }, (_, i) => search(Math.floor(i / 3)));
  await catalog.searches.record([...mine, search(1, { visitorId: 'you' })]);
  const expected = [...mine]
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);
  for (const first of [1, 3, 7, 9]) {
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await catalog.searches.list({ visitorId: 'me', first, after });
      expect(page.totalCount).toBe(7);
      seen.push(...page.edges.map(({ node }) => node.id));
      if (!page.hasNextPage) break;
      after = page.edges.at(-1)?.cursor;
    }
    expect(seen).toEqual(expected);
  }
  const gallery = await addImages(catalog, ['a']).then(() =>
    catalog.images.list({ first: 1, orderBy: 'NEWEST' }),
  );
  await expect(
    catalog.searches.list({ visitorId: 'me', first: 1, after: gallery.edges[0]?.cursor }),
  ).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { path: 'after' } });
});

test('a visitor forgets their own only', async () => {
  await catalog.searches.record([search(1), search(2), search(3, { visitorId: 'you' })]);
  expect(await catalog.searches.clear('me')).toBe(2);
  expect(await catalog.searches.clear('me')).toBe(0);
  expect((await catalog.searches.list({ visitorId: 'you', first: 5 })).totalCount).toBe(1);
});

test('pruning keeps the newest, however many there are', async () => {
  await catalog.searches.record(
    Array.from({ length: 1203 }, (_, i) => search(i, { visitorId: `v${i % 2}` })),
  );
  expect(await catalog.searches.prune(2000)).toBe(0);
  expect(await catalog.searches.prune(3)).toBe(1200);
  const kept = await catalog.searches.list({ visitorId: 'v0', first: 5 });
  expect(kept.edges.map(({ node }) => node.createdAt.getTime())).toEqual(
    [1202, 1200].map((minute) => search(minute).createdAt.getTime()),
  );
  expect(await catalog.searches.prune(0)).toBe(3);
});

test('nothing to record is no error', async () => {
  await catalog.searches.record([]);
  expect((await catalog.searches.list({ visitorId: 'me', first: 1 })).totalCount).toBe(0);
});

test('facts about the data folder are kept and replaced', async () => {
  expect(await catalog.facts.get('sample-gallery')).toBeNull();
  await catalog.facts.set('sample-gallery', 'filled');
  await catalog.facts.set('sample-gallery', '1.1');
  expect(await catalog.facts.get('sample-gallery')).toBe('1.1');
  await catalog.close();
  catalog = await openTestCatalog(dir);
  expect(await catalog.facts.get('sample-gallery')).toBe('1.1');
});

test('a visitor forgets some of their own searches, and nobody else’s', async () => {
  const [first, second] = [search(1), search(2)];
  const other = search(3, { visitorId: 'you' });
  await catalog.searches.record([first, second, other]);
  expect(await catalog.searches.remove('me', [first.id, other.id, randomUUID()])).toBe(1);
  expect(await catalog.searches.byId(first.id)).toBeNull();
  expect(await catalog.searches.byId(second.id)).not.toBeNull();
  expect(await catalog.searches.byId(other.id)).not.toBeNull();
});
