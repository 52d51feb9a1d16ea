import { describe, expect, test } from '@jest/globals';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allowedFolder, listPictures } from '../../src/services/import-folder.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

test('listPictures finds pictures below a folder, by their endings, sorted, without hidden ones', async () => {
  const dir = await temporaryDir();
  await mkdir(join(dir, 'b', '.cache'), { recursive: true });
  for (const name of ['z.JPG', 'a.png', 'notes.txt', 'b/c.webp', 'b/.cache/x.jpg', '.hidden.jpg'])
    await writeFile(join(dir, name), '');
  expect(await listPictures(dir)).toEqual(['a.png', 'b/c.webp', 'z.JPG'].map((name) => join(dir, name)));
});

describe('allowedFolder', () => {
  test('only folders below an allowed root, links followed', async () => {
    const dir = await realpath(await temporaryDir());
    await mkdir(join(dir, 'photos', 'trip'), { recursive: true });
    await mkdir(join(dir, 'photos-private'));
    await symlink(join(dir, 'photos-private'), join(dir, 'photos', 'link'));
    const roots = [join(dir, 'photos')];
    expect(await allowedFolder(join(dir, 'photos', 'trip'), roots)).toBe(join(dir, 'photos', 'trip'));
    expect(await allowedFolder(join(dir, 'photos'), roots)).toBe(join(dir, 'photos'));
    for (const path of ['photos-private', 'photos/link', 'photos/../photos-private', 'photos/none']) {
      await expect(allowedFolder(join(dir, path), roots)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(allowedFolder('photos', roots)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(allowedFolder(join(dir, 'photos'), [])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
