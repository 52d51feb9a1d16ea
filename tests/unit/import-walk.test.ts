import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { allowedFolder } from '../../src/services/gallery/import/allowed-folder.js';
import { addLeftOut, type LeftOut } from '../../src/services/gallery/import/left-out.js';
import { shownPath } from '../../src/services/gallery/import/raw-path.js';
import { walkPictures, type WalkOptions } from '../../src/services/gallery/import/walk.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

/** Makes empty files, and their folders. */
async function make(dir: string, ...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), '');
  }
}

/** What a walk finds (relative to the folder), leaves out and cannot read. */
async function walk(dir: string, options: WalkOptions = {}) {
  let leftOut: LeftOut = [];
  const unreadable: [string, string][] = [];
  const found: string[] = [];
  const pictures = walkPictures(dir, {
    onLeftOut: (reason, count) => (leftOut = addLeftOut(leftOut, reason, count)),
    onUnreadable: (path, { code }) => unreadable.push([relative(dir, path), code]),
    ...options,
  });
  for await (const path of pictures) found.push(relative(dir, shownPath(path)));
  return {
    found,
    leftOut: Object.fromEntries(leftOut.map(({ reason, count }) => [reason, count])),
    unreadable,
  };
}

describe('a walk', () => {
  test('finds pictures below a folder, by their endings, sorted, and counts what it leaves out', async () => {
    const dir = await temporaryDir();
    await make(dir, 'z.JPG', 'a.png', 'notes.txt', 'b/c.webp', 'b/.cache/x.jpg', '.hidden.jpg');
    expect(await walk(dir)).toEqual({
      found: ['a.png', 'b/c.webp', 'z.JPG'],
      leftOut: { HIDDEN: 2, NOT_A_PICTURE: 1 },
      unreadable: [],
    });
  });

  test('leaves out what systems, devices and other programs keep beside pictures', async () => {
    const dir = await temporaryDir();
    const folders = ['@eaDir', '#recycle', '$RECYCLE.BIN', 'lost+found', '.thumbnails', 'My.photoslibrary'];
    await make(dir, 'a.jpg', ...folders.map((name) => `trip/${name}/x.jpg`));
    expect(await walk(dir)).toMatchObject({ found: ['a.jpg'], leftOut: { SYSTEM_FOLDER: folders.length } });
    expect(await walk(join(dir, 'trip', '#recycle'))).toMatchObject({ found: ['x.jpg'] }); // asked for by name
  });

  test("leaves out the server's own folders, also by way of a link, and everything when it begins in one", async () => {
    const dir = await temporaryDir();
    await make(dir, 'a.jpg', 'likeness/media/ab/x.jpg', 'likeness/index.jpg');
    await symlink(dir, `${dir}-link`);
    try {
      const ownFolders = [join(dir, 'likeness', 'media'), join(dir, 'not-there')];
      for (const root of [dir, `${dir}-link`])
        expect(await walk(root, { ownFolders })).toMatchObject({
          found: ['a.jpg', 'likeness/index.jpg'],
          leftOut: { OWN_FOLDER: 1 },
        });
      expect(await walk(join(dir, 'likeness', 'media', 'ab'), { ownFolders })).toMatchObject({
        found: [],
        leftOut: { OWN_FOLDER: 1 },
      });
    } finally {
      await rm(`${dir}-link`);
    }
  });

  test('follows no link: not in a circle, not to elsewhere; and opens no FIFO', async () => {
    const [dir, elsewhere] = [await temporaryDir(), await temporaryDir()];
    await make(elsewhere, 'secret.jpg');
    await make(dir, 'deep/a.jpg');
    await symlink(dir, join(dir, 'deep', 'up'));
    await symlink(elsewhere, join(dir, 'out'));
    await symlink(join(elsewhere, 'secret.jpg'), join(dir, 'secret.jpg'));
    await symlink(join(dir, 'nowhere.jpg'), join(dir, 'broken.jpg'));
    execFileSync('mkfifo', [join(dir, 'pipe.jpg')]);
    expect(await walk(dir)).toEqual({
      found: ['deep/a.jpg'],
      leftOut: { LINK: 4, SPECIAL_FILE: 1 },
      unreadable: [],
    });
  });

  test('meets names that are not UTF-8, and gives them as the bytes they are', async () => {
    const dir = await temporaryDir();
    const latin1 = Buffer.concat([Buffer.from(join(dir, 'caf')), Buffer.from([0xe9])]);
    await mkdir(latin1);
    const file = Buffer.concat([latin1, Buffer.from('/'), Buffer.from([0xff]), Buffer.from('.jpg')]);
    await writeFile(file, '');
    const found = [];
    for await (const path of walkPictures(dir)) found.push(path);
    expect(found).toEqual([file]);
    expect(await walk(dir)).toMatchObject({ found: ['caf\ufffd/\ufffd.jpg'] });
  });

  test('goes on when a folder vanishes, or its path is too long for the system', async () => {
    const dir = await temporaryDir();
    await make(dir, 'a.jpg', 'b/gone.jpg', 'z.jpg');
    const long = 'x'.repeat(250);
    const dig = `for (let i = 0; i < 20; i++) { fs.mkdirSync('${long}'); process.chdir('${long}'); }`;
    execFileSync(process.execPath, ['-e', dig], { cwd: dir });
    try {
      const unreadable: [string, string, string][] = [];
      const pictures = walkPictures(dir, {
        onUnreadable: (path, { code, message }) => unreadable.push([relative(dir, path), code, message]),
      });
      expect(await pictures.next()).toMatchObject({ value: join(dir, 'a.jpg') });
      await rm(join(dir, 'b'), { recursive: true });
      const rest = [];
      for await (const path of pictures) rest.push(path);
      expect(rest).toEqual([join(dir, 'z.jpg')]);
      expect(unreadable).toEqual([
        ['b', 'FOLDER_UNREADABLE', 'The folder cannot be read: it does not exist.'],
        [
          expect.stringMatching(/^x{250}\//),
          'FOLDER_UNREADABLE',
          'The folder cannot be read: its path is too long.',
        ],
      ]);
    } finally {
      execFileSync('rm', ['-rf', dir]); // Node's own cannot go so deep either
    }
  });

  test('of a first folder that cannot be read is an error', async () => {
    const dir = await temporaryDir();
    await make(dir, 'a.jpg');
    for (const path of ['none', 'a.jpg'])
      await expect(walk(join(dir, path))).rejects.toMatchObject({ code: 'FOLDER_UNREADABLE' });
  });

  test('ends when it is told to', async () => {
    const dir = await temporaryDir();
    await make(dir, 'a.jpg', 'b.jpg');
    const stop = new AbortController();
    const pictures = walkPictures(dir, { signal: stop.signal });
    await pictures.next();
    stop.abort();
    expect(await pictures.next()).toMatchObject({ done: true });
  });
});

describe('exclusions', () => {
  test('have the rules of .gitignore: the last that fits decides, / binds to the folder, ! takes back', async () => {
    const dir = await temporaryDir();
    await make(
      dir,
      'a.jpg',
      'a_small.JPG',
      'keep_small.jpg',
      'raw/x.jpg',
      'trip/raw/y.jpg',
      'trip/top.jpg',
      'top.jpg',
    );
    expect(
      await walk(dir, { exclude: ['*_small.jpg', '!keep_small.jpg', 'raw/', '/top.jpg'] }),
    ).toMatchObject({
      found: ['a.jpg', 'keep_small.jpg', 'trip/top.jpg'],
      leftOut: { EXCLUDED: 4 },
    });
  });

  test('of a .likenessignore file hold below its folder; a deeper one and the caller come first', async () => {
    const dir = await temporaryDir();
    await make(dir, 'x.png', 'a/x.png', 'a/y.png', 'a/deep/x.png', 'a/deep/z.png', 'b/y.png');
    await writeFile(join(dir, '.likenessignore'), '\ufeff# no screenshots\r\nx.png\r\n');
    await writeFile(join(dir, 'a', '.likenessignore'), '/y.png\n');
    await writeFile(join(dir, 'a', 'deep', '.likenessignore'), '!x.png\n');
    expect(await walk(dir)).toEqual({
      found: ['a/deep/x.png', 'a/deep/z.png', 'b/y.png'],
      leftOut: { EXCLUDED: 3 },
      unreadable: [],
    });
    expect(await walk(dir, { exclude: ['a/deep/x.png', '!/x.png'] })).toMatchObject({
      found: ['a/deep/z.png', 'b/y.png', 'x.png'],
    });
  });

  test('a .likenessignore file that cannot be used stops its folder alone', async () => {
    const dir = await temporaryDir();
    await make(dir, 'a/x.jpg', 'b/private.jpg', 'c/private.jpg');
    await mkdir(join(dir, 'b', '.likenessignore'));
    await writeFile(join(dir, 'c', '.likenessignore'), '*a*a*a*a*a*\n');
    expect(await walk(dir)).toEqual({
      found: ['a/x.jpg'],
      leftOut: {},
      unreadable: [
        ['b', 'FOLDER_UNREADABLE'],
        ['c', 'FOLDER_UNREADABLE'],
      ],
    });
  });

  test.each([
    ['patterns that take a long time', ['*a*a*a*a*a*'], 'exclude[0]'],
    ['patterns that are too long', ['x', 'x'.repeat(401)], 'exclude[1]'],
    ['too many', Array<string>(101).fill('x'), 'exclude'],
  ])('%s are refused', async (_, exclude, path) => {
    await expect(walk(await temporaryDir(), { exclude })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path },
    });
  });
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
    for (const path of [
      'photos-private',
      'photos/link',
      'photos/../photos-private',
      'photos/none',
      'photos\0',
    ]) {
      await expect(allowedFolder(join(dir, path), roots)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(allowedFolder('photos', roots)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(allowedFolder(join(dir, 'photos'), [])).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
