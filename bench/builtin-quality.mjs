/**
 * What the built-in model finds on labelled photos: `node bench/builtin-quality.mjs [folder ...]`, each with one subfolder
 * per class. Each photo is a query against all others (leave one out); then changed copies of every photo search for their
 * original. The first version of the model and a plain thumbnail are measured for comparison.
 */
import '../dist/workers/no-telemetry.js';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { ATTACKS } from './lib/attacks.mjs';
import { builtinModel, openModel } from './lib/builtin.mjs';
import { firstModel } from './lib/first-model.mjs';
import { machine, percentile, round } from './lib/measure.mjs';
import { dot, readClasses, retrieval, spread } from './lib/retrieval.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folders =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['clothing', 'grocery'].map((name) => here(`../../shared/photos/${name}`));

/** The simplest possible baseline: the picture at 16 x 16, minus its mean. */
async function thumbnail(bytes) {
  const pixels = await sharp(bytes)
    .autoOrient()
    .removeAlpha()
    .resize(16, 16, { fit: 'fill' })
    .raw()
    .toBuffer();
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const centred = Float32Array.from(pixels, (value) => value - mean);
  const length = Math.hypot(...centred) || 1;
  return centred.map((value) => value / length);
}

const model = await builtinModel();
const ours = await openModel(model);
const first = await openModel(firstModel());
const embedders = { 'thumbnail 16 x 16': thumbnail, 'first version': first.embed, 'built-in': ours.embed };

async function copies(photos, embed, originals) {
  const rows = {};
  for (const [attack, change] of Object.entries(ATTACKS)) {
    const similarities = [];
    let found = 0;
    for (const [i, { bytes }] of photos.entries()) {
      const copy = await embed(await change(bytes, i));
      const all = originals.map((vector) => dot(copy, vector));
      similarities.push(all[i]);
      found += Number(Math.max(...all) === all[i]);
    }
    rows[attack] = {
      median: round(percentile(similarities, 50), 3),
      'lowest 5 %': round(percentile(similarities, 5), 3),
      'original first': round(found / photos.length, 3),
    };
  }
  return rows;
}

console.log(`${machine()}\nmodel ${model.sha256.slice(0, 12)}`);
let sample = null;
for (const folder of folders) {
  const photos = await readClasses(folder);
  const labels = photos.map(({ label }) => label);
  sample ??= photos;
  console.log(`\n${basename(folder)}: ${photos.length} photos, ${new Set(labels).size} classes`);
  const table = {};
  for (const [name, embed] of Object.entries(embedders)) {
    const vectors = [];
    for (const { bytes } of photos) vectors.push(await embed(bytes));
    table[name] = { ...retrieval(vectors, labels), ...spread(vectors, labels) };
    if (name !== 'thumbnail 16 x 16') {
      console.log(`changed copies, ${name}`);
      console.table(await copies(photos, embed, vectors));
    }
  }
  console.table(table);
}

const times = {};
async function time(what, act, count = 100) {
  const taken = [];
  for (let i = 0; i < count + 10; i++) {
    const start = performance.now();
    await act(sample[i % sample.length]);
    if (i >= 10) taken.push(performance.now() - start);
  }
  times[what] = { 'p50 ms': round(percentile(taken, 50)), 'p95 ms': round(percentile(taken, 95)) };
}
const pixels = await ours.decode(sample[0].bytes);
const two = await openModel(model, 2);
const large = await sharp(sample[0].bytes)
  .resize(3000, 4000, { fit: 'fill' })
  .jpeg({ quality: 90 })
  .toBuffer();
await time('run, 1 thread', () => ours.run(pixels));
await time('run, 2 threads', () => two.run(pixels));
await time('decode and run, 1 thread', ({ bytes }) => ours.embed(bytes));
await time('decode and run, JPEG of 12 megapixels', () => ours.embed(large), 20);
await time('first version, decode and run', ({ bytes }) => first.embed(bytes));
console.table(times);
