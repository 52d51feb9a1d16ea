import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import type { AppError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { openMediaStore } from '../../src/services/media/media-store.js';
import { THUMBNAIL_WIDTHS } from '../../src/services/media/thumbnails.js';
import type { MediaStore } from '../../src/services/media/types.js';
import { inSpace, newImage, openTestCatalog, unitVector } from '../helpers/temp-catalog.js';

const workerUrl = new URL('../../dist/workers/media-worker.js', import.meta.url);
let dir: string;
let catalog: Catalog;
let store: MediaStore;

const open = (options: { dir?: string; readOnly?: boolean; workerUrl?: URL } = {}): Promise<MediaStore> =>
  openMediaStore({
    dir,
    maxPixels: 1e6,
    logger: silentLogger,
    workerUrl,
    rows: {
      formatOf: async (sha256) => (await catalog.images.byHash(sha256))?.format ?? null,
      elsewhere: async () => [],
      run: () => catalog.facts.get('run'),
      setRun: (run) => catalog.facts.set('run', run),
    },
    ...options,
  });

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'likeness-media-'));
  dir = join(parent, 'media');
  catalog = await openTestCatalog(join(parent, 'data'));
  store = await open();
});

afterEach(async () => {
  await store.close();
  await catalog.close();
  await rm(dirname(dir), { recursive: true, force: true });
});

/** As an addition does it. */
async function put({ bytes, sha256 }: Picture): Promise<void> {
  const staged = await store.stage(bytes, sha256, 'jpeg');
  await addRow(sha256);
  await staged.publish();
}

const addRow = (sha256: string) =>
  catalog.images.create(newImage('', { sha256, format: 'jpeg' }), inSpace(unitVector(1)));

/** As a removal does it. */
async function remove({ sha256 }: Picture): Promise<void> {
  const withdrawn = await store.withdraw(sha256, 'jpeg');
  await removeRow(sha256);
  await withdrawn.discard();
}

async function removeRow(sha256: string): Promise<void> {
  const image = await catalog.images.byHash(sha256);
  if (image !== null) await catalog.images.remove([image.id]);
}

/** The process is gone, and another one begins: nothing is closed. */
async function crash(): Promise<void> {
  const before = store;
  store = await open();
  closing.push(before);
}

/** Stores of "processes" that are gone: their thumbnail workers end with the test. */
const closing: MediaStore[] = [];

afterEach(async () => {
  for (const old of closing.splice(0)) await old.close();
});

/** Every file below the media folder, without thumbnails. */
async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('thumbnails'))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

interface Picture {
  readonly bytes: Buffer;
  readonly sha256: string;
}

const placeOf = ({ sha256 }: Picture): string => join(sha256.slice(0, 2), `${sha256}.jpg`);

async function runFolder(): Promise<string> {
  return join(dir, 'staged', (await catalog.facts.get('run')) as string);
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function picture(width: number, height: number, background = '#ff8000'): Promise<Picture> {
  const bytes = await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { bytes, sha256: hashOf(bytes) };
}

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const found of store.list()) names.push(...found.map(({ name }) => name));
  return names.sort();
}

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('Expected a failure');
    },
    (error: unknown) => error as AppError,
  );

test('files are kept by their hash, once, and found again', async () => {
  const one = await picture(40, 30);
  const { bytes, sha256 } = one;
  await put(one);
  await put(one);
  expect(store.path(sha256, 'jpeg')).toBe(join(dir, sha256.slice(0, 2), `${sha256}.jpg`));
  expect(await filesOnDisk()).toEqual([placeOf(one)]);
  expect(Buffer.from(await store.read(sha256, 'jpeg')).equals(bytes)).toBe(true);
  expect(store.contentType('jpeg')).toBe('image/jpeg');
  expect(await listed()).toEqual([`${sha256.slice(0, 2)}/${sha256}.jpg`]);
  expect(await store.hashOf(sha256, 'jpeg')).toBe(sha256);
  await truncate(store.path(sha256, 'jpeg'), 10);
  expect(await store.hashOf(sha256, 'jpeg')).not.toBe(sha256);
  await remove(one);
  await remove(one);
  expect(await store.hashOf(sha256, 'jpeg')).toBeNull();
  expect((await failure(store.read(sha256, 'jpeg'))).code).toBe('IMAGE_FILE_MISSING');
});

