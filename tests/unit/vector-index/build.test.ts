import { fork } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { isRunning, untilGone } from '../../helpers/processes.js';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import {
  appears,
  BUILDER_URL,
  clustered,
  labelsOf,
  leaveSnapshot,
  open,
  oracle,
  recall,
  recordingLogger,
  SPACE,
} from './support.js';

const entries = clustered(700, 51);

/** A builder whose first lines are ours; the real one follows, unless they end the process. */
async function builderThat(dir: string, lines: string): Promise<URL> {
  const path = join(dir, 'builder.mjs');
  await writeFile(
    path,
    `import { existsSync, writeFileSync, appendFileSync } from 'node:fs';
     const dir = ${JSON.stringify(dir)};
     ${lines}
     await import(${JSON.stringify(BUILDER_URL.href)});`,
  );
  return pathToFileURL(path);
}

const DIES_ONCE = `if (!existsSync(dir + '/died')) { writeFileSync(dir + '/died', ''); process.kill(process.pid, 'SIGKILL'); for (;;); }`;
const DIES = `appendFileSync(dir + '/deaths', 'x'); process.kill(process.pid, 'SIGKILL'); for (;;);`;
const WAITS = `writeFileSync(dir + '/pid', String(process.pid));
  while (!existsSync(dir + '/go')) await new Promise((resolve) => setTimeout(resolve, 2));`;

async function filesIn(dir: string): Promise<string[]> {
  return (await readdir(join(dir, SPACE))).sort();
}

