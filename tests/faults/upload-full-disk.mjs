/**
 * A disk that is full while uploads are spooled: STORAGE_FULL at once, no temporary file or descriptor stays, and
 * uploads work again when there is room. The data folder lies on a tmpfs of 24 MB; media and index do not.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as faults from './lib/server.mjs';

const data = faults.smallDisk(24);
const server = await faults.startServer(faults.temporaryDir(), {
  env: { DATABASE_URL: `file:${join(data, 'likeness.db')}` },
});
const picture = await faults.picture(1, 60);
const large = Buffer.concat([picture, Buffer.alloc(8_000_000)]);

const spooled = () => readdirSync(join(data, 'uploads'));
const openSpooled = () =>
  readdirSync(`/proc/${server.pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${server.pid}/fd/${fd}`).includes('/uploads/');
    } catch {
      return false;
    }
  });
const nothingSpooled = () =>
  faults.until(
    'temporary files and descriptors to go',
    () => spooled().length === 0 && openSpooled().length === 0,
  );

assert.equal((await faults.searchByFile(server, large)).code, null, 'works while there is room');
await nothingSpooled();

const ballast = join(data, 'ballast');
// Fills the disk to less than the upload needs, and leaves the database a little.
for (let chunk = 16_000_000; chunk > 100_000; chunk = Math.floor(chunk / 2)) {
  try {
    writeFileSync(ballast, Buffer.alloc(chunk), { flag: 'a' });
  } catch {
    // Full: smaller pieces may still fit.
  }
}
for (const send of [faults.searchByFile, faults.add]) {
  assert.equal((await send(server, large)).code, 'STORAGE_FULL');
  await nothingSpooled();
}
const many = await Promise.all(Array.from({ length: 8 }, () => faults.searchByFile(server, large)));
assert.deepEqual(
  many.map(({ code }) => code),
  Array(8).fill('STORAGE_FULL'),
  'many at once',
);
await nothingSpooled();
assert.equal((await faults.searchByFile(server, picture)).code, null, 'a small picture needs no room');

rmSync(ballast);
for (const send of [faults.searchByFile, faults.add])
  assert.equal((await send(server, large)).code, null, 'works again');
await nothingSpooled();
assert.equal(await faults.end(server), 0);
