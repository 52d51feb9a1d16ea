import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { fromBufferPromise } from 'yauzl';
import {
  addToGallery,
  type Connection,
  dataOf,
  nodesOf,
  removeFromGallery,
  request,
  searchById,
  searchByImage,
} from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

interface Album {
  readonly id: string;
  readonly name: string;
  readonly isSmart: boolean;
  readonly count: number | null;
  readonly cover: { readonly title: string } | null;
  readonly images: Connection<{ readonly id: string; readonly title: string }> & { totalCount: number };
  readonly search: { readonly isImageRemoved: boolean; readonly thumbnailUrl: string | null } | null;
}
const ALBUM = `id name isSmart count cover { title } search { isImageRemoved thumbnailUrl }
  images { totalCount edges { node { id title } } }`;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

let server: TestServer;
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startServer();
  for (const [i, title] of NAMES.entries()) {
    const tags = i < 3 ? ['first'] : ['last'];
    ids[title] = (await addToGallery(server.url, await jpeg(4200 + i), { title, tags })).image.id;
  }
});
afterAll(() => server.dispose());

const idsOf = (titles: string): string[] => [...titles].map((title) => ids[title] as string);
const ask = async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  dataOf(await request<Data>(server.url, query, variables));

async function create(name: string, titles = '', search?: Record<string, unknown>): Promise<Album> {
  const { createAlbum } = await ask<{ createAlbum: { album: Album } }>(
    `mutation ($name: String!, $ids: [ID!], $search: AlbumSearchInput) {
      createAlbum(name: $name, ids: $ids, search: $search) { album { ${ALBUM} } } }`,
    { name, ids: idsOf(titles), search },
  );
  return createAlbum.album;
}

async function albumOf(id: string): Promise<Album> {
  const { album } = await ask<{ album: Album }>(`query ($id: ID!) { album(id: $id) { ${ALBUM} } }`, { id });
  return album;
}
const titlesIn = ({ images }: Album): string =>
  nodesOf(images)
    .map(({ title }) => title)
    .join('');

/** A change of a list, and the code it is refused with. */
async function change(
  mutation: 'addToAlbum' | 'moveInAlbum' | 'removeFromAlbum',
  id: string,
  titles: string,
  before?: string,
): Promise<string | undefined> {
  const place = mutation === 'removeFromAlbum' ? '' : ', before: $before';
  const declared = mutation === 'removeFromAlbum' ? '' : ', $before: ID';
  const { errors } = await request(
    server.url,
    `mutation ($id: ID!, $images: [ID!]!${declared}) { ${mutation}(id: $id, images: $images${place}) { album { id } } }`,
    { id, images: idsOf(titles), ...(before !== undefined && { before: ids[before] }) },
  );
  return errors[0]?.extensions.code;
}

