/**
 * The cost of longer vectors: galleries of the same rows with vectors of 256 and of 768 numbers. Memory and times are of a
 * separate process that opens catalog and index like the server, from a snapshot, without a model.
 *
 *   node bench/dimensions.mjs [count ...]
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '../dist/logger.js';
import { openVectorIndex } from '../dist/services/vector-index/open.js';
import { fillGallery, openCatalogOf } from './lib/gallery.mjs';
import { load, machine, round } from './lib/measure.mjs';

const SELF = fileURLToPath(import.meta.url);
const K = 10;

const spaceOf = (dimension) => ({ modelId: 'bench', spaceId: `bench-${dimension}`, dimension });

const openIndex = (dir, catalog, dimension, options = {}) =>
  openVectorIndex({
    dir: join(dir, 'index'),
    spaceId: spaceOf(dimension).spaceId,
    dimension,
    vectors: catalog.vectors.pages(spaceOf(dimension).spaceId),
    logger: silentLogger,
    ...options,
  });

function memoryMb() {
  globalThis.gc?.();
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1]) / 1024;
}

async function bytesBelow(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Runs in a separate process. */
async function measure(dir, dimension) {
  const catalog = await openCatalogOf(dir);
  const before = memoryMb();
  const start = performance.now();
  const index = await openIndex(dir, catalog, dimension);
  const openMs = performance.now() - start;
  const memory = memoryMb() - before;
  const exact = await openIndex(dir, catalog, dimension, { exactBelow: Infinity, readOnly: true });
  const labels = await index.labels();
  const query = (i) => index.vector(labels[(i * 7919) % labels.length]);
  for (let i = 0; i < 5; i++) {
    const [{ label }] = await index.search(await query(i), K);
    if (label !== labels[(i * 7919) % labels.length]) throw new Error('A picture does not find itself.');
  }
  const graph = await load(async (i) => index.search(await query(i), K), { count: 1000, warmup: 100 });
  const all = await load(async (i) => exact.search(await query(i), K), { count: 100, warmup: 10 });
  const { mode } = await index.status();
  await exact.close();
  await index.close();
  await catalog.close();
  return { mode, openMs, memory, graph: graph.p50, exact: all.p50 };
}

async function compare(count) {
  const rows = [];
  for (const dimension of [256, 768]) {
    const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
    try {
      await fillGallery(dir, count, spaceOf(dimension));
      const catalog = await openCatalogOf(dir);
      const start = performance.now();
      const index = await openIndex(dir, catalog, dimension, { exactBelow: 1 });
      await index.settled();
      const buildSeconds = (performance.now() - start) / 1000;
      await index.close();
      await catalog.close();
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        SELF,
        '--measure',
        dir,
        String(dimension),
      ]);
      const indexMb = (await bytesBelow(join(dir, 'index'))) / 1e6;
      const databaseMb = (await stat(join(dir, 'likeness.db'))).size / 1e6;
      rows.push({ count, dimension, ...JSON.parse(stdout), indexMb, databaseMb, buildSeconds });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  const [short, long] = rows;
  const ratios = Object.fromEntries(
    Object.entries(long)
      .filter(([name]) => !['count', 'dimension', 'mode'].includes(name))
      .map(([name, value]) => [name, value / short[name]]),
  );
  return [...rows, { count, dimension: '768 / 256', ...ratios }];
}

if (process.argv[2] === '--measure') {
  console.log(JSON.stringify(await measure(process.argv[3], Number(process.argv[4]))));
} else {
  const counts = process.argv.slice(2).map(Number);
  console.log(machine());
  for (const count of counts.length > 0 ? counts : [10_000, 50_000])
    console.table(
      (await compare(count)).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            typeof value === 'number' ? round(value, 2) : value,
          ]),
        ),
      ),
    );
}
