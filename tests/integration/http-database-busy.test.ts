import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { databaseLocker, type DatabaseLocker } from '../helpers/database-locker.js';
import { addToGallery, dataOf, removeFromGallery, request, searchById, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

const VISITOR = { 'x-visitor-id': 'visitor-of-this-test' };
const TAG =
  'mutation ($ids: [ID!]!, $add: [String!]) { tagImages(ids: $ids, add: $add) { images { tags } } }';
const ADD = 'mutation ($image: Upload!) { addToGallery(image: $image) { created } }';
const REMOVE = 'mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }';

let server: TestServer;
let other: DatabaseLocker;
let ids: string[];

beforeAll(async () => {
  server = await startServer();
  ids = [];
  for (const n of [1, 2, 3]) ids.push((await addToGallery(server.url, await jpeg(n))).image.id);
  other = databaseLocker(join(server.dir, 'data', 'likeness.db'));
});

afterAll(async () => {
  await other.end();
  await server.dispose();
});

interface State {
  galleryImages: { totalCount: number; edges: { node: { id: string; tags: string[] } }[] };
  status: { index: { size: number } };
}

const state = async (): Promise<State> =>
  dataOf(
    await request<State>(
      server.url,
      '{ galleryImages(first: 9, orderBy: OLDEST) { totalCount edges { node { id tags } } } status { index { size } } }',
    ),
  );

const searches = async (): Promise<number> =>
  dataOf(
    await request<{ searchHistory: { totalCount: number } }>(
      server.url,
      '{ searchHistory { totalCount } }',
      {},
      VISITOR,
    ),
  ).searchHistory.totalCount;

test('another process locks the database while pictures are searched, added, tagged and removed', async () => {
  const before = await state();
  await other.lock();
  // Searches are answered; what they leave in the history waits.
  for (const id of ids) {
    const answer = await searchById(server.url, id, {}, VISITOR);
    expect(dataOf(answer).searchByImage.matches[0]?.image.id).toBe(id);
  }
  const [tagged, added, removed] = await Promise.all([
    request(server.url, TAG, { ids, add: ['no'] }),
    upload(server.url, ADD, { image: null }, [{ paths: ['variables.image'], bytes: await jpeg(4) }]),
    request(server.url, REMOVE, { ids }),
  ]);
  for (const { errors } of [tagged, added, removed]) {
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({
      code: 'SERVER_BUSY',
      retryable: true,
      details: { retryAfterMs: expect.any(Number) },
    });
  }
  expect(await state()).toEqual(before);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);

  await other.free();
  expect(dataOf(await request<{ tagImages: object }>(server.url, TAG, { ids, add: ['yes'] }))).toEqual({
    tagImages: { images: ids.map(() => ({ tags: ['yes'] })) },
  });
  const fourth = await addToGallery(server.url, await jpeg(4));
  expect(fourth.created).toBe(true);
  expect(await removeFromGallery(server.url, [ids[0]!])).toEqual([ids[0]]);
  expect(await searches()).toBe(3);

  await server.kill9();
  await server.restart();
  const after = await state();
  expect(after.galleryImages.edges.map(({ node }) => node)).toEqual([
    { id: ids[1], tags: ['yes'] },
    { id: ids[2], tags: ['yes'] },
    { id: fourth.image.id, tags: [] },
  ]);
  expect(after.status.index.size).toBe(3);
  expect(await searches()).toBe(3);
});
