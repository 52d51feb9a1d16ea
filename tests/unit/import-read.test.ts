import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { titleOf } from '../../src/services/gallery/import/import-files.js';
import { readPicture } from '../../src/services/gallery/import/read-picture.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

const maxBytes = 2 ** 24;

describe('reading a picture file', () => {
  test.each([
    ['a file that is not there', 'none.jpg', 'IMAGE_UNREADABLE', 'it does not exist'],
    ['a folder', 'folder.jpg', 'IMAGE_UNREADABLE', 'it is a folder'],
    ['a FIFO, which is not waited for', 'pipe.jpg', 'IMAGE_UNREADABLE', 'not a regular file'],
    ['a link', 'link.jpg', 'IMAGE_UNREADABLE', 'it is a link'],
    ['an empty file', 'empty.jpg', 'IMAGE_UNREADABLE', 'empty'],
    ['a file over the limit', 'large.jpg', 'IMAGE_TOO_LARGE', `${maxBytes} bytes`],
    ['a path that is too long', `${'x'.repeat(300)}.jpg`, 'IMAGE_UNREADABLE', 'too long'],
  ])('refuses %s', async (_, name, code, words) => {
    const dir = await temporaryDir();
    await mkdir(join(dir, 'folder.jpg'));
    execFileSync('mkfifo', [join(dir, 'pipe.jpg')]);
    await writeFile(join(dir, 'file.jpg'), 'x');
    await symlink(join(dir, 'file.jpg'), join(dir, 'link.jpg'));
    await writeFile(join(dir, 'empty.jpg'), '');
    await writeFile(join(dir, 'large.jpg'), Buffer.alloc(maxBytes + 1));
    await expect(readPicture(join(dir, name), { maxBytes })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test('reads by bytes what no string can name, and links where they were asked for', async () => {
    const dir = await temporaryDir();
    const path = Buffer.concat([Buffer.from(join(dir, 'x')), Buffer.from([0xff])]);
    await writeFile(path, 'content');
    await symlink(path, join(dir, 'link.jpg'));
    expect((await readPicture(path, { maxBytes })).toString()).toBe('content');
    expect((await readPicture(join(dir, 'link.jpg'), { maxBytes, followLinks: true })).toString()).toBe(
      'content',
    );
  });

  test('refuses what is elsewhere since a folder on the way became a link', async () => {
    const [dir, elsewhere] = [await realpath(await temporaryDir()), await realpath(await temporaryDir())];
    await mkdir(join(dir, 'trip'));
    await writeFile(join(dir, 'trip', 'a.jpg'), 'ours');
    await writeFile(join(elsewhere, 'a.jpg'), 'secret');
    const read = () => readPicture(join(dir, 'trip', 'a.jpg'), { maxBytes, within: dir });
    expect((await read()).toString()).toBe('ours');
    await rename(join(dir, 'trip'), join(dir, 'old'));
    await symlink(elsewhere, join(dir, 'trip'));
    await expect(read()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('never gives a mixture of two moments: a file that changes is read once more, then refused', async () => {
    const path = join(await temporaryDir(), 'written.jpg');
    const bytes = 2 ** 22;
    await writeFile(path, Buffer.alloc(bytes, 1));
    // Writes the file over and over, each time full of another byte, a bit at a time.
    const writer = new Worker(
      `const { openSync, writeSync } = require('node:fs');
       const { parentPort, workerData: { path, bytes } } = require('node:worker_threads');
       const file = openSync(path, 'r+');
       parentPort.postMessage('begins');
       for (let value = 2; ; value = (value % 250) + 1)
         for (let at = 0; at < bytes; at += 65536) writeSync(file, Buffer.alloc(65536, value), 0, 65536, at);`,
      { eval: true, workerData: { path, bytes } },
    );
    await once(writer, 'message');
    try {
      for (let code: unknown; code !== 'FILE_CHANGED';) {
        const content = await readPicture(path, { maxBytes }).catch((error: { code: string }) => {
          code = error.code;
          expect(code).toBe('FILE_CHANGED');
          return null;
        });
        if (content !== null) expect(content.equals(Buffer.alloc(bytes, content[0]))).toBe(true);
      }
    } finally {
      await writer.terminate();
    }
  });
});

test('a title is what a file name says that a title may hold', () => {
  expect(titleOf('/a/IMG 1.tar.jpg')).toBe('IMG 1.tar');
  expect(titleOf('/a/two\nlines\x1b[2J.jpg')).toBe('two lines [2J');
  expect(titleOf(Buffer.from([0x2f, 0xe9, 0x61, 0x2e, 0x6a, 0x70, 0x67]))).toBe('\ufffda');
  const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
  expect(titleOf(`${'x'.repeat(197)}${family}.jpg`)).toBe('x'.repeat(197));
});
