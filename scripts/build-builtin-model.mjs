/**
 * Writes models/builtin/ (model.onnx, model.json, NOTICE and the licence it names) with the compiled code of dist/ from
 * the weights beside its source: no download, and the same bytes each time. What is up to date is left as it is.
 * model.json names the hash of model.onnx and so comes last.
 */
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomically } from '../dist/lib/atomic-file.js';
import { describeBuiltinModel, encodeBuiltinModel } from '../dist/model-tools/builtin/builtin-model.js';
import { EARLIER_DIR, loadModel } from '../dist/services/embedding/model.js';
import { readBuiltinWeights } from '../dist/model-tools/builtin/weights.js';
import { fromRoot } from './lib/paths.mjs';

/** Where the weights, NOTICE and licence lie: not compiled, so not in dist/. */
export const BUILTIN_SOURCE = fromRoot('src', 'model-tools', 'builtin');

/** A gallery whose vectors another version of the model made is searched with that one until it has new ones. */
async function keepEarlier(folder, sha256) {
  const earlier = await loadModel(folder).catch(() => null);
  if (earlier === null || earlier.definition.sha256 === sha256) return;
  const kept = join(dirname(folder), EARLIER_DIR, earlier.info.spaceId);
  await rm(`${kept}.tmp`, { recursive: true, force: true });
  await rm(kept, { recursive: true, force: true });
  await cp(folder, `${kept}.tmp`, { recursive: true });
  await rename(`${kept}.tmp`, kept);
}

/** @returns whether something was written */
export async function buildBuiltinModel(folder) {
  const weights = await readBuiltinWeights(BUILTIN_SOURCE);
  const onnx = encodeBuiltinModel(weights);
  const description = describeBuiltinModel(onnx, weights);
  const texts = ['NOTICE', 'LICENSE-APACHE-2.0'];
  const files = [
    ...(await Promise.all(texts.map(async (name) => [name, await readFile(join(BUILTIN_SOURCE, name))]))),
    [description.file, Buffer.from(onnx)],
    ['model.json', Buffer.from(`${JSON.stringify(description, null, 2)}\n`)],
  ];
  await mkdir(folder, { recursive: true });
  await keepEarlier(folder, description.sha256);
  let written = false;
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    const old = await readFile(path).catch(() => null);
    if (old?.equals(bytes)) continue;
    await writeFileAtomically(path, bytes);
    written = true;
  }
  return written;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2] ?? fromRoot('models', 'builtin');
  const written = await buildBuiltinModel(folder);
  console.log(`built-in model: ${written ? 'written to' : 'up to date in'} ${folder}`);
}
