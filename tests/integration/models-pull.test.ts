import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile, type DownloadOptions } from '../../src/services/embedding/hub/download.js';
import { openHttpClient, type HttpClient } from '../../src/services/embedding/hub/http-client.js';
import { HubServer, ProxyServer, type HubFile } from '../helpers/hub-server.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 251);
const OTHER = CONTENT.map((value) => 255 - value);
const PATH = '/facebook/dinov2-tiny/resolve/main/model.safetensors';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let hub: HubServer;
let client: HttpClient;
let folder: string;
let target: string;

beforeEach(async () => {
  hub = await HubServer.start();
  hub.breaksWhen = 'received';
  client = openHttpClient({ timeoutMs: 5000 });
  folder = await temporaryDir();
  target = join(folder, 'model.safetensors');
});

afterEach(async () => {
  await client.close();
  await hub.close();
});

const serve = (file: Partial<HubFile> = {}): void => void hub.files.set(PATH, { bytes: CONTENT, ...file });

const download = ({
  url = new URL(`${hub.url}${PATH}`),
  onProgress,
  ...options
}: Partial<DownloadOptions> = {}) =>
  downloadFile({
    client,
    url,
    path: target,
    backoffMs: [0, 0, 0],
    ...options,
    onProgress(done, total) {
      hub.received(done);
      onProgress?.(done, total);
    },
  });

const hashOfTarget = async (): Promise<string> => sha256(await readFile(target));
const files = async (): Promise<string[]> => (await readdir(folder)).sort();
const ranges = (): (string | undefined)[] => hub.requests.map(({ range }) => range);

/** Leaves half of the file as a run that was killed does. */
async function halfOf(options: Partial<HubFile> = {}): Promise<void> {
  serve({ ...options, trouble: ['break'] });
  await rejectionOf(download({ backoffMs: [] }));
  expect(await files()).toEqual(['model.safetensors.part', 'model.safetensors.part.json']);
  hub.requests.length = 0;
}

describe('a download', () => {
  test('is the file, checked against what the hub announces', async () => {
    serve();
    const progress: [number, number | null][] = [];
    const result = await download({ onProgress: (done, total) => progress.push([done, total]) });
    expect(result).toEqual({
      path: target,
      bytes: CONTENT.byteLength,
      sha256: sha256(CONTENT),
      verified: true,
      commit: '0123456789abcdef0123456789abcdef01234567',
    });
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
    expect(await files()).toEqual(['model.safetensors']);
    expect(progress[0]).toEqual([0, CONTENT.byteLength]);
    expect(progress.at(-1)).toEqual([CONTENT.byteLength, CONTENT.byteLength]);
  });

  test.each(['relative', 'absolute'] as const)('follows a redirect, %s', async (redirect) => {
    serve({ redirect });
    expect(await download()).toMatchObject({ verified: true, bytes: CONTENT.byteLength });
    expect(hub.storageRequests).toHaveLength(redirect === 'absolute' ? 1 : 0);
  });

  test('of a file that is in no LFS is checked by its length', async () => {
    serve({ lfs: false });
    expect(await download()).toMatchObject({ verified: false, sha256: sha256(CONTENT) });
  });

  test('takes the place of an old file only when it is right', async () => {
    await writeFile(target, 'old');
    serve({ sha256: sha256(OTHER) });
    await rejectionOf(download());
    expect(await readFile(target, 'utf8')).toBe('old');
    serve();
    await download();
    expect(await files()).toEqual(['model.safetensors']);
  });
});

