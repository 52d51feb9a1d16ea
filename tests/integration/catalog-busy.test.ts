import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../../src/services/catalog/types.js';
import { databaseLocker, type DatabaseLocker } from '../helpers/database-locker.js';
import { rejectionOf } from '../helpers/rejection.js';
import { SPACE, addImages, inSpace, newImage, openTestCatalog, unitVector } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let dir: string;
let catalog: Catalog;
let other: DatabaseLocker;
let id: number;

beforeEach(async () => {
  dir = await temporaryDir();
  catalog = await openTestCatalog(dir);
  [id] = (await addImages(catalog, ['first'])) as [number];
  other = databaseLocker(join(dir, 'likeness.db'));
});

afterEach(async () => {
  await other.end();
  await catalog.close();
});

const search = (searchId: string) => ({
  id: searchId,
  visitorId: 'visitor-1',
  createdAt: new Date(),
  modelId: 'tiny',
  spaceId: SPACE,
  queryImageId: id,
  thumbnail: null,
  thumbnailType: null,
  totalMs: 1,
  matches: [],
  query: null,
});

/** One of each way in which the catalog writes. */
const WRITES: Record<string, () => Promise<unknown>> = {
  'an addition': () => catalog.images.create(newImage('second'), inSpace(unitVector(2))),
  tags: () => catalog.images.tag([id], ['blue'], []),
  'a removal': () => catalog.images.remove([id]),
  'a search record': () => catalog.searches.record([search('3f0e4a51-0000-4000-8000-000000000001')]),
  vectors: () => catalog.vectors.put(SPACE, [{ id, vector: unitVector(7) }]),
  'a recorded failure': () =>
    catalog.vectors.recordFailure({
      imageId: id,
      spaceId: SPACE,
      code: 'IMAGE_UNREADABLE',
      message: 'broken',
    }),
  'a fact': () => catalog.facts.set('key', 'value'),
  'a space': () => catalog.vectors.ensureSpace({ id: 'other', modelId: 'other', dimension: 4 }),
};

const counts = async () => ({
  images: await catalog.images.count(),
  tags: (await catalog.images.byId(id))?.tags,
  searches: (await catalog.searches.list({ visitorId: 'visitor-1', first: 10 })).totalCount,
  meta: await catalog.facts.get('key'),
  failures: await catalog.vectors.countFailures(SPACE),
});

describe('while another process holds the write lock', () => {
  test('every write says SERVER_BUSY and does nothing, reading goes on, and all writes work when it is free', async () => {
    const before = await counts();
    await other.lock();
    const errors = await Promise.all(Object.values(WRITES).map((write) => rejectionOf(write())));
    for (const { code, info, details } of errors) {
      expect({ code, retryable: info.retryable, details }).toEqual({
        code: 'SERVER_BUSY',
        retryable: true,
        details: { retryAfterMs: 1000 },
      });
    }
    expect(await counts()).toEqual(before);
    await other.free();
    for (const write of Object.values(WRITES)) await write();
    expect(await catalog.images.byId(id)).toBeNull();
    expect(await catalog.images.count()).toBe(1);
    expect(await catalog.integrityProblems()).toEqual([]);
  });

  test('a write waits for a short lock, and reading and the event loop do not wait for the write', async () => {
    await other.lock();
    let written = false;
    const writing = catalog.images.tag([id], ['blue'], []).then(() => (written = true));
    for (let i = 0; i < 20; i++) expect((await catalog.images.byId(id))?.tags).toEqual([]);
    expect(written).toBe(false);
    await other.free();
    await writing;
    expect((await catalog.images.byId(id))?.tags).toEqual(['blue']);
  });

  test('what was acknowledged after it is there for others and after a restart', async () => {
    await other.lock();
    await rejectionOf(catalog.facts.set('lost', 'no'));
    await rejectionOf(catalog.images.tag([id], ['no'], []));
    await other.free();
    await catalog.facts.set('kept', 'yes');
    await catalog.images.tag([id], ['yes'], []);
    const reader = await openTestCatalog(dir); // a second connection sees only what is committed
    expect([await reader.facts.get('lost'), await reader.facts.get('kept')]).toEqual([null, 'yes']);
    expect((await reader.images.byId(id))?.tags).toEqual(['yes']);
    await reader.close();
  });
});

test('a database that is locked when it is opened is waited for, or said to be busy', async () => {
  await catalog.close();
  const copy = join(dir, 'copy');
  await mkdir(copy);
  await copyFile(join(dir, 'likeness.db'), join(copy, 'likeness.db'));
  other = databaseLocker(join(copy, 'likeness.db'));
  await other.run('PRAGMA locking_mode = EXCLUSIVE'); // nobody else may even read
  await other.lock();
  expect((await rejectionOf(openTestCatalog(copy))).code).toBe('SERVER_BUSY');
  const opening = openTestCatalog(copy);
  await other.end();
  catalog = await opening;
  expect(await catalog.images.count()).toBe(1);
});

test('a text that is not well-formed is refused by the last gate, and the process lives', async () => {
  const errors = await Promise.all([
    rejectionOf(catalog.images.create(newImage('x', { title: '\ud800x' }), inSpace(unitVector(1)))),
    rejectionOf(catalog.facts.set('\udc00', 'x')),
    rejectionOf(catalog.searches.list({ visitorId: '\ud800', first: 1 })),
    rejectionOf(catalog.searches.byId('\udfff')),
  ]);
  expect(errors.map(({ code }) => code)).toEqual(Array(4).fill('BAD_USER_INPUT'));
  expect(await catalog.images.count()).toBe(1);
});
