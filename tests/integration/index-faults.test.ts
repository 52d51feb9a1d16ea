import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../src/logger.js';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import { openVectorIndex } from '../../src/services/vector-index/open.js';
import type { VectorIndexStatus } from '../../src/services/vector-index/vector-index.js';
import { addToGallery, dataOf, request, searchByImage } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { copyOf, startServer, type TestServer } from '../helpers/server.js';
import { MIGRATIONS_DIR } from '../helpers/temp-catalog.js';
import { TINY_DIMENSION } from '../helpers/tiny-model.js';

const COUNT = 30;
let whole: TestServer;
let server: TestServer;
const pictures: Buffer[] = [];
const ids: string[] = [];

beforeAll(async () => {
  whole = await startServer({ tiny: true });
  for (let i = 0; i < COUNT; i++) {
    pictures.push(await jpeg(i, 96, 72));
    ids.push((await addToGallery(whole.url, pictures[i]!)).image.id);
  }
  expect(await whole.stop()).toBe(0);
});

afterAll(() => whole.dispose());

/** Each test damages a copy. */
beforeEach(async () => {
  server = await copyOf(whole);
});

afterEach(() => server.dispose());

interface IndexFields {
  readonly size: number;
  readonly mode: string;
  readonly rebuilding: boolean;
  readonly generation: number;
  readonly problem: string | null;
}

async function indexStatus(): Promise<IndexFields> {
  return dataOf(
    await request<{ status: { index: IndexFields } }>(
      server.url,
      '{ status { index { size mode rebuilding generation problem } } }',
    ),
  ).status.index;
}

async function expectRightAnswers(): Promise<void> {
  for (const i of [0, 13, COUNT - 1]) {
    const best = dataOf(await searchByImage(server.url, pictures[i]!, { topK: 1 })).searchByImage.matches[0];
    expect(best).toMatchObject({ similarity: expect.closeTo(1, 5), image: { id: ids[i] } });
  }
}

async function snapshotFiles(): Promise<{ manifest: string; graph: string }> {
  const [space] = await readdir(join(server.dir, 'index'));
  const dir = join(server.dir, 'index', space!);
  const manifest = join(dir, 'MANIFEST.json');
  const { file } = JSON.parse(await readFile(manifest, 'utf8')) as { file: string };
  return { manifest, graph: join(dir, file) };
}

async function flipBit(path: string, at: number): Promise<void> {
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0]! ^= 0x10;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

const editManifest = async (fields: object): Promise<void> => {
  const { manifest } = await snapshotFiles();
  await writeFile(
    manifest,
    JSON.stringify({ ...(JSON.parse(await readFile(manifest, 'utf8')) as object), ...fields }),
  );
};

/** What the next start would find, without one. */
async function statusOfSnapshot(): Promise<VectorIndexStatus> {
  const [spaceId] = await readdir(join(server.dir, 'index'));
  const catalog = await openCatalog({
    databaseUrl: `file:${join(server.dir, 'data', 'likeness.db')}`,
    migrationsDir: MIGRATIONS_DIR,
    logger: silentLogger,
    readOnly: true,
  });
  const index = await openVectorIndex({
    dir: join(server.dir, 'index'),
    spaceId: spaceId!,
    dimension: TINY_DIMENSION,
    vectors: catalog.vectors.pages(spaceId!),
    logger: silentLogger,
    readOnly: true,
  });
  try {
    return await index.status();
  } finally {
    await index.close();
    await catalog.close();
  }
}

test('a sound snapshot is used as it is', async () => {
  await server.restart();
  expect(await indexStatus()).toMatchObject({ size: COUNT, mode: 'exact', problem: null });
  await expectRightAnswers();
});

test.each<[string, () => Promise<void>]>([
  ['deleted', () => rm(join(server.dir, 'index'), { recursive: true })],
  ['without its manifest', async () => rm((await snapshotFiles()).manifest)],
  ['without its graph', async () => rm((await snapshotFiles()).graph)],
  [
    'truncated',
    async () => {
      const { graph } = await snapshotFiles();
      await truncate(graph, (await stat(graph)).size - 100);
    },
  ],
  ['emptied', async () => truncate((await snapshotFiles()).graph, 0)],
  ['bit-flipped in its header', async () => flipBit((await snapshotFiles()).graph, 9)],
  [
    'bit-flipped in the middle',
    async () => {
      const { graph } = await snapshotFiles();
      await flipBit(graph, (await stat(graph)).size >> 1);
    },
  ],
  [
    'with a manifest that is no JSON',
    async () => writeFile((await snapshotFiles()).manifest, '{"formatVersion": 1,'),
  ],
  ['of another dimension', () => editManifest({ dimension: 384 })],
  ['of another space', () => editManifest({ spaceId: 'other-000000000000' })],
])('an index that is %s: the server starts, says so, answers rightly and rebuilds', async (_what, damage) => {
  await damage();
  await server.restart();
  await expectRightAnswers();
  expect((await indexStatus()).problem).toEqual(expect.any(String));
  expect(server.output()).toMatch(/index/i);
  await server.until(async () => {
    const { generation, rebuilding } = await indexStatus();
    return generation > 0 && !rebuilding;
  });
  await expectRightAnswers();
  expect(await server.stop()).toBe(0);
  expect(await statusOfSnapshot()).toMatchObject({ size: COUNT, problem: null });
});

test('an index of a newer format is refused, and left as it is', async () => {
  await editManifest({ formatVersion: 999 });
  const before = await readFile((await snapshotFiles()).manifest, 'utf8');
  const { code, output } = await server.restartExpectingFailure();
  expect(code).toBe(4);
  expect(output).toContain('INDEX_TOO_NEW');
  expect(await readFile((await snapshotFiles()).manifest, 'utf8')).toBe(before);
  await editManifest({ formatVersion: 1 });
});

test('a second server on the same data is told who holds it', async () => {
  await server.restart();
  const second = await startServer({ tiny: true, dir: server.dir, expectFailure: true });
  expect(second.exit).toMatchObject({ code: 4 });
  expect(second.output()).toContain('DATA_LOCKED');
  await expectRightAnswers();
});