describe('a file that is not what it was', () => {
  test.each<[string, (path: string, bytes: Buffer) => Promise<void>]>([
    ['gone', (path) => rm(path)],
    ['cut off', (path) => truncate(path, 10)],
    ['empty', (path) => truncate(path, 0)],
    ['other bytes of the same length', (path, bytes) => writeFile(path, Buffer.alloc(bytes.length, 7))],
  ])('%s: is never served, and is put back by the same bytes', async (_, damage) => {
    const one = await picture(400, 300);
    const { bytes, sha256 } = one;
    const path = store.path(sha256, 'jpeg');
    await put(one);
    expect(await store.repair(bytes, sha256, 'jpeg')).toBe(false);
    expect(await store.verifiedPath(sha256, 'jpeg')).toBe(path);
    const { path: thumbnail } = await store.thumbnail(sha256, 'jpeg', 160);
    const { atime, mtime } = await stat(path);
    await damage(path, bytes);
    if (existsSync(path)) await utimes(path, atime, mtime); // the time alone does not tell
    for (const asking of [
      store.verifiedPath(sha256, 'jpeg'),
      store.read(sha256, 'jpeg'),
      store.thumbnail(sha256, 'jpeg', 320),
    ])
      expect((await failure(asking)).code).toBe('IMAGE_FILE_MISSING');
    expect(await store.repair(bytes, sha256, 'jpeg')).toBe(true);
    expect(await store.verifiedPath(sha256, 'jpeg')).toBe(path);
    expect(Buffer.from(await store.read(sha256, 'jpeg')).equals(bytes)).toBe(true);
    expect(existsSync(thumbnail)).toBe(false); // made of who knows what
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
  });

  test('a file whose name is taken by other bytes, of no picture, makes room and stays', async () => {
    const [one, other] = [await picture(40, 30), await picture(41, 31)];
    await mkdir(dirname(store.path(one.sha256, 'jpeg')));
    await writeFile(store.path(one.sha256, 'jpeg'), other.bytes);
    await put(one);
    expect(Buffer.from(await store.read(one.sha256, 'jpeg')).equals(one.bytes)).toBe(true);
    const aside = (await listed()).filter((name) => name.startsWith('staged/displaced/'));
    expect(aside).toHaveLength(1);
    expect((await readFile(join(dir, aside[0]!))).equals(other.bytes)).toBe(true);
  });
});

