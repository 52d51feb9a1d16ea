/**
 * The media folder is on a disk of its own, which becomes read-only, and vanishes, and comes back: nothing is lost,
 * nothing is written into the empty mount point, it is said in words, and all goes on by itself.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  add,
  end,
  graphql,
  picture,
  searchByFile,
  smallDisk,
  startServer,
  temporaryDir,
  until,
} from './lib/server.mjs';

const CLI = resolve(import.meta.dirname, '..', '..', 'build', 'cli', 'main.js');

const dir = temporaryDir();
const disk = smallDisk(64);
const media = join(dir, 'media');
const pictures = join(dir, 'pictures');
mkdirSync(media);
mkdirSync(pictures);
const mount = (...args) => {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
};
const umount = () => spawnSync('umount', ['-l', media]);
process.prependListener('exit', umount); // before the folder is removed
const insert = () => mount('--bind', disk, media);
const remount = (mode) => mount('-o', `remount,bind,${mode}`, media);

const env = { IMPORT_ROOTS: pictures };
const files = await Promise.all(Array.from({ length: 12 }, (_, i) => picture(i, 120)));
for (const [i, bytes] of files.slice(6).entries()) writeFileSync(join(pictures, `${i}.jpg`), bytes);

const originals = () =>
  readdirSync(media, { recursive: true }).filter((name) => /[0-9a-f]{64}\.jpg$/.test(name)).length;
const ok = (what) => console.log(`ok      ${what}`);

async function expectAdded(server, bytes) {
  const { data, text } = await add(server, bytes);
  assert.equal(data?.addToGallery.created, true, text);
  return data.addToGallery.image.id;
}

async function expectRefused(server, bytes, id) {
  for (const answer of [
    await add(server, bytes),
    await graphql(server, 'mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }', {
      ids: [id],
    }),
  ]) {
    assert.equal(answer.code, 'MEDIA_UNAVAILABLE', answer.text);
    assert.equal(answer.error.retryable, true);
    assert.ok(!answer.text.includes(dir), 'no path in the answer');
  }
  const started = await graphql(
    server,
    'mutation ($path: String!) { importFolder(path: $path) { job { id } } }',
    {
      path: pictures,
    },
  );
  const jobId = started.data.importFolder.job.id;
  let job;
  await until('the import to end', async () => {
    const { data } = await graphql(
      server,
      '{ status { jobs { edges { node { id state code added failed total finishedAt } } } } }',
    );
    job = data.status.jobs.edges.map(({ node }) => node).find((one) => one.id === jobId);
    return job.finishedAt !== null;
  });
  assert.deepEqual([job.state, job.code, job.added, job.failed], ['FAILED', 'MEDIA_UNAVAILABLE', 0, 1]);
}

const fileStatus = async ({ url }, id) => (await fetch(`${url}/media/${id}`)).status;

const likeness = (...args) =>
  spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      MODEL: 'builtin',
      DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(dir, 'index'),
      MEDIA_DIR: media,
    },
  });

insert();
let server = await startServer(dir, { env });
const ids = [];
for (const bytes of files.slice(0, 3)) ids.push(await expectAdded(server, bytes));
assert.equal(originals(), 3);
ok('pictures on another file system than the database');

remount('ro');
await expectRefused(server, files[3], ids[0]);
const again = await add(server, files[0]);
assert.equal(again.data.addToGallery.created, false, again.text);
assert.equal((await searchByFile(server, files[1])).data.searchByImage.matches[0].image.id, ids[1]);
assert.equal(await fileStatus(server, ids[1]), 200);
assert.equal(originals(), 3);
ok('read-only: searches and files go on, additions, removals and imports are refused in words');

remount('rw');
ids.push(await expectAdded(server, files[3]));
ok('writable again: all goes on by itself');

umount();
await expectRefused(server, files[4], ids[0]);
assert.equal(await fileStatus(server, ids[2]), 503);
assert.equal((await searchByFile(server, files[1])).data.searchByImage.matches[0].image.id, ids[1]);
assert.deepEqual(readdirSync(media), []);
ok('vanished: refused in words, nothing is written into the empty mount point');

insert();
ids.push(await expectAdded(server, files[4]));
for (const id of ids) assert.equal(await fileStatus(server, id), 200);
assert.equal(originals(), 5);
assert.equal(await end(server), 0);
ok('back: every file is there, additions go on by themselves');

remount('ro');
for (const [args, code, words] of [
  [['import', pictures], 4, /MEDIA_UNAVAILABLE.*read-only[^]*Giving up/],
  [['verify'], 0, /agree/],
  [['status'], 0, /5 pictures/],
]) {
  const { status, stdout, stderr } = likeness(...args);
  assert.equal(status, code, `${stdout}${stderr}`);
  assert.match(`${stderr}${stdout}`, words);
}
ok('read-only: the commands say so, with exit code 4, after one picture');

server = await startServer(dir, { env });
assert.equal(await fileStatus(server, ids[0]), 200);
await expectRefused(server, files[5], ids[0]);
remount('rw');
ids.push(await expectAdded(server, files[5]));
assert.equal(await end(server, 'SIGKILL'), null);
ok('read-only at the start: it serves, and adds as soon as it can');

server = await startServer(dir, { env });
assert.equal(await end(server), 0);
assert.equal(originals(), 6);
umount();
server = await startServer(dir, { env });
await until('the missing files to be counted', async () => {
  const { data } = await graphql(server, '{ status { media { missingFiles unknownFiles } } }');
  return data.status.media?.missingFiles === 6;
});
assert.equal(await fileStatus(server, ids[0]), 404);
assert.equal(await end(server), 0);
insert();
assert.equal(likeness('verify').status, 0);
ok('away at the start: counted, and nothing is lost when it is back');
