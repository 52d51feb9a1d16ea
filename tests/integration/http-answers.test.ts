import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import WebSocket from 'ws';
import { fromBufferPromise } from 'yauzl';
import { addToGallery, type ImageFields, PREFLIGHT, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { RawConnection, rawRequest } from '../helpers/raw-http.js';
import { startServer, type TestServer } from '../helpers/server.js';

const ORIGIN = 'http://page.example';
const ALLOWED = 'photos.example.org';
const GRAPHQL = 'application/graphql-response+json';

let server: TestServer;
let image: ImageFields;
let picture: Buffer;

beforeAll(async () => {
  server = await startServer({
    env: { ALLOWED_HOSTS: ALLOWED, CORS_ORIGINS: ORIGIN, MAX_UPLOAD_BYTES: '100000' },
  });
  picture = await jpeg(1);
  image = (await addToGallery(server.url, picture)).image;
});

afterAll(() => server.dispose());

const codeOf = (body: string): string | undefined =>
  (JSON.parse(body) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

describe('the host that a request names', () => {
  const ROUTES = ['/', '/graphql', '/media/1', '/metrics', '/health', '/ready', '/playground', '/nothing'];

  test.each(ROUTES)('%s answers to its own names only', async (path) => {
    for (const host of ['evil.example', 'evil.example:4000', '']) {
      const { status, body } = await rawRequest(server.url, { path, headers: { host } });
      expect([status, codeOf(body)]).toEqual([421, 'HOST_NOT_ALLOWED']);
    }
    for (const host of ['localhost', ALLOWED, '[::1]:80'])
      expect((await rawRequest(server.url, { path, headers: { host } })).status).not.toBe(421);
  });

  test('nothing is changed, whatever else the request has', async () => {
    const body = JSON.stringify({
      query: `mutation { removeFromGallery(ids: ["${image.id}"]) { removedIds } }`,
    });
    const headers = {
      host: 'evil.example',
      origin: 'http://evil.example',
      'x-forwarded-host': ALLOWED,
      'content-type': 'application/json',
      'content-length': String(body.length),
    };
    expect((await rawRequest(server.url, { method: 'POST', path: '/graphql', headers, body })).status).toBe(
      421,
    );
    expect((await fetch(`${server.url}${image.url}`)).status).toBe(200);
  });

  test('targets with a host, and HTTP/1.0 without one', async () => {
    const statusOf = async (head: string): Promise<number> => {
      const connection = new RawConnection(server.url);
      const { status } = await connection.send(`${head}\r\n\r\n`).answer();
      connection.destroy();
      return status;
    };
    expect(await statusOf('GET http://evil.example/health HTTP/1.1\r\nhost: localhost')).toBe(421);
    expect(await statusOf(`GET http://${ALLOWED}/health HTTP/1.1\r\nhost: localhost`)).toBe(200);
    expect(await statusOf('GET /health HTTP/1.0')).toBe(421);
    expect(await statusOf('GET /health HTTP/1.0\r\nhost: localhost')).toBe(200);
  });

  test.each<[string, number | 'open']>([
    ['evil.example', 421],
    ['localhost', 'open'],
    [ALLOWED, 'open'],
  ])('WebSocket at %s: %s', async (host, expected) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { host },
    });
    socket.on('error', () => {}); // of the test's own end, before it was open
    const outcome = await new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('unexpected-response', (_request, response: IncomingMessage) =>
        resolve(response.statusCode),
      );
    });
    socket.terminate();
    expect(outcome).toBe(expected);
  });
});

test('a WebSocket message that is too large ends its connection, and nothing is printed', async () => {
  const before = server.output().length;
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const code = await new Promise((resolve) => {
    socket.on('open', () => socket.send('x'.repeat(300_000)));
    socket.on('close', resolve);
  });
  expect(code).toBe(1009);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect(server.output().slice(before)).toBe('');
});

