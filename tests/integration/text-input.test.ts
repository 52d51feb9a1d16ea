import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient, type Client as WsClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { addToGallery, request, upload, type Answer, type GraphqlError } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

let server: TestServer;
let socket: WsClient;
let id: string;

beforeAll(async () => {
  server = await startServer();
  socket = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  id = (await addToGallery(server.url, await jpeg(1), { title: 'One', tags: ['ＡＢＣ'] })).image.id;
});

afterAll(async () => {
  await socket.dispose();
  await server.dispose();
});

const TAG =
  'mutation ($ids: [ID!]!, $add: [String!]) { tagImages(ids: $ids, add: $add) { images { tags } } }';
const LIST = 'query ($filter: GalleryFilter) { galleryImages(filter: $filter) { totalCount } }';

async function overSocket(
  query: string,
  variables: Record<string, unknown>,
): Promise<readonly GraphqlError[]> {
  try {
    for await (const { errors } of socket.iterate({ query, variables })) return (errors ?? []) as never;
    return [];
  } catch (errors) {
    return errors as GraphqlError[];
  }
}

async function overHttp(query: string, variables: Record<string, unknown>): Promise<readonly GraphqlError[]> {
  return (await request(server.url, query, variables)).errors;
}

/** What text must not be, and where it is. */
const BROKEN = [
  ['a lone surrogate as a tag', TAG, () => ({ ids: [id], add: ['ok', '\ud800x'] }), 'add[1]'],
  ['NUL in a tag', TAG, () => ({ ids: [id], add: ['a\0b'] }), 'add[0]'],
  ['a lone surrogate in a text filter', LIST, () => ({ filter: { text: 'x\udfff' } }), 'filter.text'],
  [
    'a lone surrogate in a tag filter',
    LIST,
    () => ({ filter: { tags: ['\udfff\ud800'] } }),
    'filter.tags[0]',
  ],
  ['a lone surrogate in a name', LIST, () => ({ filter: { '\ud800': 1 } }), 'filter'],
  [
    'NUL as a literal',
    'query { galleryImages(filter: { text: "a\\u0000" }) { totalCount } }',
    () => ({}),
    'query',
  ],
] as const;

describe.each([
  ['HTTP', overHttp],
  ['WebSocket', overSocket],
])('one request over %s does not end the server', (_door, send) => {
  test.each(BROKEN)('%s', async (_what, query, variables, path) => {
    const errors = await send(query, variables());
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { path } });
    expect(await send('{ status { version } }', {})).toEqual([]);
  });

  test('variables nested too deep', async () => {
    const nested = JSON.parse('['.repeat(2000) + ']'.repeat(2000)) as unknown;
    const [error] = await send(LIST, { filter: { tags: nested } });
    expect(error?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

test('an upload with a lone surrogate in title and tags', async () => {
  const answer: Answer<unknown> = await upload(
    server.url,
    'mutation ($image: Upload!, $title: String) { addToGallery(image: $image, title: $title) { created } }',
    { image: null, title: '\ud800x' },
    [{ paths: ['variables.image'], bytes: await jpeg(2) }],
  );
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: 'title' } });
});
