/**
 * DINOv2 of the base shape with random weights and planted outliers: compares the forms of the graph and the precisions,
 * how close int8 comes to float32, and the time of a whole query over HTTP with that of decoding.
 *
 *   node dinov2.mjs [folder of pictures] [small|base|large] [rounds]
 *
 * All variants stay open and take turns, so that other load affects them equally. Two columns per variant: the minimum,
 * which shows the machine at rest, and the median.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '../dist/logger.js';
import { convertDinov2 } from '../dist/model-tools/dinov2/convert.js';
import { openEmbedder } from '../dist/services/embedding/embedder.js';
import { loadModel } from '../dist/services/embedding/model.js';
import { listPictures } from '../dist/services/gallery/import/walk.js';
import { writeDinov2Weights } from './lib/dinov2-weights.mjs';
import { load, machine, percentile, round } from './lib/measure.mjs';
import { dataSettings, searchUpload, startServer } from './lib/server.mjs';

const FOLDER = process.argv[2] ?? fileURLToPath(new URL('../sample-gallery', import.meta.url));
const SHAPE = process.argv[3] ?? 'base';
const ROUNDS = Number(process.argv[4] ?? 8);
const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const SQUARE = { height: 224, width: 224 };
const pictures = await listPictures(FOLDER);
/** Not all of one occasion. */
const paths = pictures.filter((_, i) => i % Math.ceil(pictures.length / 24) === 0);
const VARIANTS = [
  { id: 'fp32', size: SQUARE },
  { id: 'fp32-plain', size: SQUARE, attention: 'plain' },
  { id: 'fp32-packed', size: SQUARE, attention: 'packed' },
  { id: 'fp16', size: SQUARE, precision: 'fp16' },
  { id: 'int8', size: SQUARE, precision: 'int8' },
  { id: 'int8-plain', size: SQUARE, precision: 'int8', attention: 'plain' },
  {
    id: 'int8-calibrated',
    size: SQUARE,
    precision: 'int8',
    calibrationPictures: pictures.filter((path) => !paths.includes(path)),
  },
  // Pictures keep their shape here; padding to a square would change size and time.
  { id: 'int8-dynamic', precision: 'int8', preprocess: 'center-crop' },
];

const open = async (modelsDir, id) =>
  openEmbedder({
    model: await loadModel(join(modelsDir, id)),
    workers: 1,
    threads: 0,
    maxQueue: 10,
    timeoutMs: 120_000,
    maxPixels: 1e8,
    logger: silentLogger,
  });

/** Processor time of its worker process so far; 0 where there is no /proc. */
async function cpuMs(embedder) {
  const [pid] = embedder.status().pids;
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const times = tasks.map(async (task) =>
    Number((await readFile(`/proc/${pid}/task/${task}/schedstat`, 'latin1')).split(' ')[0]),
  );
  return (await Promise.all(times)).reduce((sum, ns) => sum + ns / 1e6, 0);
}

async function timeVariants(modelsDir, samples) {
  const running = [];
  try {
    for (const { id } of VARIANTS)
      running.push({ id, embedder: await open(modelsDir, id), run: [], decode: [], cpu: [], vectors: [] });
    for (let turn = 0; turn < ROUNDS; turn++)
      for (const one of running) {
        await one.embedder.embed(samples[0]); // warm-up: the caches are another model's
        const before = await cpuMs(one.embedder);
        for (let k = 0; k < 3; k++) {
          const { timings } = await one.embedder.embed(samples[(3 * turn + k) % samples.length]);
          one.run.push(timings.embedMs);
          one.decode.push(timings.decodeMs);
        }
        one.cpu.push(((await cpuMs(one.embedder)) - before) / 3 / one.embedder.status().threadsPerWorker);
      }
    for (const one of running)
      for (const bytes of samples) one.vectors.push((await one.embedder.embed(bytes)).vector);
  } finally {
    await Promise.all(running.map(({ embedder }) => embedder.close()));
  }
  return running;
}

function reportCalibration({ pictures: count, layers }) {
  const worst = (name) => `${round(100 * Math.max(...layers.map((layer) => layer[name])), 1)} %`;
  const number = (wanted) => layers.filter(wanted).length;
  console.log(
    `calibrated on ${count} pictures: ${number(({ division }) => division === 'folded')} of ${layers.length} layers evened ` +
      `out, ${number(({ type }) => type === 'float32')} left in float32, largest error ${worst('error')} instead of ${worst('plainError')}`,
  );
}

const cosine = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Searches by upload, one after the other, in a gallery of the same pictures. */
async function timeQueries(dir, modelsDir, id, samples) {
  const settings = { MODELS_DIR: modelsDir, MODEL: id };
  const data = join(dir, id);
  await mkdir(data);
  const env = { ...process.env, ...dataSettings(data), ...settings };
  await promisify(execFile)(process.execPath, [CLI, 'import', ...paths], { env });
  const server = await startServer(data, settings);
  try {
    const fields =
      'id matches { rank similarity image { id title url thumbnailUrl } } analysis { timings { decodeMs embedMs totalMs } }';
    const timings = [];
    const { p50, p99, mean } = await load(
      async (i) =>
        timings.push((await searchUpload(server.url, samples[i % samples.length], fields)).analysis.timings),
      { count: 60, warmup: 5 },
    );
    const part = (name) =>
      round(
        percentile(
          timings.map((one) => one[name]),
          50,
        ),
        1,
      );
    return {
      model: id,
      'query p50 ms': round(p50, 1),
      'p99 ms': round(p99, 1),
      'mean ms': round(mean, 1),
      'of it decoding p50': part('decodeMs'),
      'model p50': part('embedMs'),
    };
  } finally {
    await server.stop();
  }
}

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  console.log(machine());
  const weightsPath = join(dir, 'weights', 'model.safetensors');
  const { parameters } = await writeDinov2Weights(weightsPath, { size: SHAPE, outliers: 6 });
  console.log(
    `DINOv2 ${SHAPE}, random weights, ${round(parameters / 1e6, 0)} M parameters, 6 planted outliers`,
  );

  const modelsDir = join(dir, 'models');
  for (const variant of VARIANTS) {
    const { calibration } = await convertDinov2({ weightsPath, modelsDir, ...variant });
    if (calibration !== null) reportCalibration(calibration);
  }
  const samples = await Promise.all(paths.map((path) => readFile(path)));
  const timed = await timeVariants(modelsDir, samples);
  const [reference] = timed;
  console.table(
    timed.map(({ id, run, decode, cpu, vectors }) => {
      const similar = vectors.map((vector, i) => cosine(vector, reference.vectors[i]));
      const comparable = id !== 'int8-dynamic'; // reads other pixels
      return {
        model: id,
        'run least ms': round(Math.min(...run), 1),
        'run p50 ms': round(percentile(run, 50), 1),
        'CPU p50 ms': round(percentile(cpu, 50), 1),
        'fp32 / this, CPU': round(percentile(reference.cpu, 50) / percentile(cpu, 50)),
        'fp32 / this, least': round(Math.min(...reference.run) / Math.min(...run)),
        'decode p50 ms': round(percentile(decode, 50), 1),
        'cosine to fp32, least': comparable ? round(Math.min(...similar), 5) : '',
        'cosine p50': comparable ? round(percentile(similar, 50), 5) : '',
      };
    }),
  );

  const queries = [];
  for (const id of ['fp32', 'int8-calibrated']) queries.push(await timeQueries(dir, modelsDir, id, samples));
  console.table(queries);
} finally {
  await rm(dir, { recursive: true, force: true });
}
