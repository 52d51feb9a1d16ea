import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliGallery } from '../helpers/cli.js';

interface Summary {
  found: number;
  added: number;
  known: number;
  failed: number;
  left: number;
  interrupted: boolean;
}

const PICTURES = 60;
let gallery: CliGallery;

beforeAll(async () => {
  gallery = await CliGallery.create({ slowness: 100 }); // some 50 ms a picture
  // The first by name is broken: that it is told shows that the import is under way.
  await writeFile(gallery.picture('0.jpg'), 'not a picture');
  await gallery.draw(Array.from({ length: PICTURES }, (_, i) => `picture-${i}`));
});

afterAll(() => gallery.remove());

const mediaFiles = async (): Promise<number> => {
  const entries = await readdir(join(gallery.dir, 'media'), { recursive: true });
  return entries.filter((name) => name.endsWith('.jpg')).length;
};

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s finishes the pictures under way, and the import can be run again',
  async (signal, exitCode) => {
    for (const dir of ['data', 'media', 'index'])
      await rm(join(gallery.dir, dir), { recursive: true, force: true });
    const { child, ended, stderrHas } = gallery.start(['import', gallery.pictures, '--json']);
    await stderrHas('0.jpg: IMAGE_UNSUPPORTED');
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(exitCode);
    expect(stderr).toContain('Run it again to continue');
    const first = JSON.parse(stdout) as Summary;
    expect(first).toMatchObject({ found: PICTURES + 1, failed: 1, known: 0, interrupted: true });
    expect(first.left).toBeGreaterThan(0);
    expect(first.added + first.left).toBe(PICTURES);
    expect(await mediaFiles()).toBe(first.added);
    expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });

    const again = await gallery.run(['import', gallery.pictures, '--json']);
    expect(again.code).toBe(3);
    expect(JSON.parse(again.stdout)).toMatchObject({
      added: first.left,
      known: first.added,
      failed: 1,
      left: 0,
      interrupted: false,
    });
    expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
  },
);

test('kill -9: what was added stays, the lock is taken over, nothing half-added remains', async () => {
  for (const dir of ['data', 'media', 'index'])
    await rm(join(gallery.dir, dir), { recursive: true, force: true });
  const { child, ended, stderrHas } = gallery.start(['import', gallery.pictures]);
  await stderrHas('0.jpg: IMAGE_UNSUPPORTED');
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  const again = await gallery.run(['import', gallery.pictures, '--json']);
  const { added, known, left } = JSON.parse(again.stdout) as Summary;
  expect([added + known, left]).toEqual([PICTURES, 0]);
  expect(await mediaFiles()).toBe(PICTURES);
  expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
});

test('an interrupted reindex --embed keeps what it has made, and the old index', async () => {
  await mkdir(join(gallery.dir, 'models'), { recursive: true });
  const { child, ended, stderrHas } = gallery.start(['reindex', '--embed', 'all', '--json'], {
    env: { LOG_LEVEL: 'debug', LOG_FORMAT: 'json' },
  });
  await stderrHas('embedder is ready');
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, missing: 0, vectors: PICTURES });
  expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
});
