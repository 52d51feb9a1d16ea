import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  multipartBody,
  PREFLIGHT,
  request,
  searchByImage,
  searchById,
  upload,
  addToGallery,
  type Answer,
} from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

const MAX_BYTES = 200_000;
const MAX_PIXELS = 1_000_000;
const SEARCH = 'query ($image: Upload) { searchByImage(image: $image) { id } }';

let server: TestServer;
let picture: Buffer;
let id: string;

beforeAll(async () => {
  server = await startServer({
    env: { MAX_UPLOAD_BYTES: String(MAX_BYTES), MAX_IMAGE_PIXELS: String(MAX_PIXELS) },
  });
  picture = await jpeg(1);
  id = (await addToGallery(server.url, picture)).image.id;
});

afterAll(() => server.dispose());

/** None of this stops or slows the server, and no temporary file stays behind. */
afterEach(async () => {
  const answer = await searchById(server.url, id);
  expect(answer.data?.searchByImage.matches[0]?.image.id).toBe(id);
  // The temporary file goes when the response is closed, a moment after the client has read it.
  await server.until(
    async () => (await readdir(join(server.dir, 'data', 'uploads'))).length === 0,
    'no temporary files',
  );
});

function codeOf(answer: Answer<unknown>): string | undefined {
  expect(answer.errors).toHaveLength(1);
  return answer.errors[0]?.extensions.code;
}

/** A JPEG of an exact size: bytes after the end marker are ignored by decoders. */
const padded = (size: number): Buffer => Buffer.concat([picture, Buffer.alloc(size - picture.length)]);

