/** The log goes to a device that is always full, or to a reader that has gone: the server serves, and stops in order. */
import assert from 'node:assert/strict';
import { existsSync, openSync } from 'node:fs';
import * as faults from './lib/server.mjs';

if (!existsSync('/dev/full')) faults.cannotRun('there is no /dev/full');

for (const kind of ['full', 'closed']) {
  const dir = faults.temporaryDir();
  const stdout = kind === 'full' ? openSync('/dev/full', 'w') : 'pipe';
  const server = await faults.startServer(dir, { stdout, env: { LOG_LEVEL: 'debug' } });
  server.child.stdout?.destroy();
  server.child.stderr?.destroy();
  const { code, data, text } = await faults.add(server, await faults.picture(1));
  assert.equal(code, null, text);
  for (let n = 0; n < 20; n++) {
    const broken = await faults.add(server, Buffer.from('no picture at all, whatever its name says'));
    assert.equal(broken.code, 'IMAGE_UNSUPPORTED', broken.text);
    faults.assertNothingInside(broken.text);
    const refused = await fetch(`${server.url}/media/%zz`);
    faults.assertNothingInside(await refused.text());
  }
  const found = await faults.searchById(server, data.addToGallery.image.id);
  assert.equal(found.code, null, found.text);
  assert.equal(await faults.end(server), 0);
}
