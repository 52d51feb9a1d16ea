import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Connection, dataOf, nodesOf, request } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

/** The scripts of `client-sample/scripts`, run as their README says, against a real server. */

const CLIENT_DIR = resolve('client-sample');
const TSX = join(CLIENT_DIR, 'node_modules', 'tsx', 'dist', 'cli.mjs');

let dir: string;
let server: TestServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-scripts-'));
  await writeTinyModel(join(dir, 'models'));
  server = await startServer({
    env: { MODELS_DIR: join(dir, 'models'), MODEL: 'tiny', SAMPLE_GALLERY: 'off' },
  });
});

afterAll(async () => {
  await server.dispose();
  await rm(dir, { recursive: true, force: true });
});

function start(script: string, ...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [TSX, `scripts/${script}`, ...args], {
    cwd: CLIENT_DIR,
    env: { ...process.env, NODE_OPTIONS: '', LIKENESS_URL: server.url },
  });
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, ...args: string[]): Promise<Outcome> {
  const child = start(script, ...args);
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  await once(child, 'close');
  return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
}

function collect(child: ChildProcessWithoutNullStreams, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name].setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

/** Resolves when the program has printed this. */
async function printed(
  child: ChildProcessWithoutNullStreams,
  text: () => string,
  part: string,
): Promise<void> {
  while (!text().includes(part)) {
    if (child.exitCode !== null) throw new Error(`It ended before it printed "${part}":\n${text()}`);
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  }
}

async function folderOf(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(dir, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const galleryTags = async (): Promise<Record<string, number>> => {
  const { tags } = dataOf(
    await request<{ tags: Connection<{ tag: string; count: number }> }>(
      server.url,
      '{ tags { edges { node { tag count } } } }',
    ),
  );
  return Object.fromEntries(nodesOf(tags).map(({ tag, count }) => [tag, count]));
};

test('import-folder adds what is there, tagged with its folders, and tells what failed', async () => {
  const folder = await folderOf('import', {
    'beach/one.jpg': await jpeg(1),
    'beach/two.jpg': await jpeg(2),
    'three.jpg': await jpeg(3),
    'broken.jpg': 'no picture',
    'notes.txt': 'no picture, and not taken for one',
  });
  const first = await run('import-folder.ts', folder, '--tag', 'script');
  expect(first.stdout).toBe('3 added, 0 were there, 1 failed\n');
  expect(first.stderr).toMatch(/^broken\.jpg: IMAGE_UNSUPPORTED: /);
  expect(first.code).toBe(3);
  expect(await galleryTags()).toEqual({ script: 3, beach: 2 });
  expect((await run('import-folder.ts', folder)).stdout).toBe('0 added, 3 were there, 1 failed\n');
});

test('search-folder writes the matches of every picture as CSV', async () => {
  const folder = await folderOf('search', {
    'a, "quoted".jpg': await jpeg(1),
    'b.jpg': await jpeg(2),
    'broken.jpg': 'no picture',
  });
  const { code, stdout, stderr } = await run('search-folder.ts', folder, '--top-k', '2');
  const [head, ...rows] = stdout.trimEnd().split('\n');
  expect(head).toBe('file,rank,similarity,id,title,url');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^"a, ""quoted""\.jpg",1,1\.0000,\d+,one,http:/);
  expect(rows[2]).toMatch(/^b\.jpg,1,1\.0000,\d+,two,http:/);
  expect(stderr).toContain('broken.jpg: IMAGE_UNSUPPORTED');
  expect(code).toBe(3);
});

test('watch-folder adds what is there and what comes later, until it is ended', async () => {
  const folder = await folderOf('watch', { 'first.jpg': await jpeg(11) });
  const child = start('watch-folder.ts', folder, '--tag', 'watched');
  const stdout = collect(child, 'stdout');
  try {
    await printed(child, stdout, 'watching');
    await printed(child, stdout, 'first.jpg: added');
    await writeFile(join(folder, 'notes.txt'), 'no picture');
    await writeFile(join(folder, 'second.jpg'), await jpeg(12));
    await printed(child, stdout, 'second.jpg: added');
    expect((await galleryTags())['watched']).toBe(2);
    expect(stdout()).not.toContain('notes.txt');
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
  }
  expect(child.exitCode).toBe(0);
});

test('without a server, or without a folder, a sentence says so', async () => {
  const folder = await folderOf('nothing', { 'one.jpg': await jpeg(1) });
  const unreachable = await run('import-folder.ts', folder, '--url', 'http://127.0.0.1:9');
  expect(unreachable.code).toBe(1);
  expect(unreachable.stderr).toMatch(/no server answers at http:\/\/127\.0\.0\.1:9/i);
  const usage = await run('search-folder.ts');
  expect([usage.code, usage.stderr]).toEqual([1, expect.stringMatching(/^Usage: /)]);
});
