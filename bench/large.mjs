/**
 * A large gallery, rows and vectors of 768 dimensions without files: time from start to ready with a snapshot, steady
 * memory of all processes, and times of requests compared with `{ __typename }`.
 *
 *   node bench/large.mjs [count] [folder]     with a folder, gallery and index are kept there and reused
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillGallery, spaceOfModel } from './lib/gallery.mjs';
import { load, machine, round } from './lib/measure.mjs';
import { graphql, startServer } from './lib/server.mjs';
import { writeBaseShapedModel } from './lib/vit-model.mjs';

const COUNT = Number(process.argv[2] ?? 100_000);
const FOLDER = process.argv[3];
/** With DINOv2-base's dimension, but small, since the model is not measured. */
const MODEL = 'shallow';

/** Proportional set size of a process and its descendants, in MB: shared pages are counted once. */
function memoryOf(pid) {
  const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return children.reduce((sum, child) => sum + memoryOf(child), pss);
}

const REQUESTS = {
  '{ __typename }': () => ['{ __typename }'],
  'by id': (id) => [
    'query ($id: ID!) { searchByImage(imageId: $id) { matches { similarity image { id title } } } }',
    { id },
  ],
  'by id, filter of 1 %': (id) => [
    'query ($id: ID!) { searchByImage(imageId: $id, filter: { tags: ["group 7"] }) { matches { similarity image { id title } } } }',
    { id },
  ],
  'a page': () => ['{ images(first: 24) { edges { node { id title tags } } } }'],
};

/** In turns, so that other load affects all of them equally. */
async function measureRequests(url) {
  const times = new Map(Object.keys(REQUESTS).map((name) => [name, []]));
  for (let turn = 0; turn < 6; turn++)
    for (const [name, request] of Object.entries(REQUESTS)) {
      const idOf = (i) => String(1 + (((turn * 50 + i) * 7919) % COUNT));
      const { p50 } = await load((i) => graphql(url, ...request(idOf(i))), { count: 40, warmup: 5 });
      times.get(name).push(p50);
    }
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const base = median(times.get('{ __typename }'));
  console.table(
    [...times].map(([request, values]) => ({
      request,
      'p50 ms': round(median(values)),
      'times { __typename }': round(median(values) / base),
    })),
  );
}

const dir = FOLDER ?? (await mkdtemp(join(tmpdir(), 'likeness-bench-')));
const env = { MODEL, MODELS_DIR: join(dir, 'models') };
try {
  console.log(machine());
  let start = performance.now();
  if (!existsSync(join(dir, 'likeness.db'))) {
    await mkdir(dir, { recursive: true });
    await writeBaseShapedModel(env.MODELS_DIR, MODEL, 0);
    await fillGallery(dir, COUNT, await spaceOfModel(env.MODELS_DIR, MODEL));
    console.log(`filled ${COUNT} rows in ${round((performance.now() - start) / 1000, 0)} s`);
  }
  start = performance.now();
  let server = await startServer(dir, env);
  console.log(`first start: ready after ${round(server.readyMs / 1000)} s`);
  for (let said = null; ;) {
    const { status } = await graphql(server.url, '{ status { index { generation rebuilding built } } }');
    const { generation, rebuilding, built } = status.index;
    if (!rebuilding && generation > 0) break;
    const percent = Math.floor(100 * (built ?? 0));
    if (said === null || percent >= said + 5)
      console.log(`${(said = percent)} % built after ${round((performance.now() - start) / 1000, 0)} s`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  console.log(`graph there after ${round((performance.now() - start) / 1000, 0)} s`);
  await server.stop();
  const starts = [];
  for (let i = 0; i < 3; i++) {
    server = await startServer(dir, env);
    starts.push(server.readyMs);
    if (i < 2) await server.stop();
  }
  await measureRequests(server.url);
  const memory = memoryOf(server.pid);
  console.table([
    {
      vectors: COUNT,
      'ready from snapshot s': starts.map((ms) => round(ms / 1000)).join(' '),
      'memory MB': round(memory, 0),
      'bytes a picture, all in': round((memory * 2 ** 20) / COUNT, 0),
    },
  ]);
  await server.stop();
} finally {
  if (FOLDER === undefined) await rm(dir, { recursive: true, force: true });
}
