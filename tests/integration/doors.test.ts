import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { get } from 'node:http';
import WebSocket from 'ws';
import { doorsOf, socketUrl, type Door, type Operation } from '../helpers/doors.js';
import { addToGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { rawRequest } from '../helpers/raw-http.js';
import { startServer, type TestServer } from '../helpers/server.js';

/*
 * Whatever comes by HTTP and by WebSocket passes one gate. Each case is sent through both doors, and the two answers
 * are the same to the letter.
 */

let server: TestServer;
let http: Door;
let socket: Door;
let id: string;

beforeAll(async () => {
  server = await startServer();
  [http, socket] = doorsOf(server.url);
  id = (await addToGallery(server.url, await jpeg(1))).image.id;
});

afterAll(async () => {
  await socket.close();
  await server.dispose();
});

const LIST =
  'query ($first: Int, $filter: GalleryFilter, $orderBy: GalleryOrder) { galleryImages(first: $first, filter: $filter, orderBy: $orderBy) { totalCount } }';
const TAG = 'mutation ($ids: [ID!]!, $add: [String!]) { tagImages(ids: $ids, add: $add) { images { id } } }';
const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

interface Case extends Operation {
  readonly name: string;
  /** Of the first error; null when there is none. */
  readonly code: string | null;
  readonly message?: string | RegExp;
  readonly details?: Record<string, unknown>;
  readonly path?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'an answer', query: '{ tags { totalCount } }', code: null },
  {
    name: 'syntax',
    query: '{ tags {',
    code: 'GRAPHQL_PARSE_FAILED',
    message: /^Syntax Error: Expected Name/,
  },
  {
    name: 'syntax, with a secret in it',
    query: '{ tags "hunter2" }',
    code: 'GRAPHQL_PARSE_FAILED',
    message: 'Syntax Error: Unexpected string.',
  },
  {
    name: 'a field that is unknown',
    query: '{ tags { edges { node { tagg } } } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
    message: 'Cannot query field "tagg" on type "TagCount". Did you mean "tag"?',
  },
  {
    name: 'a literal of a wrong type',
    query: '{ galleryImages(first: "hunter2") { totalCount } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
    message: 'Expected a value of type Int for first',
  },
  {
    name: 'a literal that is no value of an enum',
    query: '{ galleryImages(orderBy: hunter2) { totalCount } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
    message: 'Expected one of NEWEST, OLDEST, TITLE, TAKEN_NEWEST, TAKEN_OLDEST, ALBUM for orderBy',
  },
  {
    name: 'a literal with an unknown field',
    query: '{ galleryImages(filter: { tagss: "hunter2" }) { totalCount } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
    message: /^Field "tagss" is not defined by type "GalleryFilter"\./,
  },
  {
    name: 'a variable of a wrong type',
    query: LIST,
    variables: { first: 'hunter2' },
    code: 'BAD_USER_INPUT',
    message: 'Expected a value of type Int for first',
    details: { path: 'first', rule: 'a value of type Int' },
  },
  {
    name: 'a variable that is no value of an enum',
    query: LIST,
    variables: { orderBy: 'hunter2' },
    code: 'BAD_USER_INPUT',
    message: 'Expected one of NEWEST, OLDEST, TITLE, TAKEN_NEWEST, TAKEN_OLDEST, ALBUM for orderBy',
    details: { path: 'orderBy', rule: 'one of NEWEST, OLDEST, TITLE, TAKEN_NEWEST, TAKEN_OLDEST, ALBUM' },
  },
  {
    name: 'a variable with an unknown field',
    query: LIST,
    variables: { filter: { text: 'a', colour: 'hunter2' } },
    code: 'BAD_USER_INPUT',
    details: {
      path: 'filter.colour',
      rule: 'only the fields of GalleryFilter (album, anyTags, camera, createdAfter, createdBefore, favorite, format, library, minPixels, minRating, missing, orientation, tagged, tags, takenAfter, takenBefore, text)',
    },
  },
  {
    name: 'a field whose name is a value',
    query: LIST,
    variables: { filter: { 'hunter2 hunter2': 1 } },
    code: 'BAD_USER_INPUT',
    details: { path: 'filter', rule: expect.stringContaining('only the fields of GalleryFilter') },
  },
  {
    name: 'a variable of a wrong type, deep inside',
    query: LIST,
    variables: { filter: { tags: ['a', { hunter2: 1 }] } },
    code: 'BAD_USER_INPUT',
    details: { path: 'filter.tags[1]', rule: 'a value of type String' },
  },
  {
    name: 'no object where one belongs',
    query: LIST,
    variables: { filter: 'hunter2' },
    code: 'BAD_USER_INPUT',
    details: { path: 'filter', rule: 'an object of type GalleryFilter' },
  },
  {
    name: 'a variable that is missing',
    query: TAG,
    code: 'BAD_USER_INPUT',
    details: { path: 'ids', rule: 'a list of type [ID!]' },
  },
  {
    name: 'null in a list without nulls',
    query: TAG,
    variables: { ids: [null] },
    code: 'BAD_USER_INPUT',
    details: { path: 'ids[0]', rule: 'a value of type ID' },
  },
  {
    name: 'no file where one belongs',
    query: 'query ($image: Upload!) { searchByImage(image: $image) { id } }',
    variables: { image: { name: 'hunter2' } },
    code: 'BAD_USER_INPUT',
    details: {
      path: 'image',
      rule: 'a file of a multipart request (GraphQL multipart request specification)',
    },
  },
  {
    name: 'null that a variable brings to where only a default may stand in for it',
    query:
      'query ($bins: Int, $id: ID) { imageAnalysis(imageId: $id) { vector { histogram(bins: $bins) } } }',
    variables: { bins: null, id: '1' },
    code: 'BAD_USER_INPUT',
    details: { path: 'bins', rule: 'a value that is not null' },
  },
  ...['skip', 'include'].flatMap((directive) => [
    {
      name: `null for @${directive}, which leaves open what is executed`,
      query: `query ($if: Boolean = true) { tags @${directive}(if: $if) { totalCount } }`,
      variables: { if: null },
      code: 'BAD_USER_INPUT',
      details: { path: 'if', rule: 'a value that is not null' },
    },
    {
      name: `null for @${directive} beside what is too dear`,
      query: `query ($if: Boolean = true) { status { version @${directive}(if: $if) } galleryImages(first: 500) { edges { node { similar(topK: 1000) { image { id } } } } } }`,
      variables: { if: null },
      code: 'BAD_USER_INPUT',
      details: { path: 'if', rule: 'a value that is not null' },
    },
  ]),
  {
    name: 'null for an argument beside what is too dear',
    query:
      'query ($bins: Int) { imageAnalysis(imageId: "1") { vector { histogram(bins: $bins) } } galleryImages(first: 500) { edges { node { similar(topK: 1000) { image { id } } } } } }',
    variables: { bins: null },
    code: 'BAD_USER_INPUT',
    details: { path: 'bins', rule: 'a value that is not null' },
  },
  {
    name: 'text that is not well-formed',
    query: TAG,
    variables: { ids: ['1'], add: ['\ud800'] },
    code: 'BAD_USER_INPUT',
    details: { path: 'add[0]', rule: expect.any(String) },
  },
  {
    name: 'an operation that is not in the document',
    query: 'query A { tags { totalCount } } query B { tags { totalCount } }',
    operationName: 'hunter2',
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'no name for one of several operations',
    query: 'query A { tags { totalCount } } query B { tags { totalCount } }',
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'too many aliases',
    query: `{ ${times(200, (i) => `a${i}: tags { totalCount }`)} }`,
    code: 'QUERY_TOO_COMPLEX',
    details: { what: 'aliases', limit: 30, actual: 200 },
  },
  {
    name: 'too many fragments',
    query: `{ ${times(240, (i) => `...F${i}`)} } ${times(240, (i) => `fragment F${i} on Query { tags { totalCount } }`)}`,
    code: 'QUERY_TOO_COMPLEX',
    details: { what: 'fragments', limit: 50, actual: 240 },
  },
  {
    name: 'too dear',
    query: '{ galleryImages(first: 500) { edges { node { similar(topK: 1000) { image { id title } } } } } }',
    code: 'QUERY_TOO_COMPLEX',
    details: { what: 'cost', limit: 100_000, actual: expect.any(Number) },
  },
  {
    name: 'too dear by its variables',
    query:
      'query ($first: Int, $topK: Int) { galleryImages(first: $first) { edges { node { similar(topK: $topK) { image { id title } } } } } }',
    variables: { first: 500, topK: 1000 },
    code: 'QUERY_TOO_COMPLEX',
  },
  {
    name: 'what a service refuses, with the place in the answer',
    query: '{ galleryImages(first: 0) { totalCount } }',
    code: 'BAD_USER_INPUT',
    path: ['galleryImages'],
    details: { path: 'first', rule: 'a whole number from 1 to 500' },
  },
  {
    name: 'a picture that is unknown',
    query: '{ searchByImage(imageId: "999") { id } }',
    code: 'IMAGE_NOT_FOUND',
    path: ['searchByImage'],
  },
  {
    name: 'what only an administrator may do, by who is at this machine',
    query: 'mutation { cancelModelSwitch { cancelled } }',
    code: null,
  },
];