describe('building a graph', () => {
  test('search is exact meanwhile, and what changes meanwhile is in the new graph', async () => {
    const dir = await temporaryDir();
    const logger = recordingLogger();
    const index = await open(join(dir, 'index'), entries.slice(0, 600), {
      builderUrl: await builderThat(dir, WAITS),
      logger,
    });
    await appears(join(dir, 'pid'));
    await index.add(entries.slice(600));
    await index.remove([1, 2, 3, 650]);
    await index.remove([4]);
    await index.add([{ label: 4, vector: entries[9]!.vector }]);
    const truth = entries
      .filter(({ label }) => ![1, 2, 3, 650].includes(label))
      .map((entry) => (entry.label === 4 ? { label: 4, vector: entries[9]!.vector } : entry));
    const check = async (): Promise<void> => {
      for (const label of [2, 4, 10, 300, 651]) {
        const { vector } = entries[label - 1]!;
        expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(truth, vector, 10)));
      }
    };
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: true, built: 0, size: 696 });
    await check();
    await writeFile(join(dir, 'go'), '');
    await index.settled();
    const done = { mode: 'hnsw', rebuilding: false, built: null, size: 696, generation: 1 };
    expect(await index.status()).toMatchObject(done);
    const { fields } = logger.lines.find(
      ({ message }) => message === 'The graph of the index is being built',
    )!;
    expect(fields).toEqual({ spaceId: SPACE, percent: 10 }); // 64 of 600, when it looks up for the first time
    expect((await index.status()).unsavedChanges).toBe(106);
    await check();
    await index.close();
  });

  test('a builder that is killed is started again', async () => {
    const dir = await temporaryDir();
    const logger = recordingLogger();
    const index = await open(join(dir, 'index'), entries, {
      builderUrl: await builderThat(dir, DIES_ONCE),
      logger,
    });
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'hnsw', generation: 1 });
    expect(logger.lines).toContainEqual({
      level: 'warn',
      message: 'Building the graph of the index failed',
      fields: { spaceId: SPACE, error: 'The builder process ended with SIGKILL.' },
    });
    await index.close();
  });

  test('a builder that keeps dying is given up; search stays exact; a rebuild tries again', async () => {
    const dir = await temporaryDir();
    const index = await open(join(dir, 'index'), entries, { builderUrl: await builderThat(dir, DIES) });
    await index.settled();
    expect(await readFile(join(dir, 'deaths'), 'utf8')).toBe('xxx');
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false });
    expect((await index.status()).problem).toContain('could not be built');
    expect(await filesIn(join(dir, 'index'))).toEqual([]);
    await index.add([{ label: 900, vector: entries[0]!.vector }]);
    await index.settled();
    expect(await readFile(join(dir, 'deaths'), 'utf8')).toBe('xxx');
    expect(labelsOf(await index.search(entries[0]!.vector, 2))).toEqual([1, 900]);
    await expect(index.rebuild()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await readFile(join(dir, 'deaths'), 'utf8')).toBe('xxxxxx');
    await builderThat(dir, '');
    await index.rebuild();
    expect((await index.status()).mode).toBe('hnsw');
    await index.close();
  });

  test('a builder that cannot even start is given up', async () => {
    const dir = await temporaryDir();
    const index = await open(dir, entries, { builderUrl: pathToFileURL(join(dir, 'not-there.js')) });
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: false });
    expect((await index.status()).problem).toContain('not-there.js');
    await index.close();
  });

  test('closing kills the builder and leaves no files', async () => {
    const dir = await temporaryDir();
    const index = await open(join(dir, 'index'), entries, { builderUrl: await builderThat(dir, WAITS) });
    const joined = index.rebuild();
    await appears(join(dir, 'pid'));
    const closing = index.close();
    await expect(joined).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await closing;
    expect(isRunning(Number(await readFile(join(dir, 'pid'), 'utf8')))).toBe(false);
    expect(await filesIn(join(dir, 'index'))).toEqual([]);
  });

  test('closing does not wait for the next attempt', async () => {
    const dir = await temporaryDir();
    const index = await open(join(dir, 'index'), entries, {
      builderUrl: await builderThat(dir, DIES),
      retryDelaysMs: [3_600_000],
    });
    await appears(join(dir, 'deaths'));
    await index.close();
    expect(await readFile(join(dir, 'deaths'), 'utf8')).toBe('x');
  });

  test('a rebuild on demand: exact until the new graph serves, and a new generation', async () => {
    const dir = await temporaryDir();
    await leaveSnapshot(join(dir, 'index'), entries);
    const index = await open(join(dir, 'index'), entries, { builderUrl: await builderThat(dir, WAITS) });
    expect(await index.status()).toMatchObject({ mode: 'hnsw', generation: 1 });
    const done = index.rebuild();
    await appears(join(dir, 'pid'));
    expect(await index.status()).toMatchObject({ mode: 'exact', rebuilding: true });
    await writeFile(join(dir, 'go'), '');
    await done;
    expect(await index.status()).toMatchObject({ mode: 'hnsw', rebuilding: false, generation: 2 });
    await index.close();
  });

  test('when a fifth of the graph is dead it is built anew; the old one serves meanwhile', async () => {
    const dir = await temporaryDir();
    await leaveSnapshot(join(dir, 'index'), entries);
    const index = await open(join(dir, 'index'), entries, { builderUrl: await builderThat(dir, WAITS) });
    const gone = entries.filter(({ label }) => label % 4 === 0);
    const left = entries.filter(({ label }) => label % 4 !== 0);
    await index.remove(gone.map(({ label }) => label));
    await appears(join(dir, 'pid'));
    expect(await index.status()).toMatchObject({ mode: 'hnsw', rebuilding: true });
    const { vector } = entries[100]!;
    expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(left, vector, 10)));
    await writeFile(join(dir, 'go'), '');
    await index.settled();
    expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(left, vector, 10)));
    await index.close();
    const manifest = JSON.parse(await readFile(join(dir, 'index', SPACE, 'MANIFEST.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ live: 525, nodes: 525 });
  });

  test('searches are exact below the bound and by graph above it; what is on disk is the same', async () => {
    const dir = await temporaryDir();
    const index = await open(dir, entries.slice(0, 250), { exactBelow: 300 });
    await index.settled();
    expect(await index.status()).toMatchObject({ mode: 'exact', generation: 1, unsavedChanges: 0 });
    expect(await filesIn(dir)).toEqual(['MANIFEST.json', 'graph-1.hnsw']);
    await index.add(entries.slice(250, 400));
    expect(await index.status()).toMatchObject({ mode: 'hnsw', rebuilding: false });
    await index.remove(entries.slice(0, 110).map(({ label }) => label));
    expect(await index.status()).toMatchObject({ mode: 'exact', size: 290 });
    await index.close();
    expect(await filesIn(dir)).toEqual(['MANIFEST.json', 'graph-2.hnsw']);
  });

  test('few vectors need no process', async () => {
    const dir = await temporaryDir();
    const few = entries.slice(0, 150);
    const index = await open(dir, few, { builderUrl: pathToFileURL(join(dir, 'not-there.js')) });
    expect(await index.status()).toMatchObject({ mode: 'hnsw', size: 150 });
    await index.close();
    expect(await filesIn(dir)).toEqual(['MANIFEST.json', 'graph-1.hnsw']);
    const again = await open(dir, few);
    expect(await again.status()).toMatchObject({ mode: 'hnsw', problem: null, unsavedChanges: 0 });
    await again.close();
  });

  test('recall@10 is at least 0.99', async () => {
    const many = clustered(2_000, 52, { dimension: 128, clusters: 100 });
    const queries = clustered(2_100, 52, { dimension: 128, clusters: 100 }).slice(2_000);
    const index = await open(await temporaryDir(), many, { dimension: 128 });
    await index.settled();
    expect((await index.status()).mode).toBe('hnsw');
    let sum = 0;
    for (const { vector } of queries) sum += recall(await index.search(vector, 10), oracle(many, vector, 10));
    expect(sum / queries.length).toBeGreaterThanOrEqual(0.99);
    await index.close();
  });

  test('an index that is closed while a filter is looked up does not answer from what is gone', async () => {
    const entries = clustered(3_000, 47);
    const index = await open(await temporaryDir(), entries);
    await index.settled();
    let answer = (_: ReadonlySet<number>): void => {};
    const ids = (): Promise<ReadonlySet<number>> => new Promise((resolve) => (answer = resolve));
    const searching = index.search(entries[0]!.vector, 10, { filter: {}, ids });
    await index.close();
    answer(new Set(entries.map(({ label }) => label)));
    await expect(searching).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

test('where no graph can be built, every vector is compared, and a snapshot is kept for later', async () => {
  const dir = await temporaryDir();
  await leaveSnapshot(dir, entries);
  const before = await filesIn(dir);
  const index = await open(dir, entries, { limitation: 'No graph here.' });
  const exact = { mode: 'exact', rebuilding: false, problem: null, limitation: 'No graph here.' };
  expect(await index.status()).toMatchObject({ ...exact, generation: 1 });
  await index.remove([1]);
  await index.rebuild();
  await index.check();
  await index.save();
  const { vector } = entries[5]!;
  expect(labelsOf(await index.search(vector, 10))).toEqual(labelsOf(oracle(entries.slice(1), vector, 10)));
  expect(await index.status()).toMatchObject({ ...exact, size: 699 });
  await index.close();
  expect(await filesIn(dir)).toEqual(before);
  const again = await open(dir, entries.slice(1));
  expect(await again.status()).toMatchObject({ mode: 'hnsw', problem: null, limitation: null });
  await again.close();
});

describe('a builder whose parent is gone', () => {
  test('ends by itself', async () => {
    const dir = await temporaryDir();
    const parentPath = join(dir, 'parent.mjs');
    const rowsPath = join(dir, 'rows');
    const count = 200_000;
    const dimension = 16;
    const rows = new Float32Array(count * dimension).map((_, i) => Math.sin(i * i));
    await writeFile(rowsPath, Buffer.from(Uint32Array.from({ length: count }, (_, i) => i).buffer));
    await writeFile(rowsPath, Buffer.from(rows.buffer), { flag: 'a' });
    const job = {
      parameters: { dimension, m: 16, efConstruction: 200, efSearch: 100 },
      count,
      rowsPath,
      graphPath: join(dir, 'graph'),
    };
    await writeFile(
      parentPath,
      `import { fork } from 'node:child_process';
       const child = fork(${JSON.stringify(BUILDER_URL.pathname)}, [${JSON.stringify(JSON.stringify(job))}]);
       process.send(child.pid);`,
    );
    const parent = fork(parentPath, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const pid = await new Promise<number>((resolve) =>
      parent.once('message', (message) => resolve(message as number)),
    );
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await untilGone([pid]);
    await rm(rowsPath);
    expect(await readdir(dir)).toEqual(['parent.mjs']);
  });
});
