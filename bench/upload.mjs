/**
 * searchByImage by upload, end to end, against the worker's own decode + run; one client and sixteen. Also how long the
 * event loop of the server was held while eight uploads were searched at once.
 *
 *   node upload.mjs [folder of pictures] [models folder] [model id] [searches a turn] [turns]
 *
 * The models folder `base-shaped` stands for a model of DINOv2-base's shape with random weights, written for this run.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../dist/config.js';
import { silentLogger } from '../dist/logger.js';
import { openEmbedder } from '../dist/services/embedding/embedder.js';
import { measureWorker } from '../dist/model-tools/measure.js';
import { chooseModel } from '../dist/services/embedding/model.js';
import { listPictures } from '../dist/services/gallery/import/walk.js';
import { load, machine, percentile, round } from './lib/measure.mjs';
import { searchUpload, startServer } from './lib/server.mjs';
import { writeBaseShapedModel } from './lib/vit-model.mjs';

const folder = process.argv[2] ?? new URL('../sample-gallery', import.meta.url).pathname;
const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
const isBaseShaped = process.argv[3] === 'base-shaped';
const modelsDir = isBaseShaped ? join(dir, 'models') : (process.argv[3] ?? loadConfig({}).modelsDir);
if (isBaseShaped) await writeBaseShapedModel(modelsDir);
const model = await chooseModel(modelsDir, process.argv[4] ?? (isBaseShaped ? 'auto' : 'builtin'));
const COUNT = Number(process.argv[5] ?? 120);
const TURNS = Number(process.argv[6] ?? 3);

const paths = (await listPictures(folder)).slice(0, 40);
const pictures = await Promise.all(paths.map((path) => readFile(path)));
const mean = (values) => values.reduce((a, b) => a + b) / values.length;

async function workerAlone() {
  const { decodeMs, embedMs } = await measureWorker({ model, pictures, repeat: 3 });
  return { decodeMs: mean(decodeMs), embedMs: mean(embedMs) };
}

/** The workers by themselves, many pictures at once. */
async function workerRate() {
  const embedder = await openEmbedder({
    model,
    workers: 0,
    threads: 0,
    maxQueue: 100,
    timeoutMs: 60_000,
    maxPixels: 1e8,
    logger: silentLogger,
  });
  const { perSecond } = await load(
    (i) => embedder.embed(pictures[i % pictures.length], { thumbnail: true }),
    { count: COUNT, clients: 16, warmup: 5 },
  );
  await embedder.close();
  return perSecond;
}

/** A histogram of prom-client's, as the largest bucket any wait fell into would say: read from /metrics. */
async function eventLoop(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name) => 1000 * Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)[1]);
  return { p99: read('nodejs_eventloop_lag_p99_seconds'), max: read('nodejs_eventloop_lag_max_seconds') };
}

try {
  console.log(machine());
  console.log(
    `${model.info.id}; ${pictures.length} pictures, ${round(mean(pictures.map(({ length }) => length)) / 1000, 0)} KB on average`,
  );
  const server = await startServer(dir, {
    MODELS_DIR: modelsDir,
    MODEL: model.info.id,
    SAMPLE_GALLERY: COUNT < 60 ? 'off' : 'auto',
  });
  const one = (i) => searchUpload(server.url, pictures[i % pictures.length]);
  const rows = [];
  // Machines are noisy: both sides are measured in turns, and the ratio is taken within a round.
  for (let turn = 0; turn < TURNS; turn++) {
    const alone = await workerAlone();
    const single = await load(one, { count: COUNT, warmup: 5 });
    const rate = await workerRate();
    const many = await load(one, { count: 2 * COUNT, clients: 16, warmup: 5 });
    await eventLoop(server.url); // begins a new interval
    const eight = await load(one, { count: COUNT, clients: 8, warmup: 0 });
    const lag = await eventLoop(server.url);
    const aloneMs = alone.decodeMs + alone.embedMs;
    rows.push({
      'worker decode ms': round(alone.decodeMs),
      'worker run ms': round(alone.embedMs),
      'end to end ms (mean)': round(single.mean),
      ratio: round(single.mean / aloneMs),
      'worker alone /s': round(rate, 1),
      '16 clients /s': round(many.perSecond, 1),
      share: round(many.perSecond / rate),
      '8 clients p50 ms': round(eight.p50, 0),
      'event loop p99 ms': round(lag.p99, 1),
      'max ms': round(lag.max, 1),
    });
  }
  console.table(rows);
  console.log(
    `medians: end to end / worker ${percentile(
      rows.map(({ ratio }) => ratio),
      50,
    )}, throughput share ${percentile(
      rows.map(({ share }) => share),
      50,
    )}`,
  );
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