describe('the same answer by HTTP and by WebSocket', () => {
  test.each(CASES)('$name', async ({ query, variables, operationName, code, message, details, path }) => {
    const operation: Operation = {
      query,
      ...(variables && { variables }),
      ...(operationName !== undefined && { operationName }),
    };
    const answers = [await http.send(operation), await socket.send(operation)] as const;
    expect(answers[1]).toEqual(answers[0]);
    const [error] = answers[0].errors;
    expect(error?.extensions.code ?? null).toBe(code);
    if (message !== undefined)
      expect(error?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    if (details !== undefined) expect(error?.extensions.details).toEqual(details);
    if (path !== undefined) expect(error?.path).toEqual(path);
    expect(JSON.stringify(answers)).not.toContain('hunter2');
  });

  test('the lines of a long document', async () => {
    const query = `${'\n'.repeat(500)}{\r\n  tags {\n    tagg\n  }\n}`;
    for (const door of [http, socket])
      expect((await door.send({ query })).errors).toMatchObject([{ locations: [{ line: 503, column: 5 }] }]);
    for (const door of [http, socket])
      expect((await door.send({ query: '{\n  tags {\n    tag' })).errors).toMatchObject([
        { locations: [{ line: 3, column: 8 }] },
      ]);
    for (const door of [http, socket])
      expect(
        (await door.send({ query: '{\n\n  searchByImage(imageId: "999") { id } }' })).errors,
      ).toMatchObject([{ locations: [{ line: 3, column: 3 }] }]);
  });
});

describe('one failure leaves the other fields of a request alone', () => {
  test('of a query', async () => {
    for (const door of [http, socket]) {
      const { data, errors } = await door.send({
        query:
          '{ tags { totalCount } bad: galleryImages(first: 0) { totalCount } good: galleryImages(first: 1) { totalCount } searchByImage(imageId: "999") { id } }',
      });
      expect(data).toEqual({
        tags: { totalCount: 0 },
        bad: null,
        good: { totalCount: 1 },
        searchByImage: null,
      });
      expect(errors).toMatchObject([
        { path: ['bad'], extensions: { code: 'BAD_USER_INPUT' } },
        { path: ['searchByImage'], extensions: { code: 'IMAGE_NOT_FOUND', details: { ids: ['999'] } } },
      ]);
    }
  });

  test('of a mutation', async () => {
    for (const door of [http, socket]) {
      const { data, errors } = await door.send({
        query:
          'mutation ($id: ID!) { none: tagImages(ids: [$id, "999"], add: ["x"]) { images { id } } one: tagImages(ids: [$id], add: []) { images { tags } } }',
        variables: { id },
      });
      expect(data).toEqual({ none: null, one: { images: [{ tags: [] }] } });
      expect(errors).toMatchObject([
        { path: ['none'], extensions: { code: 'IMAGE_NOT_FOUND', details: { ids: ['999'] } } },
      ]);
    }
  });
});

describe('unknown ids are named', () => {
  const ids = Array.from({ length: 30 }, (_, i) => String(900 + i));
  const error = async (unknown: readonly string[]) =>
    (await http.send({ query: TAG, variables: { ids: [id, ...unknown], add: ['x'] } })).errors[0]?.extensions;

  test('the first 20, and not those that are known', async () => {
    expect(await error(ids)).toEqual({
      code: 'IMAGE_NOT_FOUND',
      retryable: false,
      details: { ids: ids.slice(0, 20) },
    });
  });

  test('also what cannot be an id, but nothing that is more than one', async () => {
    expect((await error(['abc', '-1']))?.details).toEqual({ ids: ['abc', '-1'] });
    expect((await error(['hunter2 hunter2', 'x'.repeat(100)]))?.details).toBeUndefined();
  });
});

describe('a subscription that does not go over WebSocket', () => {
  const query = 'subscription { galleryChanged { kind } }';
  const sentence = /^Subscriptions use WebSocket \(protocol graphql-transport-ws\)/;

  test.each([
    ['POST', { method: 'POST', body: JSON.stringify({ query }) }, ''],
    ['GET', { method: 'GET' }, `?query=${encodeURIComponent(query)}`],
  ])('%s is 400 and says so', async (_method, init, search) => {
    const response = await fetch(`${server.url}/graphql${search}`, {
      ...init,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [
        { message: expect.stringMatching(sentence), extensions: { code: 'BAD_REQUEST', retryable: false } },
      ],
    });
  });
});

describe('settings count at both doors', () => {
  const PER_MINUTE = 6;
  let closed: TestServer;
  beforeAll(async () => {
    closed = await startServer({
      env: {
        INTROSPECTION: 'off',
        RATE_LIMIT: String(PER_MINUTE),
        CORS_ORIGINS: 'http://friend.example',
        ALLOWED_HOSTS: 'pictures.example',
      },
    });
  });
  afterAll(() => closed.dispose());

  /** Whether a page of this origin can read an answer, by each door. */
  const ORIGINS = [
    ['its own', () => closed.url, true],
    ['one the operator named', () => 'http://friend.example', true],
    ['another one', () => 'http://evil.example', false],
    ['none, for no page', () => undefined, true],
    ['no origin at all, of a file', () => 'null', false],
  ] as const;

  test.each(ORIGINS)('origin: %s', async (_name, originOf, allowed) => {
    const origin = originOf();
    const headers = origin === undefined ? {} : { origin };
    const { port } = new URL(closed.url);
    const answered = await new Promise<string | undefined>((resolve, reject) =>
      get({ port, path: '/health', headers }, (response) => {
        response.resume();
        resolve(response.headers['access-control-allow-origin']);
      }).once('error', reject),
    );
    const isForeign = origin !== undefined && origin !== closed.url;
    expect(!isForeign || answered === origin).toBe(allowed);

    expect(await upgradeStatus(headers)).toBe(allowed ? 101 : 401);
  });

  /** By which name the server may be asked, by each door. */
  const HOSTS = [
    ['its own', () => new URL(closed.url).host, true],
    ['localhost', () => 'localhost', true],
    ['one the operator named', () => 'pictures.example', true],
    ['another one', () => 'evil.example', false],
    ['another one with the port', () => `evil.example:${new URL(closed.url).port}`, false],
    ['one below a named one', () => 'evil.pictures.example', false],
  ] as const;

  test.each(HOSTS)('host: %s', async (_name, hostOf, allowed) => {
    const headers = { host: hostOf() };
    // Not /graphql: operations are counted here.
    expect((await rawRequest(closed.url, { path: '/health', headers })).status).toBe(allowed ? 200 : 421);
    expect(await upgradeStatus(headers)).toBe(allowed ? 101 : 421);
  });

  /** How the server answers to the beginning of a WebSocket: 101 opens it. */
  async function upgradeStatus(headers: Readonly<Record<string, string>>): Promise<number> {
    const ws = new WebSocket(socketUrl(closed.url), 'graphql-transport-ws', { headers });
    try {
      return await new Promise<number>((resolve, reject) => {
        ws.once('open', () => resolve(101));
        ws.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
        ws.once('error', reject);
      });
    } finally {
      ws.on('error', () => {}); // terminated before it was open
      ws.terminate();
    }
  }

  test('introspection off, and requests of one address are counted over both', async () => {
    const [byHttp, bySocket] = doorsOf(closed.url);
    const introspection = { query: '{ __schema { queryType { name } } }' };
    for (const door of [byHttp, bySocket]) {
      const { errors } = await door.send(introspection);
      expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
    for (let sent = 2; sent < PER_MINUTE; sent++) {
      const door = sent % 2 === 0 ? byHttp : bySocket;
      expect((await door.send({ query: '{ tags { totalCount } }' })).errors).toEqual([]);
    }
    for (const door of [bySocket, byHttp]) {
      expect((await door.send({ query: '{ tags { totalCount } }' })).errors).toEqual([
        {
          message: 'Too many requests from this address.',
          extensions: {
            code: 'RATE_LIMITED',
            retryable: true,
            details: { retryAfterMs: expect.any(Number) },
          },
        },
      ]);
    }
    await bySocket.close();
  });
});

test('the picture that was added is still there', async () => {
  const { data } = await http.send({ query: '{ galleryImages { edges { node { id } } } }' });
  expect(data).toEqual({ galleryImages: { edges: [{ node: { id } }] } });
});
