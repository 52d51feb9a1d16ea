/** All descriptors of the server are in use: it lives, and works when some are free again. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import * as faults from './lib/server.mjs';

const dir = faults.temporaryDir();
const server = await faults.startServer(dir, { limit: '-n 400' });
const id = (await faults.add(server, await faults.picture(1))).data.addToGallery.image.id;

const { port } = new URL(server.url);
const sockets = Array.from({ length: 700 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
await faults.until('the descriptors to run out', () => faults.descriptors(server) >= 385);
// Whatever comes of these: they must not end the server.
const attempts = Array.from({ length: 5 }, (_, n) =>
  faults
    .picture(n + 10)
    .then((bytes) => faults.add(server, bytes))
    .catch((error) => error),
);
for (const socket of sockets.slice(0, 500)) socket.destroy();
const answers = await Promise.all(attempts);
for (const answer of answers) if (answer.text !== undefined) faults.assertNothingInside(answer.text);
for (const socket of sockets) socket.destroy();
await faults.until('the descriptors to be free', () => faults.descriptors(server) < 100);

assert.equal(server.child.exitCode, null);
const late = await faults.add(server, await faults.picture(30));
assert.equal(late.code, null, late.text);
const found = await faults.searchById(server, id);
assert.equal(found.data.searchByImage.matches[0].image.id, id);
const { images, indexed } = await faults.gallery(server);
assert.equal(images.length, indexed);
assert.equal(await faults.end(server), 0);
