import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { downloadFile, type DownloadOptions } from '../../src/model-tools/hub/download.js';
import { openHttpClient, type HttpClient } from '../../src/model-tools/hub/http-client.js';
import type { KnownModel } from '../../src/model-tools/hub/known-models.js';
import { fileUrl } from '../../src/model-tools/hub/hub-download.js';
import { pullModel, type PullOptions } from '../../src/model-tools/hub/pull.js';
import { loadModel } from '../../src/services/embedding/model.js';
import { startCli, runCli } from '../helpers/cli.js';
import { makeDinov2Weights, type Dinov2Shape } from '../helpers/dinov2-weights.js';
import { HubServer, ProxyServer, type HubFile } from '../helpers/hub-server.js';
import { GIVES_UP_MS, LIMITS } from '../helpers/limits.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, tinyModelBytes } from '../helpers/tiny-model.js';
import { waitFor } from '../helpers/wait-for.js';
import { writeSafetensors, writeShardedSafetensors } from '../helpers/weights.js';

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
  client = openHttpClient({ timeoutMs: LIMITS.productMs });
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
    client = openHttpClient({ timeoutMs: GIVES_UP_MS });
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
    expect(error.code).toBe('HUB_UNREACHABLE');
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
    serve({ trouble: ['wrong-range'] });
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
    serve({ trouble: [{ status: 429, headers: { 'retry-after': '3600' } }] });
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
    expect(error.code).toBe('HUB_UNREACHABLE');
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
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(proxy.seen).toContain(`CONNECT ${hub.url.slice(7)}`);
  });

  test('whose address is none is an error of the settings', async () => {
    proxy = await ProxyServer.start();
    expect(() => openHttpClient({ proxy: { http: 'socks4://x', https: '', none: '' } })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

const WORKER_URL = new URL(
  `file://${resolve(import.meta.dirname, '..', '..', 'dist', 'workers', 'embed-worker.js')}`,
);

const SHAPE: Dinov2Shape = { dimension: 64, depth: 1, grid: 4 };
const KNOWN: KnownModel = {
  id: 'dinov2-tiny',
  name: 'DINOv2 tiny',
  description: 'For tests.',
  licence: 'Apache-2.0',
  dimension: 64,
  registers: 0,
  parameters: 100_000,
  repository: 'facebook/dinov2-tiny',
  int8: { repository: 'Xenova/dinov2-tiny', file: 'onnx/model_quantized.onnx' },
};
const INT8_PATH = '/Xenova/dinov2-tiny/resolve/main/onnx/model_quantized.onnx';

/** Serves weights as the hub does. */
async function serveWeights(
  path: string,
  { trouble, ...shape }: Dinov2Shape & Pick<HubFile, 'trouble'> = {},
): Promise<void> {
  const file = join(folder, 'served.safetensors');
  await writeSafetensors(file, makeDinov2Weights({ ...SHAPE, ...shape }));
  hub.files.set(path, {
    bytes: await readFile(file),
    redirect: 'absolute',
    ...(trouble === undefined ? {} : { trouble }),
  });
}

describe('pulling a model', () => {
  let modelsDir: string;

  beforeEach(async () => {
    modelsDir = join(folder, 'models');
    await mkdir(modelsDir);
  });

  const pull = (options: Partial<PullOptions> = {}) =>
    pullModel({
      known: KNOWN,
      modelsDir,
      client,
      hub: hub.url,
      workerUrl: WORKER_URL,
      backoffMs: [0],
      onDownload: (_, done) => hub.received(done),
      ...options,
    });

  test('downloads the weights, converts them, and leaves nothing else', async () => {
    await serveWeights(PATH, { trouble: ['break'] });
    const { definition, files } = await pull();
    expect(definition).toMatchObject({ id: 'dinov2-tiny', dimension: 64, precision: 'fp32' });
    expect(files).toMatchObject([{ file: 'model.safetensors', verified: true }]);
    expect(await readdir(modelsDir)).toEqual(['dinov2-tiny']);
    expect((await loadModel(join(modelsDir, 'dinov2-tiny'))).definition.patchTokens?.prefix).toBe(1);
  });

  test('downloads what an index names where the weights are in several files', async () => {
    const served = join(folder, 'served');
    await mkdir(served);
    const index = 'model.safetensors.index.json';
    const shards = await writeShardedSafetensors(join(served, index), makeDinov2Weights(SHAPE));
    for (const name of [index, ...shards])
      hub.files.set(`/facebook/dinov2-tiny/resolve/v1/${name}`, {
        bytes: await readFile(join(served, name)),
        lfs: name !== index,
      });
    const { files } = await pull({ revision: 'v1', precision: 'fp16', size: { height: 28, width: 28 } });
    expect(files.map(({ file, verified }) => [file, verified])).toEqual([
      [index, false],
      ...shards.map((name) => [name, true]),
    ]);
    expect(await readdir(modelsDir)).toEqual(['dinov2-tiny-fp16']);
  });

  test('takes the published file for int8, and makes it where none is published', async () => {
    hub.files.set(INT8_PATH, {
      bytes: tinyModelBytes({ output: 'last_hidden_state' }),
      redirect: 'relative',
    });
    const { definition } = await pull({ precision: 'int8' });
    expect(definition).toMatchObject({
      id: 'dinov2-tiny-int8',
      name: 'DINOv2 tiny (Xenova/dinov2-tiny)',
      dimension: TINY_DIMENSION,
    });
    await serveWeights(PATH);
    const made = await pull({ known: { ...KNOWN, int8: null }, precision: 'int8', id: 'made' });
    expect(made.definition).toMatchObject({ id: 'made', precision: 'int8', dimension: 64 });
    expect((await readdir(modelsDir)).sort()).toEqual(['dinov2-tiny-int8', 'made']);
  });

  test('keeps what was downloaded when it is interrupted while converting', async () => {
    await serveWeights(PATH);
    const controller = new AbortController();
    const onDownloaded = (): void => controller.abort(new Error('enough'));
    await expect(pull({ signal: controller.signal, onDownloaded })).rejects.toThrow('enough');
    expect(await readdir(modelsDir)).toEqual(['.downloads']);
    hub.requests.length = 0;
    const { files } = await pull();
    expect(files).toMatchObject([{ verified: null }]);
    expect(hub.requests).toEqual([]);
    expect(await readdir(modelsDir)).toEqual(['dinov2-tiny']);
  });

  test('refuses the weights of another model, and keeps nothing of them', async () => {
    await serveWeights(PATH, { registers: 4 });
    const error = await rejectionOf(pull());
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.message).toContain('4 registers instead of 0');
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test('refuses a name that is taken, and a revision that is none, before it asks for anything', async () => {
    await mkdir(join(modelsDir, 'dinov2-tiny'));
    expect((await rejectionOf(pull())).code).toBe('BAD_USER_INPUT');
    expect((await rejectionOf(pull({ revision: '../main', id: 'x' }))).code).toBe('BAD_USER_INPUT');
    expect(hub.requests).toEqual([]);
  });

  test('is done by one process at a time', async () => {
    await serveWeights(PATH);
    let second = Promise.resolve<unknown>(null);
    let begun = false;
    await pull({
      onDownloaded: () => {
        if (!begun) second = rejectionOf(pull());
        begun = true;
      },
    });
    expect(await second).toMatchObject({ code: 'DATA_LOCKED' });
    expect(await readdir(modelsDir)).toEqual(['dinov2-tiny']);
  });

  test('says when the hub has no such file', async () => {
    const error = await rejectionOf(pull());
    expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', details: { status: 404 } });
    expect(error.message).toContain('/facebook/dinov2-tiny/resolve/main/model.safetensors');
    expect(await readdir(modelsDir)).toEqual([]);
  });

  test('asks for the ordinary addresses of the hub', () => {
    const file = { repository: 'facebook/dinov2-base', file: 'onnx/a b.onnx' };
    expect(fileUrl('https://huggingface.co', file, 'refs/pr/1').href).toBe(
      'https://huggingface.co/facebook/dinov2-base/resolve/refs%2Fpr%2F1/onnx/a%20b.onnx',
    );
  });
});

describe('likeness models pull', () => {
  const SMALL_PATH = '/facebook/dinov2-small/resolve/main/model.safetensors';
  let env: Record<string, string>;

  beforeEach(() => {
    hub.breaksWhen = 'sent';
    env = {
      MODELS_DIR: join(folder, 'models'),
      DATABASE_URL: `file:${join(folder, 'likeness.db')}`,
      MODEL_HUB: `${hub.url}/`,
      HF_TOKEN: 'hf_secret',
    };
  });

  test('goes on after Ctrl+C, through a proxy, and says what comes next', async () => {
    const proxy = await ProxyServer.start();
    env['http_proxy'] = `127.0.0.1:${proxy.port}`;
    await serveWeights(SMALL_PATH, { dimension: 384, trouble: ['stall'] });
    const first = startCli(['models', 'pull', 'dinov2-small'], { env });
    await hub.stalled();
    // What was sent is on its way to the disk.
    await partOf(join(folder, 'models', '.downloads', 'facebook--dinov2-small--main', 'model.safetensors'));
    first.child.kill('SIGINT');
    const interrupted = await first.ended;
    expect([interrupted.code, interrupted.stdout]).toEqual([130, '']);
    expect(interrupted.stderr).toContain('run it again to resume');

    const second = await runCli(['models', 'pull', 'dinov2-small', '--size', '28', '--json'], { env });
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      id: 'dinov2-small',
      hub: hub.url,
      dimension: 384,
      files: [{ repository: 'facebook/dinov2-small', file: 'model.safetensors', verified: true }],
    });
    expect(hub.requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(hub.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ]);
    expect(hub.storageRequests.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(proxy.seen).toHaveLength(4);
    expect(await readdir(join(folder, 'models'))).toEqual(['dinov2-small']);
    await proxy.close();
  });

  test('tells failures in a sentence', async () => {
    const unknown = await runCli(['models', 'pull', 'dinov3'], { env });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('There is no model "dinov3" to pull. Known models: dinov2-small, ');
    const none = await runCli(['models', 'pull'], { env });
    expect([none.code, none.stdout]).toEqual([2, '']);
    expect(none.stderr).toMatch(/BAD_USER_INPUT: Expected the model to pull:\n +1 {2}dinov2-small +download/);
    const missing = await runCli(['models', 'pull', 'dinov2-large'], { env });
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toMatch(/^likeness: DOWNLOAD_FAILED: .*there is no such file \(404\)/);
  });
});

/** Waits until something of a file is on the disk. */
async function partOf(path: string): Promise<void> {
  await waitFor(`a part of ${path}`, async () => {
    const bytes = await readFile(`${path}.part`).catch(() => Buffer.alloc(0));
    return bytes.byteLength > 0;
  });
}
