import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page, PageRequest } from '../../src/lib/cursor.js';
import type { NewSearchRecord } from '../../src/services/catalog/search-types.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { expectedPage, randomRequest, seenPage, toRequest, type ModelEntry } from '../helpers/page-model.js';
import { seededRandom } from '../helpers/pictures.js';
import { addImages, openTestCatalog, SPACE } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let catalog: Catalog;

beforeEach(async () => {
  catalog = await openTestCatalog(await temporaryDir());
});

afterEach(async () => {
  await catalog.close();
});

const REQUESTS = 120;

/** Asks for random pages and compares each with the page of a plain list; every third entry goes beforehand. */
async function comparePages<Id>(
  list: (page: PageRequest) => Promise<Page<{ readonly id: Id }>>,
  remove: (ids: Id[]) => Promise<unknown>,
  seed: number,
): Promise<void> {
  const all = (await list({ first: 500 })).edges;
  const gone = all.filter((_, i) => i % 3 === 1).map(({ node }) => node.id);
  if (gone.length > 0) await remove(gone);
  const entries: ModelEntry<Id>[] = all.map(({ cursor, node: { id } }) => ({
    id,
    cursor,
    gone: gone.includes(id),
  }));
  const random = seededRandom(seed);
  for (let i = 0; i < REQUESTS; i++) {
    const request = randomRequest(random, entries.length);
    const page = await list(toRequest(entries, request));
    expect({ request, page: seenPage(page) }).toEqual({ request, page: expectedPage(entries, request) });
  }
}

describe('a page of the gallery is what a plain list says, forwards and backwards, between any two cursors', () => {
  test.each(['NEWEST', 'OLDEST', 'TITLE'] as const)('%s', async (orderBy) => {
    await addImages(catalog, ['b', 'a', 'C', 'B', 'a ', 'Ä', 'ä2', '中', 'z', 'A', 'ａ', 'c']);
    await comparePages<number>(
      (page) => catalog.images.list({ ...page, orderBy }),
      (ids) => catalog.images.remove(ids),
      1,
    );
  });

  test('with a filter', async () => {
    for (const name of ['1', '2', '3', '4', '5', '6', '7', '8', '9'])
      await addImages(catalog, [name], Number(name) % 2 === 1 ? { tags: ['odd'] } : {});
    await comparePages<number>(
      (page) => catalog.images.list({ ...page, orderBy: 'NEWEST', filter: { tags: ['odd'] } }),
      (ids) => catalog.images.tag(ids, [], ['odd']),
      2,
    );
  });

  test('of no pictures at all', async () => {
    await comparePages<number>(
      (page) => catalog.images.list({ ...page, orderBy: 'TITLE' }),
      (ids) => catalog.images.remove(ids),
      3,
    );
  });
});

const search = (minute: number, visitorId: string): NewSearchRecord => ({
  id: randomUUID(),
  visitorId,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  modelId: 'tiny',
  spaceId: SPACE,
  queryImageId: null,
  thumbnail: null,
  thumbnailType: null,
  totalMs: 1,
  matches: [],
  query: null,
});

test('a page of the history likewise, also where instants are equal and others search too', async () => {
  await catalog.searches.record(
    Array.from({ length: 24 }, (_, i) => search(Math.floor(i / 4), i % 2 === 0 ? 'me' : 'you')),
  );
  await comparePages<string>(
    (page) => catalog.searches.list({ ...page, visitorId: 'me' }),
    (ids) => catalog.searches.remove('me', ids),
    4,
  );
});

test('a cursor of another listing is refused at either end', async () => {
  await addImages(catalog, ['1']);
  const { edges } = await catalog.images.list({ first: 1, orderBy: 'NEWEST' });
  const cursor = edges[0]?.cursor;
  for (const path of ['after', 'before'] as const) {
    await expect(catalog.images.list({ last: 1, [path]: cursor, orderBy: 'OLDEST' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path },
    });
  }
});

test('searches by id are only those of the visitor, in the order asked for', async () => {
  const [first, second, other] = [search(1, 'me'), search(2, 'me'), search(3, 'you')];
  await catalog.searches.record([first, second, other]);
  const rows = await catalog.searches.byIds('me', [second.id, other.id, 'x', first.id]);
  expect(rows.map(({ id }) => id)).toEqual([second.id, first.id]);
});
