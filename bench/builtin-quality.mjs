/**
 * What the built-in model finds, on labelled photos: `node bench/builtin-quality.mjs [folder]`, the folder having one
 * folder a class. Each photo asks once and all others answer (leave one out). No constant of the model is a fit to these
 * photos but the few of docs/builtin-model.md, so there is nothing else to hold out.
 */
import '../dist/workers/no-telemetry.js';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import {
  encodeBuiltinModel,
  describeBuiltinModel,
} from '../dist/services/embedding/builtin/builtin-model.js';
import { planResize } from '../dist/services/embedding/preprocess.js';
import { decodeImage } from '../dist/services/media/decode.js';
import { machine, percentile, round } from './lib/measure.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../shared/photos/clothing/', import.meta.url));
const onnx = encodeBuiltinModel();
const definition = describeBuiltinModel(onnx);
const { width, height } = definition.preprocess;
const THREADS = [1, 2];
const sessions = await Promise.all(
  THREADS.map((intraOpNumThreads) =>
    ort.InferenceSession.create(onnx, { intraOpNumThreads, interOpNumThreads: 1 }),
  ),
);
const MAX_PIXELS = 100_000_000;

const decode = async (bytes) =>
  (
    await decodeImage(bytes, {
      maxPixels: MAX_PIXELS,
      plan: (size) => planResize(definition.preprocess, size),
    })
  ).pixels;
const run = async (pixels, session = sessions[0]) =>
  (await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, height, width, 3]) })).embedding.data;
const embed = async (bytes) => Float32Array.from(await run(await decode(bytes)));

// --- vectors and what is derived from them ---

const unit = (vector) => {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (value) => value / length);
};
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const HALF = definition.dimension / 2;
const gist = (vector) => unit(vector.subarray(0, HALF));
const color = (vector) => unit(vector.subarray(HALF));
const joined = (share) => (vector) =>
  unit([
    ...gist(vector).map((value) => value * Math.sqrt(1 - share)),
    ...color(vector).map((value) => value * Math.sqrt(share)),
  ]);
/** The simplest thing that could work: the picture at 16 x 16, less its mean. */
async function thumbnail(bytes) {
  const pixels = await sharp(bytes)
    .autoOrient()
    .removeAlpha()
    .resize(16, 16, { fit: 'fill' })
    .raw()
    .toBuffer();
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  return unit(Array.from(pixels, (value) => value - mean));
}

// --- measures ---

function retrieval(vectors, labels, asking = labels.map((_, i) => i)) {
  let [first, five, average] = [0, 0, 0];
  for (const query of asking) {
    const ranked = labels
      .map((label, i) => ({ i, hit: label === labels[query], similarity: dot(vectors[query], vectors[i]) }))
      .filter(({ i }) => i !== query)
      .sort((a, b) => b.similarity - a.similarity || a.i - b.i);
    let [hits, precisions] = [0, 0];
    ranked.forEach(({ hit }, rank) => {
      if (!hit) return;
      hits++;
      precisions += hits / (rank + 1);
    });
    first += Number(ranked[0].hit);
    five += ranked.slice(0, 5).filter(({ hit }) => hit).length / 5;
    average += precisions / hits;
  }
  const n = asking.length;
  return { 'P@1': round(first / n, 3), 'P@5': round(five / n, 3), mAP: round(average / n, 3) };
}

function spread(vectors) {
  const all = vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => dot(a, b)));
  return { 'pairs, median': round(percentile(all, 50), 3), 'pairs, 95 %': round(percentile(all, 95), 3) };
}

const jpeg = (bytes, change = (picture) => picture, options = { quality: 95 }) =>
  change(sharp(bytes).autoOrient()).jpeg(options).toBuffer();