describe('the process ends', () => {
  test('in the middle of a write: what is half written goes', async () => {
    const one = await picture(40, 30);
    await writeFile(join(await runFolder(), `${one.sha256}.jpg.1234.tmp`), one.bytes.subarray(0, 100));
    await crash();
    expect(await filesOnDisk()).toEqual([]);
  });

  test('between file and commit: nobody was promised it, so it goes', async () => {
    const one = await picture(40, 30);
    await store.stage(one.bytes, one.sha256, 'jpeg');
    expect(await filesOnDisk()).toHaveLength(1);
    await crash();
    expect(await filesOnDisk()).toEqual([]);
  });

  test('between commit and rename: the file is found before and after, and ends in its place', async () => {
    const one = await picture(40, 30);
    await store.stage(one.bytes, one.sha256, 'jpeg');
    await addRow(one.sha256);
    expect(Buffer.from(await store.read(one.sha256, 'jpeg')).equals(one.bytes)).toBe(true);
    const reader = await open({ readOnly: true });
    expect(await reader.hashOf(one.sha256, 'jpeg')).toBe(one.sha256);
    await reader.close();
    await crash();
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
    expect(Buffer.from(await store.read(one.sha256, 'jpeg')).equals(one.bytes)).toBe(true);
  });

  test('in a removal before its commit: the file goes back to its place', async () => {
    const one = await picture(40, 30);
    await put(one);
    await store.withdraw(one.sha256, 'jpeg');
    expect(Buffer.from(await store.read(one.sha256, 'jpeg')).equals(one.bytes)).toBe(true);
    await crash();
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
  });

  test('in a removal after its commit: the file and its thumbnails go, as was asked', async () => {
    const one = await picture(400, 300);
    await put(one);
    const { path } = await store.thumbnail(one.sha256, 'jpeg', 160);
    await store.withdraw(one.sha256, 'jpeg');
    await removeRow(one.sha256);
    await crash();
    expect(await filesOnDisk()).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  test('in a repair: the file that was written anew ends in its place', async () => {
    const one = await picture(40, 30);
    await put(one);
    await truncate(store.path(one.sha256, 'jpeg'), 10);
    await writeFile(join(await runFolder(), `${one.sha256}.jpg`), one.bytes);
    await crash();
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
    expect(Buffer.from(await store.read(one.sha256, 'jpeg')).equals(one.bytes)).toBe(true);
  });

  test('and of older versions, or of thumbnails, only temporary files of ours go', async () => {
    const one = await picture(400, 300);
    await put(one);
    const { path } = await store.thumbnail(one.sha256, 'jpeg', 160);
    const left = [`${store.path(one.sha256, 'jpeg')}.x.tmp`, `${path}.y.tmp`];
    const others = [join(dir, 'z.tmp'), join(dir, 'notes.txt')];
    await Promise.all([...left, ...others].map((file) => writeFile(file, 'half')));
    await crash();
    expect(left.filter((file) => existsSync(file))).toEqual([]);
    expect([store.path(one.sha256, 'jpeg'), path, ...others].filter((file) => !existsSync(file))).toEqual([]);
  });

  test('cleanly: nothing is left but the files', async () => {
    const one = await picture(40, 30);
    await put(one);
    await store.close();
    expect(await readdir(dir)).toEqual([one.sha256.slice(0, 2)]);
    store = await open();
  });
});

describe('beside another catalog', () => {
  test('what a run of the other one had under way is left alone and listed, also when started twice', async () => {
    const one = await picture(40, 30);
    await store.stage(one.bytes, one.sha256, 'jpeg');
    const name = relative(dir, join(await runFolder(), `${one.sha256}.jpg`));
    await catalog.facts.set('run', 'of last week');
    await crash();
    await crash();
    expect(await filesOnDisk()).toEqual([name]);
    expect(await listed()).toEqual([name]);
  });

  test('a file of it whose picture is known here, and missing, goes to its place', async () => {
    const one = await picture(40, 30);
    await store.stage(one.bytes, one.sha256, 'jpeg');
    await addRow(one.sha256);
    await catalog.facts.set('run', null);
    await crash();
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
  });

  test('a file that is in its place already becomes that picture, and stays when its commit fails', async () => {
    const one = await picture(40, 30);
    await mkdir(dirname(store.path(one.sha256, 'jpeg')));
    await writeFile(store.path(one.sha256, 'jpeg'), one.bytes);
    await (await store.stage(one.bytes, one.sha256, 'jpeg')).discard();
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
    await put(one);
    expect(await filesOnDisk()).toEqual([placeOf(one)]);
  });
});

test('a staged file that gets no row is removed at once', async () => {
  const one = await picture(40, 30);
  await (await store.stage(one.bytes, one.sha256, 'jpeg')).discard();
  expect(await filesOnDisk()).toEqual([]);
});

test('a staged file that somebody tidied up before its commit is written again', async () => {
  const one = await picture(40, 30);
  const staged = await store.stage(one.bytes, one.sha256, 'jpeg');
  await addRow(one.sha256);
  await rm(join(await runFolder(), `${one.sha256}.jpg`));
  await staged.publish();
  expect(await filesOnDisk()).toEqual([placeOf(one)]);
});

test('a withdrawn file whose row stays is put back', async () => {
  const one = await picture(40, 30);
  await put(one);
  await (await store.withdraw(one.sha256, 'jpeg')).restore();
  expect(await filesOnDisk()).toEqual([placeOf(one)]);
});

test('every picture file is listed, wherever it is; what is hidden or no picture is not', async () => {
  const one = await picture(40, 30);
  await put(one);
  await store.thumbnail(one.sha256, 'jpeg', 160);
  for (const name of [
    'old/summer/beach.JPEG',
    'x.png',
    '.trash/y.png',
    'ab/.z.jpg',
    'notes.txt',
    'a.jpg.tmp',
  ]) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), '');
  }
  expect(await listed()).toEqual(
    [`${one.sha256.slice(0, 2)}/${one.sha256}.jpg`, 'old/summer/beach.JPEG', 'x.png'].sort(),
  );
});

test('a sub-folder that vanished is made again', async () => {
  const one = await picture(40, 30);
  await put(one);
  await rm(dirname(store.path(one.sha256, 'jpeg')), { recursive: true });
  await removeRow(one.sha256);
  await put(one);
  expect(await store.hashOf(one.sha256, 'jpeg')).toBe(one.sha256);
});

test('when the folder is away nothing is written in its place, and all goes on when it is back', async () => {
  const [one, other] = [await picture(40, 30), await picture(41, 30)];
  await put(one);
  await rename(dir, `${dir}-away`);
  const attempts = (): Promise<unknown>[] => [
    store.assertWritable(),
    store.stage(other.bytes, other.sha256, 'jpeg'),
    store.withdraw(one.sha256, 'jpeg'),
    store.repair(one.bytes, one.sha256, 'jpeg'),
    store.read(one.sha256, 'jpeg'),
    store.verifiedPath(one.sha256, 'jpeg'),
    store.thumbnail(one.sha256, 'jpeg', 160),
    store.hashOf(one.sha256, 'jpeg'),
    listed(),
  ];
  for (const attempt of attempts()) expect((await failure(attempt)).code).toBe('MEDIA_UNAVAILABLE');
  expect(existsSync(dir)).toBe(false);
  await mkdir(dir); // as an unmounted disk leaves it
  for (const attempt of attempts().slice(0, -1))
    expect((await failure(attempt)).code).toBe('MEDIA_UNAVAILABLE');
  expect(await readdir(dir)).toEqual([]);
  await rm(dir, { recursive: true });
  await rename(`${dir}-away`, dir);
  await put(other);
  for (const { bytes, sha256 } of [one, other])
    expect(Buffer.from(await store.read(sha256, 'jpeg')).equals(bytes)).toBe(true);
});

