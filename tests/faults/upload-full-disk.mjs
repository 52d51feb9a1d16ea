/**
 * A disk that is full while uploads are spooled: STORAGE_FULL at once, no temporary file or descriptor stays, and
 * uploads work again when there is room. The data folder lies on a tmpfs of 24 MB.
 *
 *   node tests/faults/upload-full-disk.mjs     exit 0: ok, 77: cannot run here, else: failed
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(import.meta.url);
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

function cannotRun(why) {
  console.log(`cannot run here: ${why}`);
  process.exit(77);
}

if (process.argv[2] !== '--unshared') {
  if (process.getuid?.() !== 0) cannotRun('mounting a tmpfs needs root');
  const probe = spawnSync('unshare', ['-m', 'true']);
  if (probe.status !== 0) cannotRun('unshare -m is not permitted');
  const { status } = spawnSync('unshare', ['-m', process.execPath, HERE, '--unshared'], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

const dir = mkdtempSync(join(tmpdir(), 'likeness-full-'));
const data = join(dir, 'data');
mkdirSync(data);
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', data]).status !== 0)
  cannotRun('a tmpfs cannot be mounted');

const server = spawn(process.execPath, [MAIN], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    PORT: '0',
    LOG_FORMAT: 'json',
    SAMPLE_GALLERY: 'off',
    MODEL: 'builtin',
    DATABASE_URL: `file:${join(data, 'likeness.db')}`,
    INDEX_DIR: join(dir, 'index'),
    MEDIA_DIR: join(dir, 'media'),
  },
});
let output = '';
const url = await new Promise((resolve, reject) => {
  server.stdout.on('data', (text) => {
    output += text;
    const ready = /"url":"(http:[^"]+)"/.exec(output);
    if (ready) resolve(ready[1]);
  });
  server.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${output}`)));
});

const { default: sharp } = await import('sharp');
const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
  .jpeg()
  .toBuffer();
const large = Buffer.concat([picture, Buffer.alloc(8_000_000)]);

async function search(bytes, field = 'searchByImage(image: $image) { id }', operation = 'query') {
  const form = new FormData();
  const query = `${operation} ($image: Upload!) { ${field} }`;
  form.set('operations', JSON.stringify({ query, variables: { image: null } }));
  form.set('map', '{"0":["variables.image"]}');
  form.set('0', new Blob([bytes]), 'a.jpg');
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': '1' },
    body: form,
  });
  const { errors = [] } = await response.json();
  return { status: response.status, code: errors[0]?.extensions.code };
}

const spooled = () => readdirSync(join(data, 'uploads'));
const openSpooled = () =>
  readdirSync(`/proc/${server.pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${server.pid}/fd/${fd}`).includes('/uploads/');
    } catch {
      return false;
    }
  });
async function until(condition) {
  for (let i = 0; i < 600 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert(condition());
}

try {
  assert.equal((await search(large)).code, undefined, 'works while there is room');
  await until(() => spooled().length === 0);

  const ballast = join(data, 'ballast');
  let chunk = 16_000_000;
  // Fills the disk to less than the upload needs, and leaves the database a little.
  for (; chunk > 100_000; chunk = Math.floor(chunk / 2)) {
    try {
      writeFileSync(ballast, Buffer.alloc(chunk), { flag: 'a' });
    } catch {
      // Full: smaller pieces may still fit.
    }
  }
  for (const [field, operation] of [
    ['searchByImage(image: $image) { id }', 'query'],
    ['addToGallery(image: $image) { created }', 'mutation'],
  ]) {
    assert.deepEqual(await search(large, field, operation), { status: 507, code: 'STORAGE_FULL' }, field);
    await until(() => spooled().length === 0 && openSpooled().length === 0);
  }
  assert.deepEqual(
    await Promise.all(Array.from({ length: 8 }, () => search(large))),
    Array(8).fill({ status: 507, code: 'STORAGE_FULL' }),
    'many at once',
  );
  await until(() => spooled().length === 0 && openSpooled().length === 0);
  assert.equal((await search(picture)).code, undefined, 'a small picture needs no room on the disk');

  rmSync(ballast);
  assert.equal((await search(large)).code, undefined, 'works again');
  assert.equal((await search(large, 'addToGallery(image: $image) { created }', 'mutation')).code, undefined);
  await until(() => spooled().length === 0 && openSpooled().length === 0);
  console.log('ok');
} catch (error) {
  console.error(error, output);
  process.exitCode = 1;
} finally {
  server.removeAllListeners('exit');
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  spawnSync('umount', [data]);
  rmSync(dir, { recursive: true, force: true });
}