/** The same picture stored turned and mirrored, with the EXIF tag that says how to set it right. */
async function stored(bytes, orientation) {
  const turned = { 3: 180, 4: 180, 5: 90, 6: 270, 7: 270, 8: 90 }[orientation] ?? 0;
  const mirrored = [2, 4, 5, 7].includes(orientation);
  const once = await sharp(await sharp(bytes).autoOrient().png().toBuffer())
    .rotate(turned)
    .png()
    .toBuffer();
  return sharp(once).flop(mirrored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}

const COPIES = {
  'JPEG, quality 50': (bytes) => jpeg(bytes, undefined, { quality: 50 }),
  'half the size, JPEG 80': async (bytes) => {
    const { autoOrient } = await sharp(bytes).metadata();
    return jpeg(bytes, (picture) => picture.resize(Math.round(autoOrient.width / 2)), { quality: 80 });
  },
  'WebP, quality 50': (bytes) => sharp(bytes).autoOrient().webp({ quality: 50 }).toBuffer(),
  'EXIF orientations 1 to 8': (bytes, i) => stored(bytes, 1 + (i % 8)),
  'exposure x 0.75': (bytes) => jpeg(bytes, (picture) => picture.linear(0.75, 0)),
  'middle 88 % x 90 %': async (bytes) => {
    const { autoOrient: size } = await sharp(bytes).metadata();
    const cut = (length, part) => ({
      at: Math.round((length * (1 - part)) / 2),
      of: Math.round(length * part),
    });
    const [x, y] = [cut(size.width, 0.88), cut(size.height, 0.9)];
    return jpeg(bytes, (picture) => picture.extract({ left: x.at, top: y.at, width: x.of, height: y.of }));
  },
  mirrored: (bytes) => jpeg(bytes, (picture) => picture.flop()),
};

// --- the photos ---

const photos = [];
const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
for (const label of folders.map((entry) => entry.name).sort())
  for (const name of (await readdir(join(folder, label))).sort())
    photos.push({ label, bytes: await readFile(join(folder, label, name)) });
const labels = photos.map(({ label }) => label);
const classes = [...new Set(labels)];
const vectors = [];
for (const { bytes } of photos) vectors.push(await embed(bytes));

console.log(
  `${machine()}\n${photos.length} photos, ${classes.length} classes; model ${definition.sha256.slice(0, 12)}`,
);

const thumbnails = await Promise.all(photos.map(({ bytes }) => thumbnail(bytes)));
const rows = {
  '16x16 thumbnail': thumbnails,
  'GIST alone': vectors.map(gist),
  'colour alone': vectors.map(color),
};
console.table({
  chance: { 'P@1': round((photos.length / classes.length - 1) / (photos.length - 1), 3) },
  ...Object.fromEntries(
    Object.entries({ ...rows, 'built-in': vectors }).map(([what, all]) => [
      what,
      { ...retrieval(all, labels), ...spread(all) },
    ]),
  ),
});

// Is the share of colour a fit to these classes? Each half of them asks by itself.
const halfOf = (parity) => labels.flatMap((label, i) => (classes.indexOf(label) % 2 === parity ? [i] : []));
console.table(
  Object.fromEntries(
    [0, 0.1, 0.2, 0.3, 0.4, 0.5, 1].map((share) => {
      const all = vectors.map(joined(share));
      return [
        `colour ${share}`,
        {
          ...retrieval(all, labels),
          'mAP, even classes': retrieval(all, labels, halfOf(0)).mAP,
          'mAP, odd classes': retrieval(all, labels, halfOf(1)).mAP,
          ...spread(all),
        },
      ];
    }),
  ),
);

const copies = {};
for (const [what, make] of Object.entries(COPIES)) {
  const similarities = [];
  let found = 0;
  for (const [i, { bytes }] of photos.entries()) {
    const copy = await embed(await make(bytes, i));
    const all = vectors.map((vector) => dot(copy, vector));
    similarities.push(all[i]);
    found += Number(Math.max(...all) === all[i]);
  }
  copies[what] = {
    median: round(percentile(similarities, 50), 3),
    'lowest 5 %': round(percentile(similarities, 5), 3),
    lowest: round(Math.min(...similarities), 3),
    'original first': round(found / photos.length, 3),
  };
}
console.table(copies);

const times = {};
async function time(what, act, count = 100) {
  const taken = [];
  for (let i = 0; i < count + 10; i++) {
    const start = performance.now();
    await act(photos[i % photos.length]);
    if (i >= 10) taken.push(performance.now() - start);
  }
  times[what] = { 'p50 ms': round(percentile(taken, 50)), 'p95 ms': round(percentile(taken, 95)) };
}
const pixels = await decode(photos[0].bytes);
for (const [i, threads] of THREADS.entries())
  await time(`run, ${threads} thread(s)`, () => run(pixels, sessions[i]));
await time('decode and run', ({ bytes }) => embed(bytes));
const large = await sharp(photos[0].bytes)
  .resize(3000, 4000, { fit: 'fill' })
  .jpeg({ quality: 90 })
  .toBuffer();
await time('decode and run, JPEG of 12 megapixels', () => embed(large), 20);
console.table(times);
