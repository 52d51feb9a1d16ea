import {
  appendFile,
  copyFile,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import type { Manifest } from '../../../src/services/vector-index/snapshot.js';
import type { VectorIndexOptions } from '../../../src/services/vector-index/open.js';
import type { LabelledVector, VectorIndex } from '../../../src/services/vector-index/vector-index.js';
import {
  clustered,
  labelsOf,
  leaveSnapshot,
  open,
  oracle,
  readManifest,
  recordingLogger,
  SPACE,
} from './support.js';

const entries = clustered(800, 41);

interface Damaged {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly graph: string;
  readonly manifestPath: string;
}

async function damagedBy(damage: (paths: Damaged) => Promise<void>): Promise<Damaged> {
  const dir = await temporaryDir();
  const manifest = await leaveSnapshot(dir, entries);
  const paths = {
    dir,
    manifest,
    graph: join(dir, SPACE, manifest.file),
    manifestPath: join(dir, SPACE, 'MANIFEST.json'),
  };
  await damage(paths);
  return paths;
}

async function flipBit(path: string, position: number): Promise<void> {
  const file = await openFile(path, 'r+');
  try {
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, position);
    byte[0]! ^= 0x10;
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}

async function edit({ manifestPath, manifest }: Damaged, fields: object): Promise<void> {
  await writeFile(manifestPath, JSON.stringify({ ...manifest, ...fields }));
}

async function expectExactAnswers(index: VectorIndex, all: readonly LabelledVector[]): Promise<void> {
  for (const { vector } of all.filter((_, i) => i % 100 === 0)) {
    expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(all, vector, 10)));
  }
}

const recordBytes = 4 + 48 * 4 + 32 * 4 + 8; // M 24, 32 dimensions

const DAMAGES: readonly [string, (paths: Damaged) => Promise<void>][] = [
  ['the graph is deleted', ({ graph }) => rm(graph)],
  ['the graph is empty', ({ graph }) => truncate(graph, 0)],
  ['the graph is truncated in its header', ({ graph }) => truncate(graph, 50)],
  ['the graph is truncated in its records', ({ graph }) => truncate(graph, 10_000)],
  ['the graph lacks its last byte', async ({ graph, manifest }) => truncate(graph, manifest.bytes - 1)],
  ['the graph has a byte too many', ({ graph }) => appendFile(graph, 'x')],
  ['a bit is flipped in the header', ({ graph }) => flipBit(graph, 16)],
  ['a bit is flipped in the links', ({ graph }) => flipBit(graph, 96 + 300 * recordBytes + 9)],
  ['a bit is flipped in a vector', ({ graph }) => flipBit(graph, 96 + 300 * recordBytes + 4 + 192 + 40)],
  ['a bit is flipped in a label', ({ graph }) => flipBit(graph, 96 + 301 * recordBytes - 8)],
  ['a bit is flipped at the end', ({ graph, manifest }) => flipBit(graph, manifest.bytes - 1)],
  ['the manifest is deleted', ({ manifestPath }) => rm(manifestPath)],
  ['the manifest is empty', ({ manifestPath }) => writeFile(manifestPath, '')],
  ['the manifest is garbage', ({ manifestPath }) => writeFile(manifestPath, Buffer.from([0, 255, 1, 254]))],
  ['the manifest is no object', ({ manifestPath }) => writeFile(manifestPath, '[1]')],
  [
    'the manifest is a folder',
    async ({ manifestPath, dir }) => {
      await rm(manifestPath);
      await rename(join(dir, SPACE), join(dir, 'aside'));
      await mkdir(manifestPath, { recursive: true });
    },
  ],
  ['the manifest names another size', (paths) => edit(paths, { bytes: paths.manifest.bytes + 1 })],
  ['the manifest names another hash', (paths) => edit(paths, { sha256: 'f'.repeat(64) })],
  ['the manifest names another count', (paths) => edit(paths, { live: 799 })],
  ['the manifest names another dimension', (paths) => edit(paths, { dimension: 64 })],
  ['the manifest names another space', (paths) => edit(paths, { spaceId: 'space-b' })],
  ['the manifest names a file outside', (paths) => edit(paths, { file: '../graph-1.hnsw' })],
  ['the manifest lacks a field', (paths) => edit(paths, { generation: undefined })],
];