test('a folder that cannot be written is named', async () => {
  await writeFile(join(dir, 'file'), '');
  const error = await failure(open({ dir: join(dir, 'file', 'x') }));
  expect(error.code).toBe('STORAGE_FAILED');
});

test('thumbnails come in a few widths, are made once, and are never larger than the picture', async () => {
  const one = await picture(500, 250);
  const { sha256 } = one;
  await put(one);
  const [first, same] = await Promise.all([
    store.thumbnail(sha256, 'jpeg', 300),
    store.thumbnail(sha256, 'jpeg', 161),
  ]);
  expect(first).toEqual(same);
  expect(first).toMatchObject({ width: 320, contentType: 'image/webp' });
  expect(await sharp(await readFile(first.path)).metadata()).toMatchObject({
    width: 320,
    height: 160,
    format: 'webp',
  });
  const { mtimeMs, ino } = await stat(first.path);
  await store.thumbnail(sha256, 'jpeg', 320);
  expect(await stat(first.path)).toMatchObject({ mtimeMs, ino });

  const large = await store.thumbnail(sha256, 'jpeg', 4096);
  expect(large.width).toBe(THUMBNAIL_WIDTHS.at(-1));
  expect(await sharp(await readFile(large.path)).metadata()).toMatchObject({ width: 500, height: 250 });
  expect(await listed()).toHaveLength(1);

  await remove(one);
  expect([existsSync(first.path), existsSync(large.path)]).toEqual([false, false]);
});

test('a thumbnail of a picture that is removed before the worker reads it: it is gone, nothing failed', async () => {
  const one = await picture(500, 250);
  await put(one);
  // A worker that comes too late, always.
  const late = join(dirname(dir), 'late-worker.mjs');
  await writeFile(
    late,
    `import { readFile, rm } from 'node:fs/promises';
     import { serveJobs } from ${JSON.stringify(new URL('../../dist/lib/worker-pool/worker-process.js', import.meta.url).href)};
     serveJobs(async () => ({
       run: async ({ source }) => {
         await rm(source);
         return readFile(source);
       },
     }));`,
  );
  await store.close();
  store = await open({ workerUrl: pathToFileURL(late) });
  expect((await failure(store.thumbnail(one.sha256, 'jpeg', 160))).code).toBe('IMAGE_FILE_MISSING');
});

test('a thumbnail of a picture that is moved to its place before the worker reads it is made from there', async () => {
  const one = await picture(500, 250);
  await store.close();
  const late = join(dirname(dir), 'moving-worker.mjs');
  await writeFile(
    late,
    `import { mkdir, readFile, rename } from 'node:fs/promises';
     import { basename, dirname, join } from 'node:path';
     import { serveJobs } from ${JSON.stringify(new URL('../../dist/lib/worker-pool/worker-process.js', import.meta.url).href)};
     serveJobs(async () => ({
       run: async ({ source }) => {
         if (source.includes('/staged/')) {
           const folder = join(dirname(dirname(dirname(source))), basename(source).slice(0, 2));
           await mkdir(folder, { recursive: true });
           await rename(source, join(folder, basename(source)));
         }
         return readFile(source);
       },
     }));`,
  );
  store = await open({ workerUrl: pathToFileURL(late) });
  await store.stage(one.bytes, one.sha256, 'jpeg');
  const { path } = await store.thumbnail(one.sha256, 'jpeg', 160);
  expect(await readFile(path)).toEqual(Buffer.from(one.bytes));
});

test('a thumbnail of a file that is gone or broken is an error, not a file', async () => {
  const { bytes, sha256 } = await picture(500, 250);
  expect((await failure(store.thumbnail(sha256, 'jpeg', 160))).code).toBe('IMAGE_FILE_MISSING');
  const half = bytes.subarray(0, bytes.length / 2);
  const broken = { bytes: half, sha256: hashOf(half) };
  await put(broken);
  expect((await failure(store.thumbnail(broken.sha256, 'jpeg', 160))).code).toBe('IMAGE_UNREADABLE');
  await put({ bytes, sha256 });
  const { path } = await store.thumbnail(sha256, 'jpeg', 160);
  expect(await readdir(dirname(path))).toEqual([`${sha256}.webp`]);
});
