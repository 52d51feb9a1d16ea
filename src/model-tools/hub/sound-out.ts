import { AppError, messageOf } from '../../errors.js';
import type { PatchTokens } from '../../services/embedding/model-file.js';
import { openProbe, type Probe } from '../probe.js';

/** How a picture model handles inputs of several sizes. */
export interface Sounding {
  /** Sides of the input; `dynamic`: any whose sides are multiples of the patch size. */
  readonly size: { readonly height: number; readonly width: number } | 'dynamic';
  /** Length of the vector. */
  readonly dimension: number;
  readonly patchTokens: PatchTokens | null;
}

export interface SoundingOptions {
  readonly path: string;
  readonly layout: 'nchw' | 'nhwc';
  /** Declared sides of its input; null means any. */
  readonly height: number | null;
  readonly width: number | null;
  /** The output with the vector. */
  readonly output: string;
  /** The output with a row for every patch, if there is one. */
  readonly tokens: string | null;
  /** Entry of the worker process. */
  readonly workerUrl?: URL | undefined;
}

/** Common square input sizes of exports, the most usual first. */
const SQUARES = [224, 518, 256, 336, 384, 448, 512];
/** Two shapes with numbers of patches that no square has. */
const OBLONGS = [
  { height: 224, width: 308 },
  { height: 308, width: 224 },
];
const PATCH_SIZES = [14, 16, 8, 32];
/** Maximum number of CLS and register tokens. */
const LONGEST_PREFIX = 17;

type Size = Exclude<Sounding['size'], 'dynamic'>;
type Run = { readonly dims: readonly number[]; readonly tokens: number | null };

/**
 * Runs the model to find out which sizes it really accepts: exports often declare any size but fail on all except the one
 * they were traced with.
 * @throws AppError MODEL_MISMATCH if it fails on every size, or if its output is not a vector
 */
export async function soundOut(options: SoundingOptions): Promise<Sounding> {
  const { path, layout, height, width } = options;
  const probe = await openProbe({
    path,
    // Irrelevant here, because it gets finished tensors.
    definition: {
      input: { layout, type: 'float32' },
      preprocess: { mode: 'stretch', width: 224, height: 224 },
      normalize: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    },
    ...(options.workerUrl === undefined ? {} : { workerUrl: options.workerUrl }),
  });
  try {
    const sizes: Size[] =
      height !== null || width !== null
        ? [{ height: height ?? (width as number), width: width ?? (height as number) }]
        : SQUARES.map((side) => ({ height: side, width: side }));
    let first: { readonly size: Size; readonly run: Run } | null = null;
    const problems: string[] = [];
    for (const size of sizes) {
      const run = await attempt(probe, options, size);
      if (typeof run !== 'string') {
        first = { size, run };
        break;
      }
      problems.push(run);
    }
    if (first === null) throw mismatch(path, `cannot be run on pictures of any usual size. (${problems[0]})`);
    const dimension = dimensionOf(path, first.run);
    const patchTokens = patchTokensOf(options.tokens, first.size, first.run);
    const dynamic =
      height === null &&
      width === null &&
      patchTokens?.patchSize === 14 &&
      (await readsOblongs(probe, options, patchTokens));
    return { size: dynamic ? 'dynamic' : first.size, dimension, patchTokens };
  } finally {
    await probe.close();
  }
}

/** @returns why it failed */
async function attempt(
  probe: Probe,
  { path, layout, output, tokens }: SoundingOptions,
  { height, width }: Size,
): Promise<Run | string> {
  const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const data = Float32Array.from({ length: 3 * height * width }, (_, i) => ((i * 7919) % 251) / 125 - 1);
  const names = [...new Set([output, ...(tokens === null ? [] : [tokens])])];
  try {
    const outputs = await probe.runTensor({ dims, data }, names);
    const vector = outputs[output];
    if (vector === undefined || !vector.data.every((value) => Number.isFinite(value)))
      throw mismatch(path, `outputs numbers that are not finite as ${output}.`);
    return { dims: vector.dims, tokens: (tokens === null ? undefined : outputs[tokens])?.dims[1] ?? null };
  } catch (error) {
    if (error instanceof AppError && error.code === 'MODEL_MISMATCH') throw error;
    return messageOf(error);
  }
}

async function readsOblongs(
  probe: Probe,
  options: SoundingOptions,
  { prefix, patchSize }: PatchTokens,
): Promise<boolean> {
  for (const size of OBLONGS) {
    const run = await attempt(probe, options, size);
    if (typeof run === 'string' || run.tokens !== prefix + patches(size, patchSize)) return false;
  }
  return true;
}

function dimensionOf(path: string, { dims }: Run): number {
  const dimension = dims.at(-1);
  if (dimension !== undefined && dims.length >= 1 && dims.length <= 3 && (dims.length === 1 || dims[0] === 1))
    return dimension;
  throw mismatch(path, `gives an output of shape [${dims.join(', ')}]: that is no vector for a picture.`);
}

/** Derives the patch size from the number of rows: one that leaves a plausible number for CLS and registers. */
function patchTokensOf(output: string | null, size: Size, { tokens }: Run): PatchTokens | null {
  if (output === null || tokens === null) return null;
  for (const patchSize of PATCH_SIZES) {
    if (size.height % patchSize !== 0 || size.width % patchSize !== 0) continue;
    const prefix = tokens - patches(size, patchSize);
    if (prefix >= 0 && prefix <= LONGEST_PREFIX) return { output, prefix, patchSize };
  }
  return null;
}

const patches = ({ height, width }: Size, patchSize: number): number =>
  Math.floor(height / patchSize) * Math.floor(width / patchSize);

const mismatch = (path: string, problem: string): AppError =>
  new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });
