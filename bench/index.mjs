/** The index alone: recall compared with exact search and as measured by itself; times of searching, building, checking, opening. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVectorIndex } from '../dist/services/vector-index/open.js';
import { silentLogger } from '../dist/logger.js';
import { clusteredVectors, load, machine, round } from './lib/measure.mjs';

const COUNT = Number(process.argv[2] ?? 20_000);
const DIMENSION = 768;
const QUERIES = 200;
const K = 10;

async function* pages(vectors) {
  for (let at = 0; at < vectors.length; at += 1000)
    yield vectors.slice(at, at + 1000).map((vector, i) => ({ id: at + i + 1, vector }));
}

console.log(machine());
for (const [what, shape] of [
  ['200 clusters', { clusters: 200, spread: 0.8 }],
  ['2,000 clusters, wider', { clusters: 2000, spread: 1.2 }],
]) {
  const all = [...clusteredVectors(COUNT + QUERIES, DIMENSION, shape)];
  const [vectors, queries] = [all.slice(0, COUNT), all.slice(COUNT)];
  const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
  const open = (options) =>
    openVectorIndex({
      dir,
      spaceId: 'bench',
      dimension: DIMENSION,
      vectors: pages(vectors),
      logger: silentLogger,
      ...options,
    });
  try {
    let start = performance.now();
    const index = await open({ exactBelow: 1 });
    await index.settled();
    const buildSeconds = (performance.now() - start) / 1000;
    await index.close();
    start = performance.now();
    const graph = await open({ exactBelow: 1 });
    const openMs = performance.now() - start;
    const exact = await open({ exactBelow: Infinity, readOnly: true });
    let found = 0;
    for (const query of queries) {
      const truth = new Set((await exact.search(query, K)).map(({ label }) => label));
      for (const { label } of await graph.search(query, K)) if (truth.has(label)) found++;
    }
    start = performance.now();
    await graph.check();
    const checkSeconds = (performance.now() - start) / 1000;
    const { recall } = await graph.status();
    const searchGraph = await load((i) => graph.search(queries[i % QUERIES], K), { count: 1000, warmup: 50 });
    const searchExact = await load((i) => exact.search(queries[i % QUERIES], K), { count: 50 });
    console.table([
      {
        what,
        vectors: COUNT,
        'recall@10': round(found / (QUERIES * K), 4),
        'measured by itself': round(recall.value, 4),
        strays: recall.strays,
        'check s': round(checkSeconds, 1),
        'graph p50 ms': round(searchGraph.p50, 3),
        'exact p50 ms': round(searchExact.p50),
        'exact / graph': round(searchExact.p50 / searchGraph.p50, 1),
        'build s': round(buildSeconds, 1),
        'open ms': round(openMs, 0),
        mode: (await graph.status()).mode,
      },
    ]);
    await graph.close();
    await exact.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Near the size up to which every vector is compared: the cost of that, and of the graph. */
for (const count of [1_000, 3_255]) {
  const vectors = [...clusteredVectors(count, DIMENSION)];
  const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
  const row = { vectors: count };
  try {
    for (const [name, exactBelow] of [
      ['graph', 1],
      ['every vector', Infinity],
    ]) {
      const options = { dir, spaceId: 'bench', dimension: DIMENSION, logger: silentLogger, exactBelow };
      const index = await openVectorIndex({ ...options, vectors: pages(vectors) });
      await index.settled();
      const { p50, p99 } = await load((i) => index.search(vectors[(i * 31) % count], K), {
        count: 1000,
        warmup: 50,
      });
      row[`${name} p50 ms`] = round(p50, 3);
      row[`${name} p99 ms`] = round(p99, 3);
      await index.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  console.table([row]);
}
