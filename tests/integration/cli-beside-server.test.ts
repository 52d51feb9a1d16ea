import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliGallery } from '../helpers/cli.js';
import { addToGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

let gallery: CliGallery;
let server: TestServer;

beforeAll(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(['sea', 'wood', 'alps']);
  server = await startServer({ dir: gallery.dir, env: gallery.env });
  for (const name of ['sea', 'wood', 'alps'])
    await addToGallery(server.url, await readFile(gallery.picture(`${name}.jpg`)));
});

afterAll(async () => {
  await server.dispose();
  await gallery.remove();
});

describe('beside a running server', () => {
  test.each([
    ['import', () => ['import', gallery.pictures], 'importFolder'],
    ['reindex', () => ['reindex'], 'rebuilds a broken index by itself'],
    ['serve', () => ['serve', '--port', '0'], 'Stop that process'],
  ])('%s is refused, saying what to do', async (_name, args, advice) => {
    const { code, stdout, stderr } = await gallery.run(args());
    expect(code).toBe(4);
    const said = stdout + stderr; // a server logs to stdout
    expect(said).toContain('DATA_LOCKED');
    expect(said).toContain(`in use by process ${server.pid} on `);
    expect(said).toContain(advice);
    expect(said).not.toContain('    at ');
  });

  test('search, status and export see what the server has acknowledged', async () => {
    const { code, stdout } = await gallery.run(['search', gallery.picture('wood.jpg'), '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { matches: unknown[] }).matches).toHaveLength(3);
    expect(await gallery.json(['status'])).toMatchObject({
      gallery: { images: 3 },
      vectors: { have: 3, missing: 0 },
      heldBy: { pid: server.pid },
    });
    expect(await gallery.json(['export', join(gallery.dir, 'vectors')])).toMatchObject({ rows: 3 });
  });

  test('verify does not take additions under way, or an index not written yet, for damage', async () => {
    let verifying = true;
    const adding = (async () => {
      for (let seed = 1000; verifying; seed++) await addToGallery(server.url, await jpeg(seed, 96, 72));
    })();
    const verified = await gallery.run(['verify', '--json']).finally(() => (verifying = false));
    await adding;
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, problems: [] });
    expect(verified.code).toBe(0);
  });

  test('the server takes no harm: it goes on, and stops cleanly', async () => {
    expect((await addToGallery(server.url, await jpeg(5, 96, 72))).created).toBe(true);
    expect(await server.stop()).toBe(0);
    expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
  });
});