describe('a list', () => {
  test('keeps its order through additions, moves and removals', async () => {
    const { id } = await create('Trip', 'cab');
    expect(id).toMatch(/^album-\d+$/);
    expect(await albumOf(id)).toMatchObject({
      name: 'Trip',
      isSmart: false,
      count: 3,
      cover: { title: 'c' },
    });
    expect(await change('addToAlbum', id, 'de', 'a')).toBeUndefined();
    expect(titlesIn(await albumOf(id))).toBe('cdeab');
    expect(await change('addToAlbum', id, 'cf', 'c')).toBeUndefined(); // c stays where it is
    expect(titlesIn(await albumOf(id))).toBe('fcdeab');
    expect(await change('moveInAlbum', id, 'bf')).toBeUndefined();
    expect(titlesIn(await albumOf(id))).toBe('cdeabf');
    expect(await change('moveInAlbum', id, 'ae', 'c')).toBeUndefined();
    expect(titlesIn(await albumOf(id))).toBe('aecdbf');
    expect(await change('removeFromAlbum', id, 'cda')).toBeUndefined();
    expect(titlesIn(await albumOf(id))).toBe('ebf');
  });

  test('is paged in its own order, also under a filter and from its end', async () => {
    const { id } = await create('Pages', 'fedcba');
    const list = async (args: string): Promise<string> => {
      const { galleryImages } = await ask<{ galleryImages: Connection<{ title: string }> }>(
        `query ($id: ID!) { galleryImages(orderBy: ALBUM, ${args}) { edges { node { title } } } }`,
        { id },
      );
      return nodesOf(galleryImages)
        .map(({ title }) => title)
        .join('');
    };
    const { album } = await ask<{ album: { images: { pageInfo: { endCursor: string } } } }>(
      'query ($id: ID!) { album(id: $id) { images(first: 2) { pageInfo { endCursor } } } }',
      { id },
    );
    const { endCursor } = album.images.pageInfo;
    expect(await list(`filter: { album: $id }, first: 3, after: "${endCursor}"`)).toBe('dcb');
    expect(await list('filter: { album: $id }, last: 2')).toBe('ba');
    expect(await list('filter: { album: $id, tags: ["first"] }')).toBe('cba');
    const refused = await request(server.url, '{ galleryImages(orderBy: ALBUM) { totalCount } }');
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: 'orderBy' },
    });
  });

  test('a change that names what is not there changes nothing', async () => {
    const { id } = await create('Whole', 'abc');
    ids['gone'] = '777777';
    expect(await change('addToAlbum', id, 'd', 'f')).toBe('IMAGE_NOT_FOUND');
    expect(await change('moveInAlbum', id, 'ad')).toBe('IMAGE_NOT_FOUND');
    expect(await change('moveInAlbum', id, 'ab', 'a')).toBe('BAD_USER_INPUT');
    expect(await change('addToAlbum', 'album-99999', 'a')).toBe('ALBUM_NOT_FOUND');
    expect(await change('addToAlbum', '1', 'a')).toBe('ALBUM_NOT_FOUND');
    const { errors } = await request(
      server.url,
      'mutation ($id: ID!) { addToAlbum(id: $id, images: ["1", "777777"]) { addedCount } }',
      { id },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'IMAGE_NOT_FOUND', details: { ids: ['777777'] } });
    expect(titlesIn(await albumOf(id))).toBe('abc');
  });

  test('has the cover that was chosen for as long as the picture is in it', async () => {
    const { id } = await create('Covered', 'abc');
    const update = (cover: string) =>
      request(
        server.url,
        'mutation ($id: ID!, $cover: ID) { updateAlbum(id: $id, name: "  New\\u0009name ", cover: $cover) { album { name } } }',
        { id, cover: ids[cover] },
      );
    expect((await update('d')).errors[0]?.extensions.code).toBe('IMAGE_NOT_FOUND');
    expect(await albumOf(id)).toMatchObject({ name: 'Covered', cover: { title: 'a' } });
    expect((await update('b')).data).toEqual({ updateAlbum: { album: { name: 'New name' } } });
    expect((await albumOf(id)).cover).toEqual({ title: 'b' });
    await change('removeFromAlbum', id, 'b');
    await change('addToAlbum', id, 'b');
    expect((await albumOf(id)).cover).toEqual({ title: 'a' });
  });

  test('is named in one to a hundred characters', async () => {
    const codes = await Promise.all(
      ['', ' ', '\u200b', 'x'.repeat(101), 'x'.repeat(100)].map(async (name) => {
        const { errors } = await request(
          server.url,
          'mutation ($name: String!) { createAlbum(name: $name) { album { id } } }',
          { name },
        );
        return errors[0]?.extensions.code;
      }),
    );
    expect(codes).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      undefined,
    ]);
  });

  test('is found by its pictures, in searches and by its id alone; deleting it leaves them', async () => {
    const { id } = await create('Found', 'bd');
    const found = await ask<{ galleryImage: { albums: { name: string }[] }; node: object }>(
      'query ($image: ID!, $id: ID!) { galleryImage(id: $image) { albums { name } } node(id: $id) { __typename ... on Album { name } } }',
      { image: ids['d'], id },
    );
    expect(found.galleryImage.albums).toContainEqual({ name: 'Found' });
    expect(found.node).toEqual({ __typename: 'Album', name: 'Found' });
    const search = dataOf(await searchById(server.url, ids['a'] as string, { filter: { album: id } }));
    expect(search.searchByImage.matches.map(({ image }) => image.title).sort()).toEqual(['b', 'd']);
    const remove = 'mutation ($id: ID!) { deleteAlbum(id: $id) { deletedId } }';
    expect(await ask(remove, { id })).toEqual({ deleteAlbum: { deletedId: id } });
    expect(await ask(remove, { id })).toEqual({ deleteAlbum: { deletedId: null } });
    expect(await albumOf(id)).toBeNull();
    const all = await ask<{ galleryImages: { totalCount: number } }>('{ galleryImages { totalCount } }');
    expect(all.galleryImages.totalCount).toBe(NAMES.length);
    const none = dataOf(await searchById(server.url, ids['a'] as string, { filter: { album: id } }));
    expect(none.searchByImage.matches).toEqual([]);
  });
});

test('two windows agree: every change is reported, and that some were missed', async () => {
  const ws = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  interface Event {
    readonly albumsChanged: { readonly kind: string; readonly id: string; readonly album: Album | null };
  }
  const query = 'subscription ($since: ID) { albumsChanged(since: $since) { kind id album { name count } } }';
  try {
    const { albums } = await ask<{ albums: { revision: string } }>('{ albums { revision } }');
    const { id } = await create('Watched', 'a');
    const events = ws.iterate<Event, never>({ query, variables: { since: albums.revision } });
    const next = async (): Promise<unknown> => (await events.next()).value?.data?.albumsChanged;
    expect(await next()).toEqual({ kind: 'MISSED', id: null, album: null });
    await change('addToAlbum', id, 'b');
    expect(await next()).toEqual({ kind: 'UPDATED', id, album: { name: 'Watched', count: 2 } });
    await ask('mutation ($id: ID!) { deleteAlbum(id: $id) { deletedId } }', { id });
    expect(await next()).toEqual({ kind: 'DELETED', id, album: null });
    await events.return?.();
  } finally {
    await ws.dispose();
  }
});

