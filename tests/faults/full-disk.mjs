/**
 * The disk fills up under a running server, once with its log on the same disk: every request is answered, with
 * STORAGE_FULL where something would have to be written; when there is room again, work goes on, nothing is left behind
 * and nothing acknowledged is lost.
 */
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as faults from './lib/server.mjs';

for (const logIsThere of [false, true]) {
  const disk = faults.smallDisk(24);
  const log = logIsThere ? openSync(join(disk, 'log'), 'a') : 'ignore';
  let server = await faults.startServer(disk, { stdout: log, env: { LOG_LEVEL: 'debug' } });
  const ids = [];
  for (let n = 0; n < 5; n++)
    ids.push((await faults.add(server, await faults.picture(n))).data.addToGallery.image.id);
  assert.equal((await faults.tag(server, ids[0], 'first')).code, null);
  const before = faults.descriptors(server);

  fill(join(disk, 'filler'));
  const acknowledged = new Set();
  let refused = 0;
  for (let n = 10; n < 20; n++) {
    const { data, code, error, text } = await faults.add(server, await faults.picture(n));
    faults.assertNothingInside(text);
    if (code === null) acknowledged.add(data.addToGallery.image.id);
    else {
      assert.equal(code, 'STORAGE_FULL', text);
      assert.equal(error.retryable, true);
      refused++;
    }
    fill(join(disk, `filler-${n}`));
  }
  assert.ok(refused >= 9, `${refused} of 10 additions were refused on a full disk`);
  const tags = [];
  for (let n = 0; n < 200; n++) {
    const { code, text } = await faults
      .tag(server, ids[1], `tag ${n}`.padEnd(60, 'x'))
      .then(async (answer) => {
        if (answer.code === null) await untag(server, ids[1], `tag ${n}`.padEnd(60, 'x'));
        return answer;
      });
    faults.assertNothingInside(text);
    tags.push(code);
  }
  for (const code of tags) assert.ok([null, 'STORAGE_FULL'].includes(code), code);
  const found = await faults.searchById(server, ids[2]);
  assert.equal(found.data.searchByImage.matches[0].image.id, ids[2]);
  const byFile = await faults.searchByFile(server, await faults.picture(3));
  assert.ok([null, 'STORAGE_FULL'].includes(byFile.code), byFile.text);
  const thumbnail = await fetch(`${server.url}/media/${ids[3]}/thumbnail?width=640`);
  faults.assertNothingInside(thumbnail.ok ? '' : await thumbnail.text());
  assert.equal(thumbnail.status, 200, 'a thumbnail that cannot be kept is served all the same');
  assert.equal(Buffer.from(await thumbnail.arrayBuffer()).toString('latin1', 8, 12), 'WEBP');
  assert.equal(server.child.exitCode, null);

  for (const name of ['filler', ...Array.from({ length: 10 }, (_, i) => `filler-${i + 10}`)])
    rmSync(join(disk, name), { force: true });
  const late = await faults.add(server, await faults.picture(30));
  assert.equal(late.code, null, late.text);
  assert.equal((await faults.tag(server, ids[0], 'after')).code, null);
  const again = await faults.searchByFile(server, await faults.picture(30));
  assert.equal(again.data.searchByImage.matches[0].image.id, late.data.addToGallery.image.id);
  const wanted = [...ids, ...acknowledged, late.data.addToGallery.image.id];
  await check(server, disk, wanted);
  await faults.until('the descriptors to be closed', () => faults.descriptors(server) <= before + 8);

  await faults.end(server, 'SIGKILL');
  server = await faults.startServer(disk, { stdout: log });
  await check(server, disk, wanted);
  assert.equal(await faults.end(server), 0);
  if (logIsThere) closeSync(log);
}

async function check(server, disk, wanted) {
  const { images, indexed } = await faults.gallery(server);
  assert.deepEqual(images.map(({ id }) => id).sort(), [...wanted].sort());
  assert.equal(indexed, wanted.length);
  await faults.until('temporary files to go', () => {
    const files = faults.filesBelow(disk);
    return !files.some((path) => path.endsWith('.tmp') || path.includes('/uploads/'));
  });
  const originals = faults
    .filesBelow(join(disk, 'media'))
    .filter((path) => /\/[0-9a-f]{2}\/[0-9a-f]{64}\.jpg$/.test(path));
  assert.equal(originals.length, wanted.length);
}

function untag(server, id, text) {
  return faults.graphql(
    server,
    'mutation ($ids: [ID!]!, $remove: [String!]) { tagImages(ids: $ids, remove: $remove) { images { tags } } }',
    { ids: [id], remove: [text] },
  );
}

/** Takes the last byte of the disk. */
function fill(path) {
  if (existsSync(path)) rmSync(path);
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size >= 1;) {
      const { bavail } = statfsSync(path);
      try {
        if (bavail === 0) throw new Error('full');
        writeSync(file, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
