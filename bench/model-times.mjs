/**
 * The time per picture in each model, and the server's estimate from the built-in one: DINOv2 with random weights,
 * converted as by `models pull`, and the built-in model, in turns.
 *
 *   node bench/model-times.mjs [sizes] [rounds]
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../dist/logger.js';
import { convertDinov2 } from '../dist/model-tools/dinov2/convert.js';
import { openEmbedder } from '../dist/services/embedding/embedder.js';
import { knownModelOf } from '../dist/model-tools/hub/known-models.js';
import { loadModel } from '../dist/services/embedding/model.js';
import { planWorkers } from '../dist/services/embedding/plan.js';
import { testPicture } from '../dist/services/embedding/test-picture.js';
import { estimateEmbedMs, multiplyAdds } from '../dist/services/models/estimate.js';
import { writeDinov2Weights } from './lib/dinov2-weights.mjs';
import { machine, percentile, round } from './lib/measure.mjs';

const SIZES = (process.argv[2] ?? 'small,base,large').split(',');
const ROUNDS = Number(process.argv[3] ?? 6);
const RUNS = 3;

const plan = planWorkers({ workers: 0, threads: 0 });
const picture = testPicture();
const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
const running = [];
try {
  const modelsDir = join(dir, 'models');
  const builtin = fileURLToPath(new URL('../models/builtin', import.meta.url));
  await mkdir(join(modelsDir, 'builtin'), { recursive: true });
  for (const name of await readdir(builtin))
    await copyFile(join(builtin, name), join(modelsDir, 'builtin', name));
  const ids = ['builtin'];
  for (const size of SIZES) {
    const weightsPath = join(dir, 'model.safetensors');
    await writeDinov2Weights(weightsPath, { size, outliers: 6 });
    for (const precision of ['fp32', 'fp16', 'int8']) {
      const { definition } = await convertDinov2({ weightsPath, modelsDir, precision });
      ids.push(definition.id);
    }
    await rm(weightsPath);
  }
  for (const id of ids) {
    const embedder = await openEmbedder({
      model: await loadModel(join(modelsDir, id)),
      workers: 1,
      threads: 0,
      maxQueue: 2,
      timeoutMs: 120_000,
      maxPixels: 1e6,
      logger: silentLogger,
    });
    running.push({ id, embedder, times: [] });
  }
  for (let turn = 0; turn < ROUNDS; turn++)
    for (const { embedder, times } of running) {
      await embedder.embed(picture); // warm-up: the caches are another model's
      for (let i = 0; i < RUNS; i++) times.push((await embedder.embed(picture)).timings.embedMs);
    }
  const least = ({ times }) => Math.min(...times);
  const measured = (one) => ({ embedMs: least(one), threads: plan.threads });
  const find = (id) => running.find((one) => one.id === id);
  console.log(machine(), `${plan.workers} x ${plan.threads} threads`);
  console.table(
    running.map((one) => {
      const { known, precision } = knownModelOf(one.id) ?? {};
      const from = (id) =>
        known === undefined || id === one.id || find(id) === undefined
          ? ''
          : round(estimateEmbedMs(known, precision, new Map([[id, measured(find(id))]]), plan) / least(one));
      return {
        model: one.id,
        'least ms': round(least(one), 1),
        'median ms': round(percentile(one.times, 50), 1),
        'of small fp32': round(least(one) / least(find('dinov2-small') ?? running[0]), 3),
        GMAC: known === undefined ? '' : round(multiplyAdds(known) / 1e9, 1),
        'estimate by built-in / truth': from('builtin'),
        'by small fp32': from('dinov2-small'),
        'by base fp32': from('dinov2-base'),
      };
    }),
  );
} finally {
  for (const { embedder } of running) await embedder.close();
  await rm(dir, { recursive: true, force: true });
}
