/**
 * Converting DINOv2 weights of the real shapes (random numbers): time, and the memory of the command and of the worker
 * that tests the model.
 *
 *   node convert.mjs [small|base|large|giant] [fp32,fp16,int8]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SIZES, writeDinov2Weights } from './lib/dinov2-weights.mjs';
import { machine, round } from './lib/measure.mjs';

const [size = 'base', precisions = 'fp32,fp16,int8'] = process.argv.slice(2);
if (!Object.hasOwn(SIZES, size)) throw new Error(`Expected one of ${Object.keys(SIZES).join(', ')}`);

const MAIN = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const SAMPLE_MS = 20;

/** Memory of a process and its descendants, in MB; pages of mapped files count in each. */
function residentOf(pid) {
  try {
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
    );
    const below = children.map(residentOf);
    return { own: resident / 1024, all: below.reduce((sum, { all }) => sum + all, resident / 1024) };
  } catch {
    return { own: 0, all: 0 }; // it has ended
  }
}

async function convert(weights, modelsDir, precision) {
  const args = [MAIN, 'models', 'convert', weights, '--precision', precision, '--id', precision, '--json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, MODELS_DIR: modelsDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const peak = { own: 0, all: 0 };
  const sampling = setInterval(() => {
    const { own, all } = residentOf(child.pid);
    peak.own = Math.max(peak.own, own);
    peak.all = Math.max(peak.all, all);
  }, SAMPLE_MS);
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const start = performance.now();
  const [code] = await once(child, 'close');
  clearInterval(sampling);
  if (code !== 0) throw new Error(`it ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, bytes: JSON.parse(output).bytes, peak };
}

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  console.log(machine());
  const weights = join(dir, 'model.safetensors');
  const { parameters, bytes } = await writeDinov2Weights(weights, { size });
  console.log(
    `DINOv2 ${size}: ${round(parameters / 1e6, 1)} M parameters, ${round(bytes / 1e6, 0)} MB of float32`,
  );
  const rows = [];
  for (const precision of precisions.split(',')) {
    const { seconds, bytes: written, peak } = await convert(weights, join(dir, 'models'), precision);
    rows.push({
      precision,
      seconds: round(seconds, 1),
      'written MB': round(written / 1e6, 0),
      'peak MB, command': round(peak.own, 0),
      'peak MB, with the trial': round(peak.all, 0),
    });
  }
  console.table(rows);
} finally {
  await rm(dir, { recursive: true, force: true });
}
