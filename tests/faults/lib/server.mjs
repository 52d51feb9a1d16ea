/** The real server as a process, under limits and with a log of the script's choice. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';

const MAIN = resolve(import.meta.dirname, '..', '..', '..', 'build', 'main.js');

/** Ends the script: it cannot run here. */
export function cannotRun(why) {
  console.log(`cannot run here: ${why}`);
  process.exit(77);
}

const cleanUps = [];
process.on('exit', () => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
});

// A signal ends a process without its 'exit': disks would stay mounted and servers would go on.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.once(signal, () => process.exit(code));

export function temporaryDir() {
  const dir = mkdtempSync(join(tmpdir(), 'likeness-fault-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A file system of a few megabytes. */
export function smallDisk(megabytes) {
  const dir = temporaryDir();
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], {
    encoding: 'utf8',
  });
  if (status !== 0) cannotRun(`no tmpfs can be mounted (${(stderr ?? 'no mount').trim()})`);
  cleanUps.push(() => spawnSync('umount', ['-l', dir]));
  return dir;
}

/**
 * Starts a server whose folders are below `dir` and waits until it answers.
 * @param options.limit a ulimit, such as `-n 200`; `stdout` what spawn takes
 */
export async function startServer(dir, { limit, stdout = 'ignore', env = {} } = {}) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const command = `${limit === undefined ? '' : `ulimit ${limit} && `}exec "$0" "$1"`;
  const child = spawn('bash', ['-c', command, process.execPath, MAIN], {
    cwd: dir,
    stdio: ['ignore', stdout, stdout === 'ignore' ? 'inherit' : stdout],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LOG_FORMAT: 'json',
      SAMPLE_GALLERY: 'off',
      MODEL: 'builtin',
      EMBED_WORKERS: '1',
      DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(dir, 'index'),
      MEDIA_DIR: join(dir, 'media'),
      ...env,
    },
  });
  const server = { child, pid: child.pid, url: `http://127.0.0.1:${port}` };
  cleanUps.push(() => child.kill('SIGKILL'));
  await until('the server to answer', async () => {
    assert.equal(child.exitCode, null, 'the server ended');
    return (await fetch(`${server.url}/ready`).catch(() => null))?.ok === true;
  });
  return server;
}

export async function end(server, signal = 'SIGTERM') {
  if (server.child.exitCode !== null) return server.child.exitCode;
  const exited = once(server.child, 'exit');
  server.child.kill(signal);
  await exited;
  return server.child.exitCode;
}

export async function until(what, condition, timeoutMs = 120_000) {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await delay(50);
  }
}

/** A JPEG of about 300 kB that is told from others by its number. */
export async function picture(n, side = 500) {
  const pixels = Buffer.alloc(side * side * 3);
  let state = n * 2_654_435_761 + 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** An answer must come, whatever it says; @returns { data, code, text } */
async function answerOf(response) {
  const text = await response.text();
  const { data = null, errors = [] } = JSON.parse(text);
  return { data, code: errors[0]?.extensions?.code ?? null, error: errors[0]?.extensions, text };
}

export async function graphql({ url }, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(120_000),
  });
  return answerOf(response);
}

async function upload({ url }, query, bytes) {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables: { image: null } }));
  form.set('map', '{"0":["variables.image"]}');
  form.set('0', new Blob([bytes]), 'picture.jpg');
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': 'true' },
    body: form,
    signal: AbortSignal.timeout(120_000),
  });
  return answerOf(response);
}

export const add = (server, bytes) =>
  upload(
    server,
    'mutation ($image: Upload!) { addToGallery(image: $image) { created image { id } } }',
    bytes,
  );

export const searchByFile = (server, bytes) =>
  upload(
    server,
    'query ($image: Upload) { searchByImage(image: $image, topK: 1) { matches { image { id } } } }',
    bytes,
  );

export const searchById = (server, id) =>
  graphql(server, 'query ($id: ID) { searchByImage(imageId: $id, topK: 1) { matches { image { id } } } }', {
    id,
  });

export const tag = (server, id, text) =>
  graphql(
    server,
    'mutation ($ids: [ID!]!, $add: [String!]) { tagImages(ids: $ids, add: $add) { images { tags } } }',
    {
      ids: [id],
      add: [text],
    },
  );

export async function gallery(server) {
  const { data } = await graphql(
    server,
    '{ galleryImages(first: 500, orderBy: OLDEST) { edges { node { id tags } } } status { index { size } } }',
  );
  return { images: data.galleryImages.edges.map(({ node }) => node), indexed: data.status.index.size };
}

/** Files below a folder, with their paths. */
export const filesBelow = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

export const descriptors = ({ pid }) => readdirSync(`/proc/${pid}/fd`).length;

/** What no answer may have in it: paths and stack traces. */
export function assertNothingInside(text) {
  assert.doesNotMatch(text, /node_modules|\bat .*\.js:\d+|dist\/|build\/|\/tmp\//, text);
}