describe('a snapshot that does not count', () => {
  test.each(DAMAGES)('%s: serves exactly, says so, and builds a new one', async (_what, damage) => {
    const { dir } = await damagedBy(damage);
    const logger = recordingLogger();
    const index = await open(dir, entries, { logger });
    expect(await index.status()).toMatchObject({ size: 800, mode: 'exact', rebuilding: true });
    expect((await index.status()).problem).toMatch(/^The(re)? .*\.$/);
    expect(logger.lines.map(({ level }) => level)).toContain('warn');
    await expectExactAnswers(index, entries);
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'hnsw', rebuilding: false, unsavedChanges: 0 });
    await expectExactAnswers(index, entries);
    await index.close();

    const again = await open(dir, entries);
    expect(await again.status()).toMatchObject({ mode: 'hnsw', problem: null });
    await again.close();
  });

  test('another dimension than the snapshot has', async () => {
    const { dir } = await damagedBy(async () => {});
    const other = clustered(300, 42, { dimension: 48 });
    const index = await open(dir, other, { dimension: 48 });
    expect(await index.status()).toMatchObject({ size: 300, mode: 'exact' });
    expect((await index.status()).problem).toContain('another dimension');
    await index.close();
  });

  test('other graph parameters than asked for', async () => {
    const { dir } = await damagedBy(async () => {});
    const index = await open(dir, entries, { m: 8 });
    expect((await index.status()).problem).toContain('other graph parameters');
    await index.settled();
    expect((await index.status()).mode).toBe('hnsw');
    await index.close();
  });

  test("another gallery's snapshot with the same labels", async () => {
    const { dir } = await damagedBy(async () => {});
    const others = clustered(800, 43);
    const index = await open(dir, others);
    expect((await index.status()).mode).toBe('exact');
    expect((await index.status()).problem).toContain(
      "It lacks 800 of the catalog's 800 vectors, and has 800 that the catalog does not have.",
    );
    await expectExactAnswers(index, others);
    await index.close();
  });

  test('a newer format is refused and left alone', async () => {
    const paths = await damagedBy((found) => edit(found, { formatVersion: 3 }));
    const before = await readdir(join(paths.dir, SPACE));
    await expect(open(paths.dir, entries)).rejects.toMatchObject({ code: 'INDEX_TOO_NEW' });
    expect(await readdir(join(paths.dir, SPACE))).toEqual(before);
  });
});

