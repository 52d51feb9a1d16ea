import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { addToGallery, dataOf, PREFLIGHT, searchByImage, searchById, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { RawConnection, rawRequest } from '../helpers/raw-http.js';
import { startServer, type TestServer } from '../helpers/server.js';

const MAX_BYTES = 3_000_000;
const MAX_QUEUE_BYTES = 4_000_000;
const BOUNDARY = 'a-boundary';
const SEARCH =
  'query ($image: Upload) { searchByImage(image: $image, topK: 1) { matches { image { id } } } }';
const BATCH = `query ($images: [Upload!]!) {
  searchByImages(images: $images, topK: 1) { result { matches { image { id } } } error { code } }
}`;

let server: TestServer;
let picture: Buffer;
let id: string;

beforeAll(async () => {
  server = await startServer({
    env: {
      MAX_UPLOAD_BYTES: String(MAX_BYTES),
      MAX_QUEUE_BYTES: String(MAX_QUEUE_BYTES),
      EMBED_WORKERS: '1',
    },
  });
  picture = await jpeg(1);
  id = (await addToGallery(server.url, picture)).image.id;
});

afterAll(() => server.dispose());

/** A JPEG of an exact size: bytes after the end marker are ignored by decoders. */
const padded = (size: number): Buffer => Buffer.concat([picture, Buffer.alloc(size - picture.length)]);

/** Pictures that a worker has, waiting or not. */
async function inWorkers(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^likeness_embed_running (\d+)/m.exec(text)?.[1]);
}

const temporaryFiles = (): Promise<string[]> => readdir(join(server.dir, 'data', 'uploads'));

/** They go when the answer is closed, a moment after the client has read it. */
const noTemporaryFiles = (): Promise<void> => server.until(async () => (await temporaryFiles()).length === 0);

interface Part {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly file?: boolean;
}

const field = (name: string, value: unknown): Part => ({
  name,
  value: typeof value === 'string' ? value : JSON.stringify(value),
});
const file = (name: string, value: string | Uint8Array = picture): Part => ({ name, value, file: true });
const operations = (variables: unknown = { image: null }): Part =>
  field('operations', { query: SEARCH, variables });
const map = (paths: unknown = { 0: ['variables.image'] }): Part => field('map', paths);

function multipart(parts: readonly Part[], { isEnded = true, boundary = BOUNDARY } = {}): Buffer {
  const chunks = parts.flatMap(({ name, value, file = false }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file ? '; filename="a.jpg"' : ''}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  if (isEnded) chunks.push(`--${boundary}--\r\n`);
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as Uint8Array)));
}

const post = (
  body: Uint8Array,
  headers: Record<string, string> = {},
  method = 'POST',
  length = body.length,
) =>
  rawRequest(server.url, {
    method,
    path: '/graphql',
    headers: {
      ...PREFLIGHT,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(length),
      ...headers,
    },
    body,
  });

const good = (): Buffer => multipart([operations(), map(), file('0')]);
const NO_BOUNDARY = { 'content-type': 'multipart/form-data' };
const TWO = { a: null, b: null };

