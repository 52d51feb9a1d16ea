/**
 * Similarities of random photos with the built-in model, for its table (`builtin-v2.scale.json`), over pairs within each
 * folder, which has one subfolder per class: `node bench/similarity-scale.mjs [folder ...] > table.json`.
 */
import '../dist/workers/no-telemetry.js';
import { fileURLToPath } from 'node:url';
import { scaleOf } from '../dist/services/embedding/similarity-scale.js';
import { openBuiltin } from './lib/builtin.mjs';
import { round } from './lib/measure.mjs';
import { dot, readClasses } from './lib/retrieval.mjs';

const folders =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['clothing', 'grocery'].map((name) =>
        fileURLToPath(new URL(`../../shared/photos/${name}`, import.meta.url)),
      );
const { embed } = await openBuiltin();
const all = [];
for (const folder of folders) {
  const vectors = [];
  for (const { bytes } of await readClasses(folder)) vectors.push(await embed(bytes));
  vectors.forEach((a, i) => vectors.slice(i + 1).forEach((b) => all.push(dot(a, b))));
}
console.log(JSON.stringify({ quantiles: scaleOf(all).quantiles.map((value) => round(value, 4)) }));
