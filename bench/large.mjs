/** A gallery of 100,000 vectors: start from a snapshot to ready, steady memory of all processes, searches. */
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillGallery } from './lib/gallery.mjs';
import { load, machine, round } from './lib/measure.mjs';
import { graphql, startServer } from './lib/server.mjs';

const COUNT = Number(process.argv[2] ?? 100_000);

/** Proportional set size of a process and those below it, in MB: shared pages are counted once. */
function memoryOf(pid) {
  const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return children.reduce((sum, child) => sum + memoryOf(child), pss);
}

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  console.log(machine());
  let start = performance.now();
  await fillGallery(dir, COUNT);
  console.log(`filled ${COUNT} rows in ${round((performance.now() - start) / 1000, 0)} s`);
  start = performance.now();
  let server = await startServer(dir, { MODEL: 'builtin' });
  console.log(
    `first start, no snapshot: ready after ${round(server.readyMs / 1000)} s, exact search meanwhile`,
  );
  for (;;) {
    const { status } = await graphql(server.url, '{ status { index { generation rebuilding } } }');
    if (!status.index.rebuilding && status.index.generation > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  console.log(`graph built after ${round((performance.now() - start) / 1000, 0)} s`);
  await server.stop();
  const starts = [];
  for (let i = 0; i < 3; i++) {
    server = await startServer(dir, { MODEL: 'builtin' });
    starts.push(server.readyMs);
    if (i < 2) await server.stop();
  }
  const query =
    'query ($id: ID!) { searchByImage(imageId: $id) { matches { similarity image { id title } } } }';
  const searches = await load((i) => graphql(server.url, query, { id: String(1 + ((i * 7919) % COUNT)) }), {
    count: 500,
    warmup: 50,
  });
  console.table([
    {
      vectors: COUNT,
      'ready from snapshot s': starts.map((ms) => round(ms / 1000)).join(' '),
      'memory MB': round(memoryOf(server.pid), 0),
      'by id p50 ms': round(searches.p50),
      'p99 ms': round(searches.p99),
    },
  ]);
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