describe('a malformed multipart request is refused at once with 400 BAD_USER_INPUT', () => {
  test.each<[string, () => Uint8Array, (Record<string, string> | undefined)?, string?]>([
    ['no boundary', good, NO_BOUNDARY],
    ['no boundary, PUT', good, NO_BOUNDARY, 'PUT'],
    ['no boundary, PATCH', good, NO_BOUNDARY, 'PATCH'],
    ['no boundary, DELETE', good, NO_BOUNDARY, 'DELETE'],
    ['well-formed, but PUT', good, undefined, 'PUT'],
    ['another boundary', () => multipart([operations(), map(), file('0')], { boundary: 'another' })],
    ['no parts', () => multipart([])],
    ['not multipart at all', () => Buffer.from('{"query":"{ tags { totalCount } }"}')],
    ['cut off in a file', () => multipart([operations(), map(), file('0')]).subarray(0, -20)],
    ['not ended', () => multipart([operations(), map(), file('0')], { isEnded: false })],
    ['cut off in a header', () => Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; na`)],
    ['no operations', () => multipart([map(), file('0')])],
    ['no map', () => multipart([operations()])],
    ['map before operations', () => multipart([map(), operations(), file('0')])],
    ['file before map', () => multipart([operations(), file('0'), map()])],
    ['file before operations', () => multipart([file('0'), operations(), map()])],
    ['a file is missing', () => multipart([operations(), map()])],
    ['a file without a name', () => multipart([operations(), map(), field('0', 'bytes')])],
    ['operations as a file', () => multipart([file('operations', '{}'), map(), file('0')])],
    ['operations twice', () => multipart([operations(), operations(), map(), file('0')])],
    ['map twice', () => multipart([operations(), map(), map(), file('0')])],
    ['a file twice', () => multipart([operations(), map(), file('0'), file('0')])],
    ['operations that are no JSON', () => multipart([field('operations', '{'), map(), file('0')])],
    ['operations that are a list', () => multipart([field('operations', []), map(), file('0')])],
    ['operations that are null', () => multipart([field('operations', null), map(), file('0')])],
    ['operations of more than 1 MB', () => multipart([field('operations', 'x'.repeat(1_000_001)), map()])],
    ['a map that is a list', () => multipart([operations(), map([['variables.image']]), file('0')])],
    ['a map of texts', () => multipart([operations(), map({ 0: 'variables.image' }), file('0')])],
    ['a map of numbers', () => multipart([operations(), map({ 0: [1] }), file('0')])],
    ['a map of nothing', () => multipart([operations(), map({ 0: [] }), file('0')])],
    ['an unknown path', () => multipart([operations(), map({ 0: ['variables.other'] }), file('0')])],
    ['a path into a text', () => multipart([operations({ image: 'x' }), map({ 0: ['variables.image.0'] })])],
    ['a path to something', () => multipart([operations({ image: 'x' }), map(), file('0')])],
    ['a path outside the variables', () => multipart([operations(), map({ 0: ['query'] }), file('0')])],
    ['the variables themselves', () => multipart([operations(), map({ 0: ['variables'] }), file('0')])],
    ['no variables', () => multipart([field('operations', { query: SEARCH }), map(), file('0')])],
    [
      'a path twice',
      () => multipart([operations(TWO), map({ 0: ['variables.a', 'variables.a'] }), file('0')]),
    ],
    [
      'a path of two files',
      () => multipart([operations(TWO), map({ 0: ['variables.a'], 1: ['variables.a'] })]),
    ],
    ['__proto__', () => multipart([operations(), map({ 0: ['variables.__proto__'] }), file('0')])],
    [
      '__proto__ of its own',
      () =>
        multipart([
          field('operations', '{"variables":{"__proto__":null}}'),
          map({ 0: ['variables.__proto__'] }),
          file('0'),
        ]),
    ],
    ['__proto__.x', () => multipart([operations(), map({ 0: ['variables.__proto__.x'] }), file('0')])],
    ['constructor', () => multipart([operations(), map({ 0: ['variables.constructor.prototype.x'] })])],
    ['length of a list', () => multipart([operations({ a: [null] }), map({ 0: ['variables.a.length'] })])],
    [
      'too many names',
      () =>
        multipart([operations(), map(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, ['a']])))]),
    ],
    [
      'too many files',
      () => multipart([operations(), map(), ...Array.from({ length: 65 }, () => file('x', ''))]),
    ],
  ])('%s', async (...[, body, headers, method]) => {
    const { status, headers: answered, body: text } = await post(body(), headers, method);
    expect([status, answered['content-type']]).toEqual([400, 'application/json; charset=utf-8']);
    const { errors } = JSON.parse(text) as { errors: { message: string; extensions: { code: string } }[] };
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/^Expected /),
        extensions: {
          code: 'BAD_USER_INPUT',
          retryable: false,
          details: { path: expect.any(String), rule: expect.any(String) },
        },
      },
    ]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('all of it while the client still sends', async () => {
    const { status } = await post(good().subarray(0, 100), NO_BOUNDARY, 'POST', 1_000_000);
    expect(status).toBe(400);
    // A part ends where the next one begins.
    const early = Buffer.concat([multipart([map()], { isEnded: false }), Buffer.from(`--${BOUNDARY}`)]);
    expect((await post(early, {}, 'POST', 1_000_000)).status).toBe(400);
    await noTemporaryFiles();
  });

  test.each([
    ['map twice', [map()]],
    ['operations twice', [operations()]],
    ['too many fields', Array.from({ length: 20 }, (_, i) => field(`f${i}`, ''))],
  ])('%s, with the beginning of a file in the same chunk', async (_name, wrong) => {
    const body = multipart([operations(), map(), ...wrong, file('0', padded(20_000))]);
    expect((await post(body.subarray(0, -10_000), {}, 'POST', body.length)).status).toBe(400);
    await noTemporaryFiles();
  });

  test('the connection serves the next request once the rest of the body has arrived', async () => {
    const connection = new RawConnection(server.url);
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data\r\n${'apollo-require-preflight: 1'}\r\ncontent-length: 100000\r\n\r\n`;
    expect((await connection.send(head, Buffer.alloc(10)).answer()).status).toBe(400);
    connection.send(Buffer.alloc(99_990), 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect((await connection.answer()).body).toBe('{"status":"ok"}');
    connection.destroy();
  });
});

describe('bodies over their limit', () => {
  test('are read no further, and the connection is closed', async () => {
    const connection = new RawConnection(server.url);
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\napollo-require-preflight: 1\r\ncontent-type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`;
    const chunk = (bytes: Uint8Array): Uint8Array[] => [
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ];
    const begin = multipart([operations(), map(), file('0', '')], { isEnded: false }).subarray(0, -2);
    connection.send(head, ...chunk(begin));
    const megabyte = Buffer.alloc(1_000_000);
    for (let i = 0; i < 7; i++) connection.send(...chunk(megabyte));
    const { status, body } = await connection.answer();
    expect([status, JSON.parse(body)]).toMatchObject([
      413,
      { errors: [{ extensions: { code: 'IMAGE_TOO_LARGE', details: { limit: MAX_BYTES } } }] },
    ]);
    await connection.sendUntilClosed(Buffer.concat(chunk(megabyte)));
    await noTemporaryFiles();
  });

  test('a file over the limit fails alone in a batch', async () => {
    const files = [picture, padded(MAX_BYTES + 1), picture].map((bytes, i) => ({
      paths: [`variables.images.${i}`],
      bytes,
    }));
    const answer = await upload<{ searchByImages: { error: { code: string } | null }[] }>(
      server.url,
      BATCH,
      { images: [null, null, null] },
      files,
    );
    expect(dataOf(answer).searchByImages.map(({ error }) => error?.code)).toEqual([
      undefined,
      'IMAGE_TOO_LARGE',
      undefined,
    ]);
  });
});

describe('memory', () => {
  const batch = (files: readonly Buffer[]) =>
    upload<{ searchByImages: { result: object | null; error: { code: string } | null }[] }>(
      server.url,
      BATCH,
      { images: files.map(() => null) },
      files.map((bytes, i) => ({ paths: [`variables.images.${i}`], bytes })),
    );

  test('a batch of far more than MAX_QUEUE_BYTES is searched, file by file, without a warning', async () => {
    const answer = await batch(Array.from({ length: 20 }, () => padded(2_000_000)));
    expect(dataOf(answer).searchByImages).toEqual(
      Array.from({ length: 20 }, () => ({ result: { matches: [{ image: { id } }] }, error: null })),
    );
    expect(server.output()).not.toContain('Warning');
    await noTemporaryFiles();
  });

  test('over MAX_QUEUE_BYTES of all requests the answer is SERVER_BUSY, and there is room again afterwards', async () => {
    const [worker] = await server.childProcesses('embed-worker');
    process.kill(worker!, 'SIGSTOP');
    const held = [searchByImage(server.url, padded(1_900_000)), searchByImage(server.url, padded(1_900_000))];
    try {
      await server.until(async () => (await inWorkers()) === 2);
      const { errors } = await searchByImage(server.url, padded(1_900_000));
      expect(errors[0]?.extensions).toEqual({
        code: 'SERVER_BUSY',
        retryable: true,
        details: { retryAfterMs: expect.any(Number) },
      });
    } finally {
      process.kill(worker!, 'SIGCONT');
    }
    for (const answer of await Promise.all(held)) expect(answer.errors).toEqual([]);
    expect((await searchByImage(server.url, padded(1_900_000))).errors).toEqual([]);
  });

  test('one file for many fields, in memory or on the disk', async () => {
    const query = `query ($image: Upload) { ${Array.from({ length: 6 }, (_, i) => `a${i}: searchByImage(image: $image, topK: 1) { matches { image { id } } }`).join(' ')} }`;
    for (const bytes of [picture, padded(2_500_000)]) {
      const answer = await upload<Record<string, unknown>>(server.url, query, { image: null }, [
        { paths: ['variables.image'], bytes },
      ]);
      expect(Object.values(dataOf(answer))).toEqual(Array(6).fill({ matches: [{ image: { id } }] }));
    }
    await noTemporaryFiles();
  });

  test('a file that nothing asks for is read over', async () => {
    const body = multipart([operations(), map(), file('unknown', padded(2_000_000)), file('0')]);
    const { status, body: text } = await post(body);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { data: { searchByImage: { matches: [{ image: { id } }] } } },
    ]);
    const unread = await upload(
      server.url,
      'query ($image: Upload) { tags { totalCount } galleryImage(id: "0") { id } }',
      { image: null },
      [{ paths: ['variables.image'], bytes: padded(2_000_000) }],
    );
    expect(unread.status).toBeLessThan(500);
    await noTemporaryFiles();
  });
});

describe('uploads that break off', () => {
  const descriptors = async (): Promise<number> => {
    const dir = `/proc/${server.pid}/fd`;
    const links = await Promise.all(
      (await readdir(dir)).map((fd) => readlink(join(dir, fd)).catch(() => '')),
    );
    return links.filter((path) => path.includes('/uploads/')).length;
  };

  test.each([
    ['a small file', 500_000],
    ['a large file', 2_500_000],
  ])('%s: nothing stays, and nothing is an error in the log', async (_what, size) => {
    const before = server.output().length;
    const body = multipart([operations(), map(), file('0', padded(size))]);
    for (const part of [0.3, 0.9]) {
      const connection = new RawConnection(server.url);
      connection.send(
        `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\napollo-require-preflight: 1\r\ncontent-type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`,
        body.subarray(0, body.length * part),
      );
      if (size * part > 2_000_000) await server.until(async () => (await temporaryFiles()).length > 0);
      connection.destroy();
    }
    await server.until(async () => (await temporaryFiles()).length === 0 && (await descriptors()) === 0);
    expect((await searchById(server.url, id)).errors).toEqual([]);
    expect(server.output().slice(before)).toBe('');
  });

  test('a client that leaves while its search runs: the log has no error', async () => {
    const before = server.output().length;
    const [worker] = await server.childProcesses('embed-worker');
    const body = good();
    process.kill(worker!, 'SIGSTOP');
    const connection = new RawConnection(server.url);
    try {
      connection.send(
        `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\napollo-require-preflight: 1\r\ncontent-type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`,
        body,
      );
      await server.until(async () => (await inWorkers()) === 1);
      connection.destroy();
    } finally {
      process.kill(worker!, 'SIGCONT');
    }
    expect((await searchByImage(server.url, picture)).errors).toEqual([]);
    expect(server.output().slice(before)).toBe('');
  });
});