describe('a snapshot that counts', () => {
  test('differs from the catalog by a few: what is missing comes in, what is gone goes out', async () => {
    const { dir } = await damagedBy(async () => {});
    const extra = clustered(860, 44).slice(800);
    const truth = [...entries.slice(30), ...extra];
    const index = await open(dir, truth);
    expect(await index.status()).toMatchObject({
      size: 830,
      mode: 'hnsw',
      problem: null,
      unsavedChanges: 90,
    });
    await expectExactAnswers(index, truth);
    await index.close();
    expect(await readManifest(dir)).toMatchObject({ live: 830, nodes: 860 });
  });

  test('differs by a changed vector', async () => {
    const { dir } = await damagedBy(async () => {});
    const truth = entries.map((entry) =>
      entry.label === 5 ? { label: 5, vector: entries[400]!.vector } : entry,
    );
    const index = await open(dir, truth);
    expect(await index.status()).toMatchObject({ mode: 'hnsw', unsavedChanges: 1 });
    expect(labelsOf(await index.search(entries[400]!.vector, 2))).toEqual([5, 401]);
    await index.close();
  });

  test('a label removed and, by the catalog, back again is found', async () => {
    const dir = await temporaryDir();
    const index = await open(dir, entries);
    await index.settled();
    await index.remove([5]);
    await index.close();
    const again = await open(dir, entries);
    expect(await again.status()).toMatchObject({ size: 800, mode: 'hnsw', unsavedChanges: 1 });
    expect(labelsOf(await again.search(entries[4]!.vector, 1))).toEqual([5]);
    await again.close();
  });

  test('differs by many: search is exact until the graph has caught up', async () => {
    const dir = await temporaryDir();
    const many = clustered(2_000, 45);
    await leaveSnapshot(dir, many.slice(0, 1_600));
    const index = await open(dir, many);
    expect(await index.status()).toMatchObject({
      size: 2_000,
      mode: 'exact',
      rebuilding: true,
      problem: null,
    });
    await expectExactAnswers(index, many);
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'hnsw', rebuilding: false, unsavedChanges: 400 });
    await expectExactAnswers(index, many);
    await index.close();
  });

  test('leftovers of a crash, also between graph and manifest, are cleared away', async () => {
    const { dir, manifest } = await damagedBy(async ({ dir, graph }) => {
      await copyFile(graph, join(dir, SPACE, 'graph-2.hnsw')); // renamed, but the manifest never came
      await writeFile(join(dir, SPACE, 'graph-abc.tmp'), 'half');
      await writeFile(join(dir, SPACE, 'MANIFEST.json.abc.tmp'), '{');
    });
    const index = await open(dir, entries);
    expect(await index.status()).toMatchObject({ mode: 'hnsw', generation: 1, problem: null });
    expect((await readdir(join(dir, SPACE))).sort()).toEqual(['MANIFEST.json', manifest.file].sort());
    await index.close();
  });

  test('is replaced by the next generation, and only when something changed', async () => {
    const { dir } = await damagedBy(async () => {});
    const index = await open(dir, entries);
    await index.save();
    expect((await index.status()).generation).toBe(1);
    await index.remove([1]);
    expect((await index.status()).unsavedChanges).toBe(1);
    await Promise.all([index.save(), index.save()]);
    expect(await index.status()).toMatchObject({ generation: 2, unsavedChanges: 0 });
    expect((await readdir(join(dir, SPACE))).sort()).toEqual(['MANIFEST.json', 'graph-2.hnsw']);
    await index.close();
    expect((await index.status()).generation).toBe(2);
  });

  test('changes during a save are kept for the next', async () => {
    const { dir } = await damagedBy(async () => {});
    const index = await open(dir, entries.slice(1));
    await index.remove([2]);
    const saving = index.save();
    const isWriting = async (): Promise<boolean> =>
      (await readdir(join(dir, SPACE))).some((name) => name.endsWith('.tmp')) ||
      (await index.status()).generation > 1;
    while (!(await isWriting()));
    await index.add([entries[1]!]);
    await saving;
    expect((await index.status()).unsavedChanges).toBe(1);
    await index.close();
    const again = await open(dir, entries.slice(1));
    expect(await again.status()).toMatchObject({ mode: 'hnsw', unsavedChanges: 0 });
    await again.close();
  });

  test('is written a while after a change, by itself', async () => {
    const { dir } = await damagedBy(async () => {});
    const index = await open(dir, entries, { saveAfterMs: 1 });
    await index.remove([1]);
    const folder = join(dir, SPACE);
    while ((await index.status()).generation < 2) await stat(folder);
    expect(await readManifest(dir)).toMatchObject({ generation: 2, live: 799 });
    await index.close();
  });

  test('a folder that is deleted meanwhile comes back with the next save', async () => {
    const { dir } = await damagedBy(async () => {});
    const index = await open(dir, entries);
    await rm(join(dir, SPACE), { recursive: true });
    await index.remove([1]);
    await index.save();
    expect(await readManifest(dir)).toMatchObject({ live: 799 });
    await index.close();
  });

  test('a save that the disk refuses is reported, and tried again at close', async () => {
    const { dir } = await damagedBy(async () => {});
    const logger = recordingLogger();
    const index = await open(dir, entries, { logger });
    const folder = join(dir, SPACE);
    await rename(folder, `${folder}-aside`);
    await writeFile(folder, 'no folder');
    await index.remove([1]);
    await expect(index.save()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect((await index.status()).unsavedChanges).toBe(1);
    expect(labelsOf(await index.search(entries[1]!.vector, 1))).toEqual([2]);
    await index.close();
    expect(logger.lines.map(({ message }) => message)).toContain('The index was not saved');
    await rm(folder);
  });
});

describe('reading only', () => {
  const readOnly: Partial<VectorIndexOptions> = { readOnly: true };

  test('uses a snapshot and leaves the folder as it is', async () => {
    const { dir, manifest, graph } = await damagedBy(async ({ dir }) => {
      await writeFile(join(dir, SPACE, 'graph-abc.tmp'), "another process's");
    });
    const before = await readFile(graph);
    const index = await open(dir, entries.slice(0, 790), readOnly);
    expect(await index.status()).toMatchObject({ mode: 'hnsw', size: 790 });
    for (const call of [index.add([entries[799]!]), index.remove([1]), index.rebuild()]) {
      await expect(call).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    }
    await index.save();
    await index.close();
    expect(await readdir(join(dir, SPACE))).toContain('graph-abc.tmp');
    expect(await readManifest(dir)).toEqual(manifest);
    expect(before.equals(await readFile(graph))).toBe(true);
  });

  test('does without a snapshot, and makes none', async () => {
    const dir = await temporaryDir();
    const index = await open(dir, entries, readOnly);
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false });
    await expectExactAnswers(index, entries);
    await index.close();
    expect(await readdir(dir)).toEqual([]);
  });
});
