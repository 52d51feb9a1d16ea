import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open as openFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { silentLogger } from '../../src/logger.js';
import {
  MIGRATIONS_DIR,
  SPACE,
  addImages,
  inSpace,
  newImage,
  openTestCatalog,
  unitVector,
} from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await temporaryDir();
  file = join(dir, 'likeness.db');
});

const open = (databaseUrl: string, readOnly = false): Promise<Catalog> =>
  openCatalog({ databaseUrl, migrationsDir: MIGRATIONS_DIR, logger: silentLogger, readOnly });

describe('the file', () => {
  test('is made with its folder; its path may be relative and have spaces, percent signs and Chinese in it', async () => {
    const path = join(dir, 'new folder', '100%25 #1 图?', 'a.db');
    const catalog = await open(`file:${relative(process.cwd(), path)}`);
    await catalog.facts.set('a', 'b');
    await catalog.close();
    expect((await stat(path)).isFile()).toBe(true);
    const again = await open(`file:${path}`);
    expect(await again.facts.get('a')).toBe('b');
    await again.close();
  });

  test('is named by file:<path> and nothing else', async () => {
    for (const url of ['', 'file:', 'file::memory:', 'postgres://localhost/x', file]) {
      await expect(open(url)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { path: 'databaseUrl' },
      });
    }
  });

  test('that is no database is refused by name and left alone', async () => {
    const text = 'These are my notes, no database at all.\n'.repeat(100);
    await writeFile(file, text);
    for (const readOnly of [false, true]) {
      await expect(open(`file:${file}`, readOnly)).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringContaining(file),
      });
    }
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('cannot be a folder', async () => {
    await mkdir(file);
    for (const readOnly of [false, true]) {
      await expect(open(`file:${file}`, readOnly)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    }
  });

  test('whose folder cannot be made is refused', async () => {
    await writeFile(join(dir, 'taken'), '');
    await expect(open(`file:${join(dir, 'taken', 'a.db')}`)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
  });

  test('that is damaged says so: at the start or, if only in part, in the check', async () => {
    const catalog = await openTestCatalog(dir);
    await addImages(
      catalog,
      Array.from({ length: 60 }, (_, i) => `${i}`),
    );
    await catalog.close();

    const damaged = join(dir, 'damaged.db');
    await copyFile(file, damaged);
    await overwrite(damaged, 0, 100);
    await expect(open(`file:${damaged}`)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(damaged),
    });

    const { size } = await stat(file);
    await overwrite(file, size - 3 * 4096, 3 * 4096);
    const partly = await open(`file:${file}`, true);
    expect(await partly.integrityProblems()).not.toEqual([]);
    await partly.close();
  });
});

async function overwrite(path: string, position: number, length: number): Promise<void> {
  const handle = await openFile(path, 'r+');
  await handle.write(Buffer.alloc(length, 0x5a), 0, length, position);
  await handle.close();
}

describe('a reader', () => {
  test('needs a database that is there, and makes none', async () => {
    await expect(open(`file:${file}`, true)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('no database'),
    });
    expect(existsSync(file)).toBe(false);
  });

  test('sees what a writer beside it commits, and writes nothing', async () => {
    const writer = await openTestCatalog(dir);
    await addImages(writer, ['a']);
    const reader = await open(`file:${file}`, true);
    expect(await reader.images.count()).toBe(1);
    await addImages(writer, ['b'], { tags: ['t'] });
    expect(await reader.images.byId(2)).toMatchObject({ title: 'b', tags: ['t'] });
    expect(await reader.integrityProblems()).toEqual([]);

    const refusals: (() => Promise<unknown>)[] = [
      () => reader.images.create(newImage('c'), inSpace(unitVector(1))),
      () => reader.images.tag([1], ['x'], []),
      () => reader.images.remove([1]),
      () => reader.facts.set('a', 'b'),
      () => reader.vectors.put(SPACE, [{ id: 1, vector: unitVector(2) }]),
    ];
    for (const refused of refusals) {
      await expect(refused()).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringContaining('reading only'),
      });
    }
    await addImages(writer, ['d']); // the refused transactions hold no lock
    expect(await reader.images.count()).toBe(3);
    await reader.close();
    await writer.close();
  });
});

describe('closing', () => {
  test('waits for what is under way, happens once, and refuses what comes later', async () => {
    const catalog = await openTestCatalog(dir);
    const added = Promise.all(
      ['a', 'b', 'c'].map((name) => catalog.images.create(newImage(name), inSpace(unitVector(1)))),
    );
    const closed = catalog.close();
    expect(catalog.close()).toBe(closed);
    await closed;
    expect((await added).map(({ created }) => created)).toEqual([true, true, true]);
    await expect(catalog.images.count()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(catalog.vectors.pages(SPACE)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
  });

  test('leaves everything in the one file', async () => {
    const catalog = await openTestCatalog(dir);
    await addImages(catalog, ['a', 'b']);
    await catalog.close();
    await copyFile(file, join(dir, 'copy.db'));
    const copy = await open(`file:${join(dir, 'copy.db')}`, true);
    expect(await copy.images.count()).toBe(2);
    await copy.close();
  });
});

/** Adds pictures until it is killed, and says each one's number when it is acknowledged. Runs the built catalog. */
const WRITER = `
  const [catalogUrl, databaseUrl, migrationsDir, spaceId] = process.argv.slice(1);
  const { openCatalog } = await import(catalogUrl);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const catalog = await openCatalog({ databaseUrl, migrationsDir, logger });
  const add = async (n) => {
    const image = { sha256: 'hash ' + n, title: 'T' + n, width: 1, height: 1, format: 'png', bytes: 1, tags: ['t' + n] };
    await catalog.images.create(image, [{ spaceId, vector: Float32Array.of(n, 0, 0, 0) }]);
    process.stdout.write(n + '\\n');
  };
  for (let n = 1; ; n += 3) await Promise.all([add(n), add(n + 1), add(n + 2)]);
`;

test('what was acknowledged survives kill -9, and nothing is there by halves', async () => {
  await (await openTestCatalog(dir)).close();
  const catalogUrl = pathToFileURL(resolve('dist/services/catalog/catalog.js')).href;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', WRITER, catalogUrl, `file:${file}`, MIGRATIONS_DIR, SPACE],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const acknowledged: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(Number(line));
    if (acknowledged.length === 60) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  expect(acknowledged.length).toBeGreaterThanOrEqual(60);

  const catalog = await openTestCatalog(dir);
  expect(await catalog.integrityProblems()).toEqual([]);
  for (const n of acknowledged) {
    expect(await catalog.images.byHash(`hash ${n}`)).toMatchObject({ title: `T${n}`, tags: [`t${n}`] });
  }
  const rows = await catalog.images.count();
  expect(await catalog.vectors.count(SPACE)).toBe(rows);
  expect(await catalog.images.tagCounts()).toHaveLength(rows);
  await catalog.close();
});
