import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { assertUnchanged, stampOf, type FileStamp } from './file-stamp.js';
import { parseModelFile, type ModelFile } from './model-file.js';
import { describeInputSize } from './preprocess.js';
import type { ModelDescription } from './types.js';

/** A model whose files exist and match its model.json, as far as can be checked without running it. */
export interface Model {
  readonly info: ModelDescription;
  readonly definition: ModelFile;
  /** The ONNX file. */
  readonly path: string;
  /** Stamps of its files when they were verified. */
  readonly files: readonly FileStamp[];
}

/** What `auto` chooses, best first; each includes its variants (`dinov2-base-int8`). */
const PREFERRED = ['dinov2-base', 'dinov2-small', 'builtin'];

/** Increase this when the code that turns pictures into tensors changes its output: older vectors are then not comparable. */
const PREPROCESSING_VERSION = 1;

/** Where set-up keeps models that it replaced, one folder each: galleries use their vectors until they have new ones. */
export const EARLIER_DIR = '.earlier';

/** The folders of `modelsDir` that may contain the model of a space: the one with that id, then the replaced ones. */
export async function foldersOf(modelsDir: string, id: string): Promise<readonly string[]> {
  const earlier = join(modelsDir, EARLIER_DIR);
  const names = await readdir(earlier).catch(() => []);
  return [join(modelsDir, id), ...names.sort().map((name) => join(earlier, name))];
}

/** The folders of `modelsDir` with a model.json, by id. A broken model.json is reported when it is chosen. */
export async function listModels(modelsDir: string): Promise<readonly string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  const ids: string[] = [];
  for (const { name } of entries) if (await isFile(join(modelsDir, name, 'model.json'))) ids.push(name);
  return ids.sort();
}

/**
 * The model to use: the one with this id, or with `auto` the best available of DINOv2 base, DINOv2 small, built-in. A
 * broken one is an error, not a reason to use the next, which would silently be another space.
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH naming the file and what to do
 */
export async function chooseModel(modelsDir: string, choice: string): Promise<Model> {
  const ids = await listModels(modelsDir);
  const found = pickModel(ids, choice);
  if (found !== undefined) return loadModel(join(modelsDir, found));
  const there = ids.length === 0 ? 'no model is there' : `there are: ${ids.join(', ')}`;
  throw new AppError(
    'MODEL_MISSING',
    choice === 'auto'
      ? `No model to use in ${modelsDir} (${there}). The built-in one is made by "npm run setup".`
      : `No model "${choice}" in ${modelsDir} (${there}). It needs ${join(modelsDir, choice, 'model.json')}.`,
    { details: { path: modelsDir, models: ids } },
  );
}

/** The one of `ids` that a choice means: itself, or with `auto` the best available; undefined if there is none. */
export const pickModel = (ids: readonly string[], choice: string): string | undefined =>
  choice === 'auto'
    ? PREFERRED.flatMap((family) => ids.filter((id) => id === family || id.startsWith(`${family}-`)))[0]
    : ids.find((id) => id === choice);

/**
 * Reads a model's folder and verifies its files: the whole ONNX file is hashed (about a second for 1 GB).
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH
 */
export async function loadModel(folder: string): Promise<Model> {
  const definitionPath = join(folder, 'model.json');
  const text = await readFile(definitionPath, 'utf8').catch((error: unknown) => {
    throw new AppError('MODEL_MISSING', `${definitionPath} cannot be read: ${messageOf(error)}`, {
      details: { path: definitionPath },
    });
  });
  const definition = parseModelFile(text, definitionPath);
  const path = join(folder, definition.file);
  const { sha256, files } = await verifyFiles(path, definition);
  return {
    definition,
    path,
    files,
    info: {
      id: definition.id,
      dimension: definition.dimension,
      inputSize: describeInputSize(definition.preprocess),
      precision: definition.precision,
      spaceId: spaceIdOf(definition, sha256),
      description: definition.description,
      hasPatchTokens: definition.patchTokens !== undefined,
      ...(definition.similarityScale && { similarityScale: definition.similarityScale }),
    },
  };
}

/**
 * Two vectors can be compared only if they come from the same weights, preprocessing and output: the space's id is the
 * hash of exactly these.
 * @param sha256 of the model's files
 */
export function spaceIdOf(definition: ModelFile, sha256: string): string {
  const { preprocess, normalize, output, dimension } = definition;
  const canonical = canonicalJson({
    version: PREPROCESSING_VERSION,
    preprocess,
    normalize,
    output,
    dimension,
  });
  const hash = createHash('sha256').update(sha256).update(canonical).digest('hex');
  return `${definition.id}-${hash.slice(0, 12)}`;
}

/** JSON with the keys of every object sorted, so that the order in a file does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Verifies the ONNX file, and the files beside it in which large exports keep their weights.
 * @returns the sha256 of the ONNX file, or of all files concatenated
 */
async function verifyFiles(path: string, { sha256, bytes, weights }: ModelFile): Promise<VerifiedFiles> {
  const all = createHash('sha256');
  const own = await verifyFile(path, { sha256, bytes }, all);
  const files = [own.stamp];
  const beside = weights
    ? [join(dirname(path), weights.file)]
    : (
        await Promise.all(
          [`${path}_data`, `${path}.data`].map(async (name) => ((await isFile(name)) ? name : null)),
        )
      ).filter((name) => name !== null);
  for (const name of beside) files.push((await verifyFile(name, weights ?? {}, all)).stamp);
  return { sha256: beside.length > 0 ? all.digest('hex') : own.sha256, files };
}

interface VerifiedFiles {
  readonly sha256: string;
  readonly files: readonly FileStamp[];
}

interface Expected {
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
}

/** Also adds its bytes to the hash of all files. */
async function verifyFile(
  path: string,
  { sha256, bytes }: Expected,
  all: Hash,
): Promise<{ readonly sha256: string; readonly stamp: FileStamp }> {
  const mismatch = (problem: string): AppError =>
    new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });
  const stamp = await stampOf(path);
  if (stamp === null) {
    throw new AppError(
      'MODEL_MISSING',
      `${path} is missing. Put the model's file there, or choose another model.`,
      { details: { path } },
    );
  }
  if (await isLfsPointer(path)) {
    throw mismatch('is only a Git LFS pointer. Get the real file with "git lfs pull", or download it again.');
  }
  if (bytes !== undefined && stamp.bytes !== bytes) {
    throw mismatch(
      `has ${stamp.bytes} bytes instead of ${bytes}: it is truncated or another file. Download it again.`,
    );
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    all.update(chunk as Buffer);
  }
  const actual = hash.digest('hex');
  if (sha256 !== undefined && actual !== sha256) {
    throw mismatch(`is not the file that its model.json describes (sha256 ${actual}). Download it again.`);
  }
  await assertUnchanged([stamp]); // while it was being read
  return { sha256: actual, stamp };
}

async function isLfsPointer(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('latin1', 0, bytesRead).startsWith('version https://git-lfs.github.com/spec/');
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

const isFile = async (path: string): Promise<boolean> => (await sizeOf(path)) !== null;