describe('media', () => {
  const ask = async (headers: Record<string, string>, method = 'GET') => {
    const response = await fetch(`${server.url}${image.url}`, { method, headers });
    return { response, status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  };
  const past = 'Sat, 01 Jan 2000 00:00:00 GMT';

  test.each([`bytes=999999-`, 'bytes=999999-1000000', 'bytes=-0'])(
    'Range %s is 416 with the size',
    async (range) => {
      const { response, status, body } = await ask({ range });
      expect([status, response.headers.get('content-range')]).toEqual([416, `bytes */${picture.length}`]);
      expect(codeOf(body.toString())).toBe('BAD_USER_INPUT');
      expect(response.headers.get('cache-control') ?? '').not.toContain('immutable');
    },
  );

  test('parts, with If-Range and without', async () => {
    const etag = (await ask({})).response.headers.get('etag')!;
    for (const headers of [{}, { 'if-range': etag }]) {
      const { response, status, body } = await ask({ range: 'bytes=10-19', ...headers });
      expect([status, response.headers.get('content-range')]).toEqual([206, `bytes 10-19/${picture.length}`]);
      expect(body).toEqual(picture.subarray(10, 20));
    }
    for (const headers of [{ 'if-range': '"other"' }, { 'if-range': past }, { 'if-range': `W/${etag}` }]) {
      const { status, body } = await ask({ range: 'bytes=10-19', ...headers });
      expect([status, body.equals(picture)]).toEqual([200, true]);
    }
  });

  test('a precondition that does not hold is 412', async () => {
    for (const headers of [{ 'if-match': '"other"' }, { 'if-unmodified-since': past }]) {
      const { status, body } = await ask(headers);
      expect([status, codeOf(body.toString())]).toEqual([412, 'BAD_USER_INPUT']);
    }
    const { response } = await ask({});
    for (const headers of [
      { 'if-match': response.headers.get('etag')! },
      { 'if-unmodified-since': response.headers.get('last-modified')! },
    ])
      expect((await ask(headers as Record<string, string>)).status).toBe(200);
    expect((await ask({ 'if-modified-since': response.headers.get('last-modified')! })).status).toBe(304);
  });

  test('HEAD says what GET would send, and knows no parts', async () => {
    for (const headers of [{}, { range: 'bytes=0-9' }, { range: 'bytes=999999-' }]) {
      const { response, status, body } = await ask(headers, 'HEAD');
      expect([status, response.headers.get('content-length'), body.length]).toEqual([
        200,
        String(picture.length),
        0,
      ]);
    }
  });

  test('a client that goes away is no error in the log', async () => {
    const before = server.output().length;
    for (let i = 0; i < 20; i++) {
      const connection = new RawConnection(server.url);
      connection.send(`GET ${image.url} HTTP/1.1\r\nhost: localhost\r\n\r\n`).destroy();
    }
    expect((await ask({})).status).toBe(200);
    expect(server.output().slice(before)).toBe('');
  });
});

/** The answer as it is on the wire, which `fetch` would unpack. */
function wire(
  query: string,
  headers: Record<string, string>,
): Promise<{ headers: IncomingMessage['headers']; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const path = `/graphql?query=${encodeURIComponent(query)}`;
    get(`${server.url}${path}`, { headers: { ...PREFLIGHT, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

describe('a client that offers another protocol is answered by HTTP/1.1', () => {
  const OFFER =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';

  test('GET and POST, on one connection', async () => {
    const connection = new RawConnection(server.url);
    const get = `GET /health HTTP/1.1\r\nhost: localhost\r\n${OFFER}\r\n`;
    expect(await connection.send(get).answer()).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    const body = '{"query":"{ __typename }"}';
    const post = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${OFFER}content-length: ${body.length}\r\n\r\n`;
    for (const chunks of [[post + body], [post, body], [post + body.slice(0, 5), body.slice(5)]]) {
      for (const chunk of chunks) connection.send(chunk);
      expect(JSON.parse((await connection.answer()).body)).toEqual({ data: { __typename: 'Query' } });
    }
    expect((await connection.send(get).answer()).status).toBe(200);
    connection.destroy();
  });

  test('with the same rules', async () => {
    const connection = new RawConnection(server.url);
    connection.send(`GET /health HTTP/1.1\r\nhost: evil.example\r\n${OFFER}\r\n`);
    expect((await connection.answer()).status).toBe(421);
    connection.destroy();
  });
});

describe('GraphQL answers', () => {
  const LARGE = '{ __schema { types { name description fields { name description } } } }';

  test.each([
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ] as const)('are compressed by %s from 1 KB on', async (encoding, accept, decompress) => {
    const plain = await wire(LARGE, {});
    const packed = await wire(LARGE, { 'accept-encoding': accept });
    expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([
      undefined,
      encoding,
    ]);
    expect(decompress(packed.bytes)).toEqual(plain.bytes);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
    expect(packed.headers.vary?.toLowerCase()).toContain('accept-encoding');
    const small = await wire('{ tags { totalCount } }', { 'accept-encoding': accept });
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('also those to uploads', async () => {
    const { headers } = await upload(
      server.url,
      `query ($image: Upload) { searchByImage(image: $image) { id } ${LARGE.slice(1)}`,
      { image: null },
      [{ paths: ['variables.image'], bytes: picture }],
      { 'accept-encoding': 'gzip' },
    );
    expect(headers.get('content-encoding')).toBe('gzip');
  });

  test('are never taken for anything else', async () => {
    for (const query of ['{ tags { totalCount } }', '{ nope }', '{']) {
      const { headers } = await wire(query, {});
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
    }
  });
});

describe('refusals before GraphQL', () => {
  const form = (): FormData => {
    const data = new FormData();
    data.set('operations', '{}');
    return data;
  };
  const BROKEN = { 'content-type': 'application/json' };
  const cases: [string, number, () => RequestInit][] = [
    ['no preflight header', 400, () => ({ body: form() })],
    ['no map', 400, () => ({ body: form(), headers: PREFLIGHT })],
    ['broken JSON', 400, () => ({ body: '{', headers: BROKEN })],
    ['a body over 1 MB', 400, () => ({ body: `{"query":"${'#'.repeat(1_100_000)}"}`, headers: BROKEN })],
    ['PUT', 405, () => ({ method: 'PUT', body: '{}', headers: BROKEN })],
    ['DELETE', 405, () => ({ method: 'DELETE' })],
  ];

  test.each(cases)(
    '%s: the content type that the client asks for, and a text',
    async (_what, status, init) => {
      for (const [accept, type] of [
        [`${GRAPHQL},application/json;q=0.9`, GRAPHQL],
        [`${GRAPHQL}`, GRAPHQL],
        ['application/json', 'application/json'],
        ['*/*', 'application/json'],
        ['text/html', 'application/json'],
        [`application/json, ${GRAPHQL};q=0.1`, 'application/json'],
      ] as const) {
        const { headers, ...rest } = init();
        const response = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          ...rest,
          headers: { ...(headers as Record<string, string>), accept },
        });
        expect([response.status, response.headers.get('content-type')]).toEqual([
          status,
          `${type}; charset=utf-8`,
        ]);
        expect(codeOf(await response.text())).toBe('BAD_USER_INPUT');
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      }
    },
  );

  test('Apollo Client shows the text of a refusal', async () => {
    const limited = await startServer({ env: { RATE_LIMIT: '1' } });
    try {
      const client = join(import.meta.dirname, '..', 'fixtures', 'apollo-client.mjs');
      const ask = async (): Promise<unknown> => {
        const { stdout } = await promisify(execFile)(process.execPath, [
          client,
          limited.url,
          '{ tags { totalCount } }',
        ]);
        return JSON.parse(stdout);
      };
      expect(await ask()).toEqual({});
      expect(await ask()).toEqual({
        name: 'CombinedGraphQLErrors',
        message: 'Too many requests from this address.',
        code: 'RATE_LIMITED',
      });
      const response = await fetch(`${limited.url}/graphql?query={tags{totalCount}}`, { headers: PREFLIGHT });
      expect([response.status, Number(response.headers.get('retry-after'))]).toEqual([
        429,
        expect.any(Number),
      ]);
    } finally {
      await limited.dispose();
    }
  });

  test('Retry-After is readable across origins', async () => {
    const response = await fetch(`${server.url}/graphql?query={tags{totalCount}}`, {
      headers: { ...PREFLIGHT, origin: ORIGIN },
    });
    expect(response.headers.get('access-control-expose-headers')).toContain('retry-after');
  });
});

describe('downloads', () => {
  const archive = async (query: string): Promise<Map<string, Buffer>> => {
    const response = await fetch(`${server.url}/media/archive?${query}`);
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename=likeness-[\d-]+\.zip$/,
    );
    const files = new Map<string, Buffer>();
    const zip = await fromBufferPromise(Buffer.from(await response.arrayBuffer()), { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      files.set(entry.fileName, Buffer.concat(chunks));
    }
    return files;
  };

  test('one picture has its title as a name', async () => {
    const other = await addToGallery(server.url, await jpeg(31), { title: 'See/Ufer 湖.JPG' });
    const { headers } = await fetch(`${server.url}${other.image.url}?download`);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="See_Ufer ?.jpg"; filename*=UTF-8''See_Ufer%20%E6%B9%96.jpg`,
    );
  });

  test('several pictures come as a ZIP of the originals, each under a name of its own, or of copies', async () => {
    const bytes = [await jpeg(32), await jpeg(33)];
    const ids: string[] = [];
    for (const one of bytes) ids.push((await addToGallery(server.url, one, { title: 'twin' })).image.id);
    expect(await archive(`ids=${ids.join(',')}`)).toEqual(
      new Map([
        ['twin.jpg', bytes[0]],
        ['twin (2).jpg', bytes[1]],
      ]),
    );
    const copies = await archive(`ids=${ids[0]}&width=160`);
    expect([...copies.keys()]).toEqual(['twin.webp']);
    expect((await sharp(copies.get('twin.webp')).metadata()).width).toBe(160);
  });

  test('what is gone is named in the archive, and wrong ids are refused', async () => {
    const lost = await addToGallery(server.url, await jpeg(34), { title: 'lost' });
    const { sha256 } = lost.image;
    await rm(join(server.dir, 'media', sha256.slice(0, 2), `${sha256}.jpg`));
    const files = await archive(`ids=${lost.image.id},${image.id}`);
    expect([...files.keys()]).toEqual([`${image.title}.jpg`, 'not-included.txt']);
    expect(files.get('not-included.txt')?.toString()).toContain(`${lost.image.id} lost: `);
    const statuses = ['', 'ids=', 'ids=1,x', 'ids=77777', 'ids=1&width=3', `ids=${'1,'.repeat(1000)}1`].map(
      async (query) => (await fetch(`${server.url}/media/archive?${query}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([400, 400, 400, 404, 400, 400]);
  });
});
