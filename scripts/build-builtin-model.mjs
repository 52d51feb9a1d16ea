/**
 * Writes models/builtin/ (model.onnx and model.json) with the compiled code of dist/: no download, no training, and the
 * same bytes each time. What is up to date is left as it is. model.json names the other's sha256 and so comes last.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomically } from '../dist/lib/atomic-file.js';
import {
  describeBuiltinModel,
  encodeBuiltinModel,
} from '../dist/services/embedding/builtin/builtin-model.js';
import { fromRoot } from './lib/paths.mjs';

/** Which model the code of dist/ makes: the hex sha256 of its bytes. Takes about 50 ms. */
export const builtinModelFingerprint = () => describeBuiltinModel(encodeBuiltinModel()).sha256;

/** @returns whether something was written */
export async function buildBuiltinModel(folder) {
  const onnx = encodeBuiltinModel();
  const description = describeBuiltinModel(onnx);
  const definition = `${JSON.stringify(description, null, 2)}\n`;
  const files = { onnx: join(folder, description.file), json: join(folder, 'model.json') };

  const [oldOnnx, oldDefinition] = await Promise.all(
    [files.onnx, files.json].map((path) => readFile(path).catch(() => Buffer.alloc(0))),
  );
  const sameOnnx = createHash('sha256').update(oldOnnx).digest('hex') === description.sha256;
  if (sameOnnx && oldDefinition.toString() === definition) return false;

  await mkdir(folder, { recursive: true });
  if (!sameOnnx) await writeFileAtomically(files.onnx, onnx);
  await writeFileAtomically(files.json, definition);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2] ?? fromRoot('models', 'builtin');
  const written = await buildBuiltinModel(folder);
  console.log(`built-in model: ${written ? 'written to' : 'up to date in'} ${folder}`);
}
