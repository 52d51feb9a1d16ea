import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { AppError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import { openMediaStore, THUMBNAIL_WIDTHS } from '../../src/services/media/media-store.js';
import type { MediaStore, StoredFile } from '../../src/services/media/types.js';

const workerUrl = new URL('../../dist/workers/media-worker.js', import.meta.url);
let dir: string;
let store: MediaStore;

const open = (): Promise<MediaStore> =>
  openMediaStore({ dir, maxPixels: 1e6, logger: silentLogger, workerUrl });

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'likeness-media-')), 'media');
  store = await open();
});

afterEach(async () => {
  await store.close();
  await rm(dirname(dir), { recursive: true, force: true });
});

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function picture(width: number, height: number, background = '#ff8000') {
  const bytes = await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { bytes, sha256: hashOf(bytes) };
}

async function listed(): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of store.list()) files.push(file);
  return files;
}

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('Expected a failure');
    },
    (error: unknown) => error as AppError,
  );

test('files are kept by their hash, once, and found again', async () => {
  const { bytes, sha256 } = await picture(40, 30);
  await Promise.all([store.put(bytes, sha256, 'jpeg'), store.put(bytes, sha256, 'jpeg')]);
  await store.put(bytes, sha256, 'jpeg');
  expect(store.path(sha256, 'jpeg')).toBe(join(dir, sha256.slice(0, 2), `${sha256}.jpg`));
  expect(await readdir(join(dir, sha256.slice(0, 2)))).toEqual([`${sha256}.jpg`]);
  expect(Buffer.from(await store.read(sha256, 'jpeg')).equals(bytes)).toBe(true);
  expect(store.contentType('jpeg')).toBe('image/jpeg');
  expect(await listed()).toEqual([{ sha256, format: 'jpeg' }]);
  expect(await store.hashOf(sha256, 'jpeg')).toBe(sha256);
  await truncate(store.path(sha256, 'jpeg'), 10);
  expect(await store.hashOf(sha256, 'jpeg')).not.toBe(sha256);
  await store.put(bytes, sha256, 'jpeg'); // mends it
  expect(await store.hashOf(sha256, 'jpeg')).toBe(sha256);
  await store.remove(sha256, 'jpeg');
  await store.remove(sha256, 'jpeg');
  expect(await store.hashOf(sha256, 'jpeg')).toBeNull();
  expect((await failure(store.read(sha256, 'jpeg'))).code).toBe('STORAGE_FAILED');
});

test('what a killed write left is removed at the next start, and nothing else', async () => {
  const { bytes, sha256 } = await picture(40, 30);
  await store.put(bytes, sha256, 'jpeg');
  const { path } = await store.thumbnail(sha256, 'jpeg', 160);
  const left = [`${store.path(sha256, 'jpeg')}.x.tmp`, `${path}.y.tmp`, join(dir, 'z.tmp')];
  await Promise.all(left.map((file) => writeFile(file, 'half')));
  await store.close();
  store = await open();
  expect(left.filter((file) => existsSync(file))).toEqual([]);
  expect([existsSync(store.path(sha256, 'jpeg')), existsSync(path)]).toEqual([true, true]);
});

test('a folder that vanished is made again', async () => {
  const { bytes, sha256 } = await picture(40, 30);
  await store.put(bytes, sha256, 'jpeg');
  await rm(dirname(store.path(sha256, 'jpeg')), { recursive: true });
  await store.put(bytes, sha256, 'jpeg');
  expect(await store.hashOf(sha256, 'jpeg')).toBe(sha256);
});

test('a folder that cannot be written is named', async () => {
  await writeFile(join(dir, 'file'), '');
  const error = await failure(
    openMediaStore({ dir: join(dir, 'file', 'x'), maxPixels: 1, logger: silentLogger, workerUrl }),
  );
  expect(error.code).toBe('STORAGE_FAILED');
});

test('thumbnails come in a few widths, are made once, and are never larger than the picture', async () => {
  const { bytes, sha256 } = await picture(500, 250);
  await store.put(bytes, sha256, 'jpeg');
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

  await store.remove(sha256, 'jpeg');
  expect([existsSync(first.path), existsSync(large.path)]).toEqual([false, false]);
});

test('a thumbnail of a file that is gone or broken is an error, not a file', async () => {
  const { bytes, sha256 } = await picture(500, 250);
  expect((await failure(store.thumbnail(sha256, 'jpeg', 160))).code).toBe('STORAGE_FAILED');
  await mkdir(dirname(store.path(sha256, 'jpeg')), { recursive: true });
  await writeFile(store.path(sha256, 'jpeg'), bytes.subarray(0, bytes.length / 2));
  expect((await failure(store.thumbnail(sha256, 'jpeg', 160))).code).toBe('IMAGE_UNREADABLE');
  await store.put(bytes, sha256, 'jpeg');
  const { path } = await store.thumbnail(sha256, 'jpeg', 160);
  expect(await readdir(dirname(path))).toEqual([`${sha256}.webp`]);
});
