/** No file may grow over a size (ulimit -f): what does not fit is refused by a code, and the server lives. */
import assert from 'node:assert/strict';
import * as faults from './lib/server.mjs';

const dir = faults.temporaryDir();
const server = await faults.startServer(dir, { limit: '-f 600' }); // KiB
const ids = [];
for (let n = 0; n < 3; n++)
  ids.push((await faults.add(server, await faults.picture(n, 300))).data.addToGallery.image.id);
const large = await faults.add(server, await faults.picture(9, 900));
faults.assertNothingInside(large.text);
assert.equal(large.code, 'STORAGE_FULL', large.text);
const { images, indexed } = await faults.gallery(server);
assert.deepEqual(
  images.map(({ id }) => id),
  ids,
);
assert.equal(indexed, ids.length);
const found = await faults.searchById(server, ids[0]);
assert.equal(found.data.searchByImage.matches[0].image.id, ids[0]);
assert.ok(!faults.filesBelow(dir).some((path) => path.endsWith('.tmp')));
assert.equal(await faults.end(server), 0);
