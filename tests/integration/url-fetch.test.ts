import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PictureFetcher } from '../../src/picture-fetcher.js';
import { dataOf, request } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { rejectionOf } from '../helpers/rejection.js';
import { startServer, type TestServer } from '../helpers/server.js';

const MAX_BYTES = 100_000;
let picture: Buffer;
let web: Server;
let origin: string;
let server: TestServer;
const asked: { url: string; headers: Record<string, unknown> }[] = [];

beforeAll(async () => {
  picture = await jpeg(5, 120, 90);
  web = createServer((incoming, response) => {
    const { url = '', headers } = incoming;
    asked.push({ url, headers });
    const redirect = (location: string): void => void response.writeHead(302, { location }).end();
    if (url === '/picture.jpg') response.setHeader('set-cookie', 'a=1').end(picture);
    else if (url === '/moved') redirect('/picture.jpg');
    else if (url === '/inside') redirect('http://127.0.0.1/picture.jpg');
    else if (url === '/elsewhere') redirect(`http://localhost:${port()}/picture.jpg`);
    else if (url === '/round') redirect('/round');
    else if (url === '/file') redirect('file:///etc/passwd');
    else if (url === '/announced') response.writeHead(200, { 'content-length': '99999999' }).write('x');
    else if (url === '/endless') {
      const more = (): void => {
        while (response.writable && response.write(Buffer.alloc(10_000)));
      };
      response.on('drain', more);
      more();
    } else if (url === '/cut') {
      response.writeHead(200, { 'content-length': '1000' }).write('x', () => response.destroy());
    } else response.writeHead(404).end();
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  origin = `http://127.0.0.1:${port()}`;
  server = await startServer({
    tiny: true,
    env: { SAMPLE_GALLERY: 'off', URL_FETCH: 'on', URL_FETCH_ALLOW: new URL(origin).host },
  });
});

afterAll(async () => {
  await server.dispose();
  web.closeAllConnections();
  web.close();
});

const port = (): number => (web.address() as AddressInfo).port;

const fetcher = (isOn = true): PictureFetcher =>
  new PictureFetcher({ isOn, allow: [new URL(origin).host], maxBytes: MAX_BYTES });

const codeOf = async (url: string): Promise<string> =>
  (await rejectionOf((async () => fetcher().file(url).read())())).code;

test('a picture is added and searched by its address', async () => {
  const { addToGallery } = dataOf(
    await request<{ addToGallery: { created: boolean; image: { id: string } } }>(
      server.url,
      'mutation ($url: String) { addToGallery(url: $url, title: "fetched") { created image { id } } }',
      { url: `${origin}/moved` },
    ),
  );
  expect(addToGallery.created).toBe(true);
  const { searchByImage } = dataOf(
    await request<{ searchByImage: { matches: { image: { id: string } }[] } }>(
      server.url,
      'query ($url: String) { searchByImage(url: $url) { matches { image { id } } } }',
      { url: `${origin}/picture.jpg` },
    ),
  );
  expect(searchByImage.matches).toEqual([{ image: { id: addToGallery.image.id } }]);
});

test('more than one query picture is refused, and a refused address says so', async () => {
  const search = 'query ($id: ID, $url: String) { searchByImage(imageId: $id, url: $url) { id } }';
  const codes = [{ id: '1', url: `${origin}/picture.jpg` }, { url: 'http://127.0.0.1/a.jpg' }, {}].map(
    async (variables) => (await request(server.url, search, variables)).errors[0]?.extensions.code,
  );
  expect(await Promise.all(codes)).toEqual(['BAD_USER_INPUT', 'URL_NOT_ALLOWED', 'BAD_USER_INPUT']);
});

describe('the fetcher', () => {
  test('is off unless it is turned on', () => {
    expect(() => fetcher(false).file(`${origin}/picture.jpg`)).toThrow('URL_FETCH');
  });

  test.each([
    'http://127.0.0.1/a.jpg',
    'http://localhost/a.jpg',
    'http://2130706433/a.jpg',
    'http://0x7f.1/a.jpg',
    'http://0/a.jpg',
    'http://[::1]/a.jpg',
    'http://[::ffff:127.0.0.1]/a.jpg',
    'http://[64:ff9b::7f00:1]/a.jpg',
    'http://[2002:7f00:1::]/a.jpg',
    'http://[fd00::1]/a.jpg',
    'http://[fe80::1]/a.jpg',
    'http://10.0.0.1/a.jpg',
    'http://172.16.0.1/a.jpg',
    'http://192.168.1.1/a.jpg',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/a.jpg',
    'http://224.0.0.1/a.jpg',
    'http://example.org:8080/a.jpg',
    'http://me:secret@example.org/a.jpg',
    'ftp://example.org/a.jpg',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'no address',
    `http://example.org/${'a'.repeat(3000)}`,
  ])('does not ask %s', async (url) => {
    expect(await codeOf(url)).toBe('URL_NOT_ALLOWED');
  });

  test.each([
    ['/inside', 'URL_NOT_ALLOWED'],
    ['/elsewhere', 'URL_NOT_ALLOWED'],
    ['/file', 'URL_NOT_ALLOWED'],
    ['/round', 'URL_UNREACHABLE'],
    ['/nothing', 'URL_UNREACHABLE'],
    ['/cut', 'URL_UNREACHABLE'],
    ['/announced', 'IMAGE_TOO_LARGE'],
    ['/endless', 'IMAGE_TOO_LARGE'],
  ])('answers %s with %s', async (path, code) => {
    expect(await codeOf(`${origin}${path}`)).toBe(code);
  });

  test('asks once, sends nothing of anybody, and keeps no cookie', async () => {
    asked.length = 0;
    const file = fetcher().file(`${origin}/moved`);
    expect(Buffer.from(await file.read())).toEqual(picture);
    expect(await file.read()).toEqual(await file.read());
    expect(asked.map(({ url }) => url)).toEqual(['/moved', '/picture.jpg']);
    for (const { headers } of asked)
      expect(Object.keys(headers).sort()).toEqual([
        'accept',
        'accept-encoding',
        'connection',
        'host',
        'user-agent',
      ]);
  });

  test('stops when the client goes away', async () => {
    const gone = new AbortController();
    gone.abort(new Error('gone'));
    await expect(fetcher().file(`${origin}/picture.jpg`, gone.signal).read()).rejects.toThrow('gone');
  });
});