describe('a broken connection', () => {
  test('is taken up where it broke, as often as it takes', async () => {
    serve({ trouble: ['break', 'break', 'break', 'break', 'break'], redirect: 'absolute' });
    const reasons: string[] = [];
    await download({ onRetry: (reason) => reasons.push(reason) });
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
    expect(reasons).toHaveLength(5);
    expect(reasons[0]).toMatch(/the connection to 127\.0\.0\.1:\d+ broke/);
    expect(ranges().slice(0, 3)).toEqual([undefined, 'bytes=150000-', 'bytes=225000-']);
    expect(hub.storageRequests[1]?.ifRange).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test('that stalls is given up and taken up again', async () => {
    await client.close();
    client = openHttpClient({ timeoutMs: 100 });
    serve({ trouble: ['stall'] });
    await download();
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
    expect(ranges()).toEqual([undefined, 'bytes=150000-']);
  });

  test('is told after some attempts, and the next run goes on', async () => {
    serve({ trouble: ['break', { status: 503 }] });
    const error = await rejectionOf(download({ backoffMs: [0] }));
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(error.info.retryable).toBe(true);
    expect(error.message).toContain('answered 503');
    expect(error.message).toContain('150000 bytes of it are kept: running the command again goes on');
    hub.requests.length = 0;
    await download();
    expect(ranges()).toEqual(['bytes=150000-']);
    expect(await files()).toEqual(['model.safetensors']);
  });

  test('to a server that is not there says so', async () => {
    const url = new URL(`${hub.url}${PATH}`);
    await hub.close();
    const error = await rejectionOf(download({ url }));
    hub = await HubServer.start();
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(error.message).toContain('cannot be reached');
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('by the caller leaves the part for the next run', async () => {
    serve({ trouble: ['stall'] });
    const controller = new AbortController();
    const running = download({
      signal: controller.signal,
      onProgress: (done) => done > 100_000 && controller.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
    expect(await files()).toEqual(['model.safetensors.part', 'model.safetensors.part.json']);
    await download();
    expect(ranges()[1]).toMatch(/^bytes=1\d+-$/);
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
  });
});

describe('what is left of a former run', () => {
  test('is begun anew when the server ignores Range', async () => {
    await halfOf();
    serve({ ignoresRange: true });
    await download();
    expect(ranges()).toEqual(['bytes=150000-']);
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
  });

  test('is begun anew when the file is another one now', async () => {
    await halfOf();
    serve({ bytes: OTHER });
    expect(await download()).toMatchObject({ sha256: sha256(OTHER) });
    expect(await hashOfTarget()).toBe(sha256(OTHER));
  });

  test('is begun anew when the range that comes is not the one asked for', async () => {
    await halfOf();
    serve({ trouble: ['fine', 'wrong-range'] });
    await download();
    expect(ranges()).toEqual(['bytes=150000-', undefined]);
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
  });

  test('is begun anew when there is more than the server has (416)', async () => {
    await halfOf();
    serve({ bytes: CONTENT.subarray(0, 1000) });
    await writeFile(
      `${target}.part.json`,
      JSON.stringify({ ...JSON.parse(await readFile(`${target}.part.json`, 'utf8')), etag: undefined }),
    );
    await download();
    expect(ranges()).toEqual(['bytes=150000-', undefined]);
    expect(await download()).toMatchObject({ bytes: 1000 });
  });

  test('is not asked for again when it is whole', async () => {
    await halfOf();
    await writeFile(`${target}.part`, CONTENT);
    await download();
    expect(hub.requests).toHaveLength(0);
    expect(await files()).toEqual(['model.safetensors']);
  });

  test('that was damaged on the disk is found out, and deleted', async () => {
    await halfOf();
    await writeFile(`${target}.part`, OTHER.subarray(0, 150_000));
    const error = await rejectionOf(download());
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(await files()).toEqual([]);
    await download();
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
  });

  test('without its state is of no use', async () => {
    await halfOf();
    await rm(`${target}.part.json`);
    await download();
    expect(ranges()).toEqual([undefined]);
    expect(await hashOfTarget()).toBe(sha256(CONTENT));
  });
});

describe('a server that lies', () => {
  test('about the hash: nothing is left, and the error says what came', async () => {
    serve({ sha256: sha256(OTHER) });
    const error = await rejectionOf(download());
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.message).toContain(sha256(CONTENT));
    expect(error.message).toContain(sha256(OTHER));
    expect(await files()).toEqual([]);
  });

  test.each([
    ['less, and says so at once', { size: 299_000 }, /announced as 299000 and as 300000/],
    ['less, and sends more', { size: 299_000, chunked: true }, /more than the 299000 bytes/],
    ['more, and sends less', { size: 301_000, chunked: true }, /has 300000 bytes instead of the 301000/],
  ])('about the size: %s', async (_, file, message) => {
    serve({ ...file, redirect: 'absolute' });
    const error = await rejectionOf(download());
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.message).toMatch(message);
    expect(await files()).toEqual([]);
  });

  test('is contradicted by what the caller knows', async () => {
    serve();
    const error = await rejectionOf(download({ expected: { sha256: sha256(OTHER) } }));
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(await files()).toEqual([]);
  });

  test.each([
    ['endless', /redirects more than 10 times/],
    ['nowhere', /redirects to nowhere/],
  ] as const)('about where it is: %s', async (redirect, message) => {
    serve({ redirect });
    const error = await rejectionOf(download());
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(error.message).toMatch(message);
  });
});

describe('a refusal', () => {
  test.each([
    [404, /there is no such file \(404\)/],
    [401, /HF_TOKEN/],
    [403, /HF_TOKEN/],
    [418, /answered 418/],
  ])('%d is told at once', async (status, message) => {
    serve({ trouble: [{ status }] });
    const error = await rejectionOf(download());
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', details: { status } });
    expect(error.message).toMatch(message);
    expect(hub.requests).toHaveLength(1);
  });

  test('that passes is waited for, but not for an hour', async () => {
    serve({ trouble: [{ status: 500 }, { status: 429, headers: { 'retry-after': '0' } }] });
    await download();
    serve({ trouble: ['fine', 'fine', 'fine', { status: 429, headers: { 'retry-after': '3600' } }] });
    const error = await rejectionOf(download());
    expect(error.message).toContain('too many requests');
    expect(error.message).toContain('3600 seconds');
  });
});

describe('a token', () => {
  test('is told to the hub, and not to whom the hub redirects', async () => {
    serve({ redirect: 'absolute' });
    await client.close();
    client = openHttpClient({ token: { origin: new URL(hub.url).origin, value: 'hf_secret' } });
    await download();
    expect(hub.requests[0]?.authorization).toBe('Bearer hf_secret');
    expect(hub.storageRequests[0]?.authorization).toBeUndefined();
  });
});

describe('a proxy', () => {
  let proxy: ProxyServer;
  afterEach(() => proxy.close());

  const through = async (credentials = '', none = ''): Promise<void> => {
    await client.close();
    const http = `http://${credentials}127.0.0.1:${proxy.port}`;
    client = openHttpClient({ proxy: { http, https: '', none } });
  };

  test('is used, for the hub and for what it redirects to', async () => {
    proxy = await ProxyServer.start('anna:geheim');
    serve({ redirect: 'absolute' });
    await through('anna:geheim@');
    await download();
    expect(proxy.seen).toEqual([`GET ${hub.url}${PATH}`, `GET ${hub.storageUrl}${PATH}`]);
  });

  test('that wants credentials is told', async () => {
    proxy = await ProxyServer.start('anna:geheim');
    serve();
    await through();
    const error = await rejectionOf(download());
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(error.message).toContain('407');
  });

  test('is not used where NO_PROXY says so', async () => {
    proxy = await ProxyServer.start();
    serve();
    await through('', '127.0.0.1');
    await download();
    expect(proxy.seen).toEqual([]);
  });

  test('tunnels https', async () => {
    proxy = await ProxyServer.start();
    await through();
    // The hub speaks no TLS: what counts is the way that is taken to it.
    const error = await rejectionOf(download({ url: new URL(`https${hub.url.slice(4)}${PATH}`) }));
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(proxy.seen).toContain(`CONNECT ${hub.url.slice(7)}`);
  });

  test('whose address is none is an error of the settings', async () => {
    proxy = await ProxyServer.start();
    expect(() => openHttpClient({ proxy: { http: 'socks4://x', https: '', none: '' } })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
