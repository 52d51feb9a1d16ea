import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, mkdir, open, readdir, readFile, rename, rm, stat, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { CliGallery } from '../helpers/cli.js';
import { addToGallery, dataOf, request, searchByImage } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/server.js';

const NAMES = ['lake', 'sea', 'wood', 'hill', 'town'];

let gallery: CliGallery;

beforeEach(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(NAMES);
});

afterEach(() => gallery.remove());

/** Content hashes of everything in a media folder. */
async function contents(media: string): Promise<string[]> {
  const entries = await readdir(media, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const hashes = files.map(async (path) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  );
  return (await Promise.all(hashes)).sort();
}

async function overwrite(path: string, at: number, length: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(length, 0x5a), 0, length, at);
  await file.close();
}

describe('a corrupted or truncated database', () => {
  test.each<[string, (path: string, bytes: number) => Promise<void>]>([
    ['its header', (path) => overwrite(path, 0, 100)],
    // Many: tables that an empty list of libraries never reads lie there, too.
    [
      'pages in its middle',
      (path, bytes) => overwrite(path, Math.floor(bytes / 16_384) * 4096, Math.floor(bytes / 8192) * 4096),
    ],
    ['its second half is gone', (path, bytes) => truncate(path, Math.floor(bytes / 2))],
    ['nearly all of it is gone', (path) => truncate(path, 50)],
  ])('%s: it is said, nothing is changed, and the files make a new gallery', async (_, damage) => {
    expect(await gallery.run(['import', gallery.pictures])).toMatchObject({ code: 0 });
    const [media, path] = [join(gallery.dir, 'media'), join(gallery.dir, 'data', 'likeness.db')];
    const files = await contents(media);
    for (const log of ['-wal', '-shm']) await rm(`${path}${log}`, { force: true });
    await damage(path, (await stat(path)).size);
    const damaged = await readFile(path);
    for (const args of [
      ['serve', '--port', '0'],
      ['import', gallery.pictures],
      ['verify', '--adopt'],
    ]) {
      const { code, stdout, stderr } = await gallery.run(args);
      expect([code, `${stdout}${stderr}`]).toEqual([4, expect.stringContaining('The database is damaged')]);
      expect(`${stdout}${stderr}`).toContain('verify --adopt');
    }
    expect((await readFile(path)).equals(damaged)).toBe(true);
    expect(await contents(media)).toEqual(files);

    await rename(join(gallery.dir, 'data'), join(gallery.dir, 'damaged'));
    const adopted = await gallery.run(['verify', '--adopt', '--json']);
    expect(adopted.code).toBe(0);
    expect(JSON.parse(adopted.stdout)).toMatchObject({ ok: true, images: 5, adopted: { added: 5 } });
    expect(await contents(media)).toEqual(files);
  });

  test('its log: what was only there is forgotten by the database, and its files are not', async () => {
    const server = await startServer({ tiny: true });
    try {
      const pictures = await Promise.all(Array.from({ length: 6 }, (_, i) => jpeg(i, 96, 72)));
      for (const bytes of pictures.slice(0, 3)) await addToGallery(server.url, bytes);
      await server.stop();
      await server.restart();
      for (const bytes of pictures.slice(3)) await addToGallery(server.url, bytes);
      await server.kill9();
      const log = join(server.dir, 'data', 'likeness.db-wal');
      await overwrite(log, 0, (await stat(log)).size);
      await server.restart();
      const { status } = dataOf(
        await request<{ status: { gallerySize: number } }>(server.url, '{ status { gallerySize } }'),
      );
      expect(status.gallerySize).toBe(3);
      expect(await contents(join(server.dir, 'media'))).toHaveLength(6);
      // The same bytes again: their rows are new, their files are those that were there.
      for (const bytes of pictures)
        expect((await addToGallery(server.url, bytes)).image.sha256).toBe(
          createHash('sha256').update(bytes).digest('hex'),
        );
      for (const bytes of pictures) {
        const [best] = dataOf(await searchByImage(server.url, bytes, { topK: 1 })).searchByImage.matches;
        expect(best?.image.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      }
      expect(await contents(join(server.dir, 'media'))).toHaveLength(6);
    } finally {
      await server.dispose();
    }
  });
});

test('data, media and index may be links, also to folders that are moved', async () => {
  const disk = join(gallery.dir, 'disk');
  for (const name of ['data', 'media', 'index']) {
    await mkdir(join(disk, name), { recursive: true });
    await symlink(join(disk, name), join(gallery.dir, name));
  }
  expect(await gallery.run(['import', gallery.pictures])).toMatchObject({ code: 0 });
  expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
  // One of the folders below is a link, too.
  const media = join(disk, 'media');
  const [folder] = (await readdir(media)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  await cp(join(media, folder!), join(disk, 'elsewhere'), { recursive: true });
  await rm(join(media, folder!), { recursive: true });
  await symlink(join(disk, 'elsewhere'), join(media, folder!));
  expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
  const [file] = await readdir(join(disk, 'elsewhere'));
  await truncate(join(disk, 'elsewhere', file!), 10);
  const imported = await gallery.json<{ known: number; repaired: number }>(['import', gallery.pictures]);
  expect(imported).toMatchObject({ known: 5, repaired: 1 });
  await rename(disk, `${disk}-2`);
  for (const name of ['data', 'media', 'index']) {
    await rm(join(gallery.dir, name));
    await symlink(join(`${disk}-2`, name), join(gallery.dir, name));
  }
  await rm(join(`${disk}-2`, 'media', folder!));
  await symlink(join(`${disk}-2`, 'elsewhere'), join(`${disk}-2`, 'media', folder!));
  expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
});