test('an album is packed in its order', async () => {
  const { id } = await create('Sea / 海', 'ca');
  const response = await fetch(`${server.url}/media/archive?album=${id}`);
  expect(response.headers.get('content-disposition')).toContain(encodeURIComponent('Sea _ 海.zip'));
  const zip = await fromBufferPromise(Buffer.from(await response.arrayBuffer()), { lazyEntries: true });
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) names.push(entry.fileName);
  expect(names).toEqual(['1 c.jpg', '2 a.jpg']);
  const statuses = ['album=album-99999', 'album=3', `album=${(await create('Empty')).id}`].map(
    async (query) => (await fetch(`${server.url}/media/archive?${query}`)).status,
  );
  expect(await Promise.all(statuses)).toEqual([404, 404, 404]);
});

describe('a saved search', () => {
  test('by a filter has what passes it now, newest first, in at most so many', async () => {
    const { id } = await create('Last', '', { filter: { tags: ['last'] }, topK: 2 });
    const album = await albumOf(id);
    expect(album).toMatchObject({ isSmart: true, count: 2, cover: { title: 'f' } });
    expect(titlesIn(album)).toBe('fe');
    await ask('mutation ($ids: [ID!]!) { tagImages(ids: $ids, remove: ["last"]) { images { id } } }', {
      ids: idsOf('f'),
    });
    expect(titlesIn(await albumOf(id))).toBe('ed');
    expect(await change('addToAlbum', id, 'a')).toBe('BAD_USER_INPUT');
    const { galleryImages } = await ask<{ galleryImages: Connection<{ title: string }> }>(
      'query ($id: ID!) { galleryImages(orderBy: ALBUM, first: 1, filter: { album: $id, text: "d" }) { edges { node { title } } } }',
      { id },
    );
    expect(nodesOf(galleryImages)).toEqual([{ title: 'd' }]);
    const search = dataOf(await searchById(server.url, ids['a'] as string, { filter: { album: id } }));
    expect(search.searchByImage.matches.map(({ image }) => image.title).sort()).toEqual(['d', 'e']);
  });

  test('by an upload goes on without the history', async () => {
    const bytes = await jpeg(4201);
    const visitor = { 'x-visitor-id': 'visitor-albums' };
    const { searchByImage: answer } = dataOf(await searchByImage(server.url, bytes, { topK: 3 }, visitor));
    const { id } = await create('Like this', '', { searchId: answer.id, topK: 3 });
    await request(server.url, 'mutation { clearSearchHistory { removedCount } }', {}, visitor);
    const album = await albumOf(id);
    expect(nodesOf(album.images).map((image) => image.id)).toEqual(
      answer.matches.map(({ image }) => image.id),
    );
    expect(album.search?.thumbnailUrl).toMatch(/^data:image\/jpeg;base64,/);
    const { errors } = await request(
      server.url,
      'mutation ($id: ID!) { createAlbum(name: "x", search: { searchId: $id }) { album { id } } }',
      { id: answer.id },
    );
    expect(errors[0]?.extensions).toMatchObject({ details: { path: 'search.searchId' } });
  });

  test('by a picture of the gallery ends with it, and says so', async () => {
    const query = (await addToGallery(server.url, await jpeg(4290), { title: 'query' })).image.id;
    const { id } = await create('More', '', { imageId: query, topK: 2 });
    expect(titlesIn(await albumOf(id))).toMatch(/^query[a-f]$/);
    await removeFromGallery(server.url, [query]);
    expect(await albumOf(id)).toMatchObject({ count: 0, cover: null, search: { isImageRemoved: true } });
  });

  test('asks for something, and not for another saved search', async () => {
    const { id } = await create('Inner', '', { filter: { tags: ['first'] } });
    const paths = await Promise.all(
      [{}, { filter: {} }, { filter: { album: id } }, { imageId: ids['a'], topK: 1001 }].map(
        async (search) => {
          const { errors } = await request(
            server.url,
            'mutation ($search: AlbumSearchInput) { createAlbum(name: "x", search: $search) { album { id } } }',
            { search },
          );
          return errors[0]?.extensions.details?.['path'];
        },
      ),
    );
    expect(paths).toEqual(['search', 'search', 'search.filter.album', 'topK']);
  });
});
