import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { cloneWithoutAddon } from '../helpers/clone-without-addon.js';
import { addToGallery, dataOf, request, searchByImage } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

interface IndexFields {
  readonly size: number;
  readonly mode: string;
  readonly generation: number;
  readonly problem: string | null;
  readonly limitation: string | null;
}

async function indexStatus({ url }: TestServer): Promise<IndexFields> {
  const query = '{ status { index { size mode generation problem limitation } } }';
  return dataOf(await request<{ status: { index: IndexFields } }>(url, query)).status.index;
}

/** What set-up of a clone prints; it has to succeed. */
async function setUp(clone: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(clone, 'scripts/setup.mjs')], {
    cwd: clone,
    env,
  });
  expect(stdout).toBe('');
  return stderr;
}

test('without a compiler the server is set up and searches exactly; with one it is compiled by the next start', async () => {
  const dir = await temporaryDir();
  const clone = await cloneWithoutAddon(join(dir, 'clone'));
  const bare = join(dir, 'bin');
  await mkdir(bare);
  const addon = join(clone, 'node_modules/hnswlib-node/build/Release/addon.node');

  const said = await setUp(clone, { PATH: bare });
  const lines = said.split('\n').filter((line) => line.includes('missing'));
  expect(lines).toEqual([
    expect.stringMatching(/make, a C\+\+ compiler, and Python 3 are missing.*searches compare every vector/),
  ]);
  expect(await setUp(clone, { PATH: bare })).toBe('');

  const server = await startServer({ tiny: true, project: clone });
  try {
    const picture = await jpeg(1, 96, 72);
    const { image } = await addToGallery(server.url, picture);
    await addToGallery(server.url, await jpeg(2, 96, 72));
    const expectFound = async (): Promise<void> => {
      const [best] = dataOf(await searchByImage(server.url, picture, { topK: 2 })).searchByImage.matches;
      expect(best).toMatchObject({ similarity: expect.closeTo(1, 5), image: { id: image.id } });
    };
    await expectFound();
    const without = await indexStatus(server);
    expect(without).toMatchObject({ size: 2, mode: 'exact', generation: 0, problem: null });
    expect(without.limitation).toContain('hnswlib-node is not compiled');
    expect(server.output()).toContain('hnswlib-node is not compiled');
    expect(await server.stop()).toBe(0);

    const tools = { PATH: process.env['PATH'] ?? '' };
    const failed = await setUp(clone, { ...tools, npm_config_nodedir: join(dir, 'nowhere') });
    expect(failed).toMatch(/hnswlib-node did not compile \(see tmp.hnswlib-node\.log\)/);
    expect(await readFile(join(clone, 'tmp/hnswlib-node.log'), 'utf8')).not.toBe('');
    expect(existsSync(addon)).toBe(false);

    await setUp(clone, tools);
    expect(existsSync(addon)).toBe(true);
    await server.restart();
    await expectFound();
    await server.until(async () => (await indexStatus(server)).generation > 0, 'a snapshot of the graph');
    expect((await indexStatus(server)).limitation).toBeNull();
    expect(server.output()).not.toContain('is not compiled');
  } finally {
    await server.dispose();
  }
});
