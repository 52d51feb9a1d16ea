import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import WebSocket from 'ws';
import { PROJECT_DIR } from '../../src/project.js';
import { CliGallery } from '../helpers/cli.js';
import { PREFLIGHT, request, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
}

/** Every line as JSON. @throws when one is none */
const jsonLines = (text: string): LogLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);

let gallery: CliGallery;

beforeAll(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(['sea', 'wood']);
  await writeFile(gallery.picture('broken.jpg'), 'not a picture');
});

afterAll(() => gallery.remove());

describe('with LOG_FORMAT=json every line is JSON', () => {
  test('on stderr of a command: what it tells, failures, wrong usage, wrong settings', async () => {
    const run = (args: readonly string[], more: Record<string, string> = {}) =>
      gallery.run(args, { env: { LOG_FORMAT: 'json', ...more } });
    const imported = await run(['import', gallery.pictures, '--json']);
    expect(imported.code).toBe(3);
    const told = jsonLines(imported.stderr).map(({ msg }) => msg);
    // How far it is is told after a while, if it takes one.
    expect(told.filter((msg) => !/^importing \d/.test(msg))).toEqual([
      '3 pictures found',
      expect.stringContaining('broken.jpg: IMAGE_UNSUPPORTED'),
    ]);
    for (const [args, code] of [
      [['search', gallery.picture('broken.jpg')], 3],
      [['paint'], 2],
      [[], 2],
      [['status', '--port', 'x'], 2],
    ] as const) {
      const { code: ended, stderr } = await run(args);
      expect([args, ended]).toEqual([args, code]);
      expect(jsonLines(stderr).length).toBeGreaterThan(0);
    }
    const { stderr } = await gallery.run(['status', '--log-format', 'json', '--max-queue', 'many']);
    expect(jsonLines(stderr)).toMatchObject([{ level: 50, msg: expect.stringContaining('CONFIG_INVALID') }]);
  });

  test.each([
    ['wrong settings', { PORT: 'x' }, 'CONFIG_INVALID'],
    ['a model that is not there', { MODEL: 'none' }, 'MODEL_MISSING'],
    ['a database that is none', { DATABASE_URL: 'file:/dev/null/likeness.db' }, 'STORAGE_FAILED'],
  ])('of a server that cannot start for %s', async (_, env, code) => {
    const server = await startServer({ env, expectFailure: true });
    try {
      expect(jsonLines(server.output()).at(-1)).toMatchObject({ level: 50, code });
      expect(server.errorOutput()).toBe('');
    } finally {
      await server.dispose();
    }
  });

  test('of a server at work, whatever it is asked', async () => {
    const server = await startServer({ dir: gallery.dir, env: gallery.env });
    try {
      const picture = await jpeg(1, 60, 40);
      const batch = await upload<Record<string, unknown>>(
        server.url,
        'query ($images: [Upload!]!) { searchByImages(images: $images, topK: 1) { __typename } }',
        { images: Array<null>(12).fill(null) },
        Array.from({ length: 12 }, (_, i) => ({ paths: [`variables.images.${i}`], bytes: picture })),
      );
      expect(batch.errors).toEqual([]);
      await request(server.url, '{ nothing }');
      await fetch(`${server.url}/graphql`, { method: 'POST', headers: PREFLIGHT, body: 'not JSON' });
      await fetch(`${server.url}/media/999999`);
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send('x'.repeat(2 ** 20));
      await once(socket, 'close');
      expect(await server.stop()).toBe(0);
      const lines = jsonLines(server.output());
      expect(lines.at(-1)).toMatchObject({ msg: 'stopped' });
      expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
      expect(server.errorOutput()).toBe('');
    } finally {
      await server.dispose();
    }
  });

  test("of Node's warnings, and of a crash, which ends with 1", async () => {
    // Stands in for a mistake of ours: at a signal it warns, then throws where nobody catches.
    const mistake =
      'process.on("SIGUSR2", () => { process.emitWarning("careful"); setTimeout(() => Promise.reject(new Error("boom"))); })';
    const server = await startServer({
      dir: gallery.dir,
      env: { ...gallery.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(mistake)}` },
    });
    try {
      process.kill(server.pid, 'SIGUSR2');
      await server.until(() => server.output().includes('boom'), 'the crash to be in the log');
      expect(await server.stop()).toBe(1);
      const lines = jsonLines(server.output());
      expect(lines).toContainEqual(expect.objectContaining({ level: 40, msg: 'careful' }));
      expect(lines.at(-1)).toMatchObject({ level: 50, msg: 'crashed: boom', stack: expect.any(String) });
      expect(server.errorOutput()).toBe('');
    } finally {
      await server.dispose();
    }
  });
});

describe('standard error is empty', () => {
  test('of commands that have nothing to tell', async () => {
    for (const args of [
      ['status'],
      ['search', gallery.picture('sea.jpg')],
      ['search', gallery.picture('sea.jpg'), '--csv'],
      ['verify'],
      ['models', 'list'],
    ])
      expect([args, (await gallery.run(args)).stderr]).toEqual([args, '']);
  });

  test('of npx in the clone: npm has nothing to warn of', async () => {
    const child = spawn('npx', ['--offline', 'likeness', '--version'], {
      cwd: PROJECT_DIR,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: await temporaryDir(), npm_config_update_notifier: 'false' },
    });
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (written.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (written.stderr += data.toString()));
    await once(child, 'close');
    expect(written).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  });
});

describe('what stands in the way of a start is found before anything is opened', () => {
  test('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    const server = await startServer({ env: { PORT: port, MODEL: 'none' }, expectFailure: true });
    try {
      expect(server.exit).toMatchObject({ code: 2, output: expect.stringContaining(`Port ${port} of`) });
      expect(existsSync(join(server.dir, 'data'))).toBe(false);
    } finally {
      other.close();
      await server.dispose();
    }
  });

  test('a data folder in use: told instead of the port, which the same server has', async () => {
    const first = await startServer({ dir: gallery.dir, env: gallery.env });
    try {
      const second = await startServer({
        dir: gallery.dir,
        env: { ...gallery.env, PORT: new URL(first.url).port, MODEL: 'none' },
        expectFailure: true,
      });
      expect(second.exit).toMatchObject({ code: 4, output: expect.stringContaining('DATA_LOCKED') });
    } finally {
      await first.dispose();
    }
  });
});