describe('files', () => {
  test('a file of exactly the byte limit passes, one byte more does not', async () => {
    expect((await searchByImage(server.url, padded(MAX_BYTES))).errors).toEqual([]);
    const answer = await searchByImage(server.url, padded(MAX_BYTES + 1));
    expect(codeOf(answer)).toBe('IMAGE_TOO_LARGE');
    expect(answer.errors[0]?.extensions.details).toEqual({
      limit: MAX_BYTES,
      actual: MAX_BYTES + 1,
      unit: 'bytes',
    });
  });

  test('a file far over the limit is cut off', async () => {
    expect(codeOf(await searchByImage(server.url, Buffer.alloc(5_000_000)))).toBe('IMAGE_TOO_LARGE');
  });

  test('a request over the cap for all files is refused before it is read', async () => {
    const body = multipartBody(SEARCH, { image: null }, [
      { paths: ['variables.image'], bytes: Buffer.alloc(MAX_BYTES * 64 + 4_000_000) },
    ]);
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: PREFLIGHT, body }).catch(
      (error: unknown) => error,
    );
    // The server answers and closes; whether the client reads the answer before its write fails is the network's affair.
    if (response instanceof Response) expect(response.status).toBe(413);
  });

  test('pixels over the limit are refused by the header, with both numbers', async () => {
    const large = await sharp({ create: { width: 1001, height: 1000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const answer = await searchByImage(server.url, large);
    expect(codeOf(answer)).toBe('IMAGE_TOO_LARGE');
    expect(answer.errors[0]?.extensions.details).toMatchObject({
      limit: MAX_PIXELS,
      actual: 1_001_000,
      unit: 'pixels',
    });
    const fits = await sharp({ create: { width: 1000, height: 1000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect((await searchByImage(server.url, fits)).errors).toEqual([]);
  });

  test.each([
    [
      'text named .jpg',
      () => Buffer.from('not a picture at all, whatever its name says'),
      'IMAGE_UNSUPPORTED',
    ],
    ['a truncated JPEG', () => picture.subarray(0, picture.length >> 1), 'IMAGE_UNREADABLE'],
    ['zero bytes', () => Buffer.alloc(0), 'IMAGE_UNREADABLE'],
    [
      'SVG',
      () =>
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
        ),
      'IMAGE_UNSUPPORTED',
    ],
    ['a JPEG header and nothing else', () => picture.subarray(0, 20), 'IMAGE_UNREADABLE'],
  ])('%s', async (_what, bytes, code) => {
    expect(codeOf(await searchByImage(server.url, bytes()))).toBe(code);
    await expect(addToGallery(server.url, bytes())).rejects.toThrow(code);
    const status = await request<{ status: { gallerySize: number } }>(
      server.url,
      '{ status { gallerySize } }',
    );
    expect(status.data?.status.gallerySize).toBe(1);
  });
});

describe('arguments', () => {
  test('an unknown id', async () => {
    for (const unknown of ['999999', 'abc', '-1', '1e3', '99999999999999999999']) {
      expect(codeOf(await searchById(server.url, unknown))).toBe('IMAGE_NOT_FOUND');
    }
    const answer = await request<{ galleryImage: null }>(server.url, '{ galleryImage(id: "999999") { id } }');
    expect(answer).toMatchObject({ data: { galleryImage: null }, errors: [] });
    expect(
      codeOf(
        await request(server.url, 'mutation { tagImages(ids: ["999999"], add: ["x"]) { images { id } } }'),
      ),
    ).toBe('IMAGE_NOT_FOUND');
    for (const path of ['/media/999999', '/media/abc', '/media/999999/thumbnail', '/media/history/nope']) {
      const response = await fetch(`${server.url}${path}`);
      expect([
        response.status,
        ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions
          .code,
      ]).toEqual([404, 'IMAGE_NOT_FOUND']);
    }
  });

  test('both or neither of image and imageId', async () => {
    expect(codeOf(await request(server.url, '{ searchByImage { id } }'))).toBe('BAD_USER_INPUT');
    const both = await upload(
      server.url,
      'query ($image: Upload, $id: ID) { searchByImage(image: $image, imageId: $id) { id } }',
      { image: null, id },
      [{ paths: ['variables.image'], bytes: picture }],
    );
    expect(codeOf(both)).toBe('BAD_USER_INPUT');
    expect(codeOf(await request(server.url, '{ imageAnalysis { width } }'))).toBe('BAD_USER_INPUT');
  });

  test.each([
    ['topK 0', `{ searchByImage(imageId: "1", topK: 0) { id } }`, 'topK'],
    ['topK 10,000', `{ searchByImage(imageId: "1", topK: 10000) { id } }`, 'topK'],
    ['minSimilarity 2', `{ searchByImage(imageId: "1", minSimilarity: 2) { id } }`, 'minSimilarity'],
    ['negative first', `{ galleryImages(first: -1) { totalCount } }`, 'first'],
    ['first 0', `{ searchHistory(first: 0) { totalCount } }`, 'first'],
    ['first 10,000', `{ galleryImages(first: 501) { totalCount } }`, 'first'],
    ['a bad cursor', `{ galleryImages(after: "bm9wZQ") { totalCount } }`, 'after'],
    ['a bad cursor of the history', `{ searchHistory(after: "???") { totalCount } }`, 'after'],
    ['a cursor of another order', `{ galleryImages(after: "x", orderBy: TITLE) { totalCount } }`, 'after'],
    ['bins 0', `{ imageAnalysis(imageId: "1") { vector { histogram(bins: 0) } } }`, 'bins'],
    ['no ids', `mutation { removeFromGallery(ids: []) { removedIds } }`, 'ids'],
    ['an empty tag', `mutation { tagImages(ids: ["1"], add: [" "]) { images { id } } }`, 'add[0]'],
  ])('%s is BAD_USER_INPUT with path and rule', async (_what, query, path) => {
    const answer = await request(server.url, query);
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    expect(answer.errors[0]?.extensions.details).toEqual({ path, rule: expect.any(String) });
  });

  test('a value of a wrong type is told without the value', async () => {
    const answer = await request(
      server.url,
      'query ($topK: Int) { searchByImage(imageId: "1", topK: $topK) { id } }',
      { topK: 'hunter2' },
    );
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(answer.errors)).not.toContain('hunter2');
    const notAFile = await request(server.url, SEARCH, { image: 'hunter2' });
    expect(codeOf(notAFile)).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(notAFile.errors)).not.toContain('hunter2');
  });

  test('a title that is too long', async () => {
    await expect(addToGallery(server.url, await jpeg(2), { title: 'x'.repeat(201) })).rejects.toThrow(
      'BAD_USER_INPUT',
    );
  });

  test('a folder that was not allowed', async () => {
    expect(codeOf(await request(server.url, 'mutation { importFolder(path: "/") { job { id } } }'))).toBe(
      'FORBIDDEN',
    );
  });
});

describe('requests', () => {
  test('an upload without the preflight header is refused', async () => {
    const body = multipartBody(SEARCH, { image: null }, [{ paths: ['variables.image'], bytes: picture }]);
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('two aliases of one upload both get their answer', async () => {
    const query =
      'query ($image: Upload) { a: searchByImage(image: $image) { matches { image { id } } } b: searchByImage(image: $image) { matches { image { id } } } }';
    const answer = await upload<Record<'a' | 'b', { matches: { image: { id: string } }[] }>>(
      server.url,
      query,
      { image: null },
      [{ paths: ['variables.image'], bytes: picture }],
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data?.a.matches[0]?.image.id).toBe(id);
    expect(answer.data?.b).toEqual(answer.data?.a);
  });

  test('200 aliases are QUERY_TOO_COMPLEX, with a file and without', async () => {
    const aliases = (field: string): string =>
      Array.from({ length: 200 }, (_, i) => `a${i}: ${field}`).join(' ');
    const uploaded = await upload(
      server.url,
      `query ($image: Upload) { ${aliases('searchByImage(image: $image) { id }')} }`,
      { image: null },
      [{ paths: ['variables.image'], bytes: picture }],
    );
    expect(uploaded.errors.map(({ extensions }) => extensions.code)).toContain('QUERY_TOO_COMPLEX');
    const plain = await request(server.url, `{ ${aliases('tags { totalCount }')} }`);
    expect(plain.errors[0]?.extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      details: { what: 'aliases', actual: 200 },
    });
  });

  test('an operation that was affordable is QUERY_TOO_COMPLEX when its variables ask for more', async () => {
    const query =
      'query ($first: Int!, $with: Boolean!) { galleryImages(first: $first) { edges { node { id similar(topK: 500) @include(if: $with) { image { id } } } } } }';
    const codes = [];
    for (const [first, wanted] of [
      [1, false],
      [500, false],
      [1, true],
      [500, true],
      [1, true],
    ] as const)
      codes.push((await request(server.url, query, { first, with: wanted })).errors[0]?.extensions.code);
    expect(codes).toEqual([undefined, undefined, undefined, 'QUERY_TOO_COMPLEX', undefined]);
  });

  test('an operation that asks for too much is QUERY_TOO_COMPLEX', async () => {
    const answer = await request(
      server.url,
      '{ galleryImages(first: 500) { edges { node { similar(topK: 1000) { image { id title } } } } } }',
    );
    expect(codeOf(answer)).toBe('QUERY_TOO_COMPLEX');
  });

  test('malformed requests are client errors', async () => {
    const post = async (body: string | FormData, headers: Record<string, string>) => {
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', body, headers });
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      return [response.status, errors[0]?.extensions.code];
    };
    expect(await post('{', { 'content-type': 'application/json' })).toEqual([400, 'BAD_USER_INPUT']);
    expect(await post('{"query":"{ nope }"}', { 'content-type': 'application/json' })).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ]);
    expect(await post('{"query":"{"}', { 'content-type': 'application/json' })).toEqual([
      400,
      'GRAPHQL_PARSE_FAILED',
    ]);
    const noMap = new FormData();
    noMap.set('operations', '{}');
    expect(await post(noMap, PREFLIGHT)).toEqual([400, 'BAD_USER_INPUT']);
  });

  test('a file that the map names and the request does not have', async () => {
    const form = multipartBody(SEARCH, { image: null }, []);
    form.set('map', '{"0":["variables.image"]}');
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: PREFLIGHT, body: form });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('a batch of too many pictures', async () => {
    const files = Array.from({ length: 65 }, (_, i) => ({
      paths: [`variables.images.${i}`],
      bytes: picture.subarray(0, 10),
    }));
    const answer = await upload(
      server.url,
      'query ($images: [Upload!]!) { searchByImages(images: $images) { index } }',
      { images: files.map(() => null) },
      files,
    );
    expect(answer.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
