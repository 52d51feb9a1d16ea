import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { syncFile } from '../../lib/atomic-file.js';
import { check } from '../../lib/check.js';
import { choosePreprocess, NORMALIZE, type PreprocessMode } from '../dinov2/describe.js';
import {
  MODEL_FORMAT_VERSION,
  type ModelFile,
  type ModelInput,
  type ModelOutput,
  type Preprocess,
} from '../../services/embedding/model-file.js';
import { checkModelId, publishModel, writeModelFile } from '../model-folder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import { tryModel } from '../try-model.js';
import { inspectOnnx, type OnnxSummary, type OnnxValue } from './inspect-onnx.js';
import { soundOut, type Sounding } from './sound-out.js';

export interface AdoptOptions {
  /** The ONNX file, with its weights files in the same folder. */
  readonly path: string;
  readonly modelsDir: string;
  /** By default from the name of the file or its folder. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** For an export that reads any size; by default any. */
  readonly size?: { readonly height: number; readonly width: number } | 'dynamic' | undefined;
  /** By default the one that crops nothing. */
  readonly preprocess?: PreprocessMode | undefined;
  readonly replace?: boolean | undefined;
  /** As for `convertDinov2`. */
  readonly samples?: readonly string[] | undefined;
  /** The files are not needed in their place: link them instead of copying, if possible. */
  readonly takeOver?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Entry of the worker process that tests the model; the one that probes it is in the same folder. */
  readonly workerUrl?: URL | undefined;
}

export interface Adopted {
  readonly definition: ModelFile;
  readonly size: Sounding['size'];
}

/** Usual names of outputs with a vector for a picture, best first. */
const VECTORS = ['embedding', 'embeddings', 'image_embeds', 'pooler_output', 'last_hidden_state'];

/**
 * Makes `models/<id>/` from an ONNX export: copies the files, runs it to find out its input and output, and moves it into
 * place once the runtime has run it as it will be used. If that fails, nothing is left behind.
 *
 * Pixels are normalised as for DINOv2 (ImageNet's mean and deviation).
 *
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH, BAD_USER_INPUT, STORAGE_FAILED; the signal's reason
 */
export async function adoptOnnx(options: AdoptOptions): Promise<Adopted> {
  const { path, modelsDir, replace = false, signal, workerUrl } = options;
  const summary = await inspectOnnx(path);
  const id = options.id ?? idOf(path, summary);
  await checkModelId(modelsDir, id, { replace });
  const { input, height, width } = inputOf(path, summary);
  const dataFile = await dataFileOf(path, summary);
  const output = vectorOutput(path, summary);
  const sounding = await sound();
  signal?.throwIfAborted();
  const size = chooseSize(options, sounding.size);
  const preprocess = choosePreprocess(size, options.preprocess);

  return publishModel(modelsDir, id, { replace }, async (folder) => {
    const onnx = await bring(path, join(folder, 'model.onnx'), options.takeOver);
    const weights =
      dataFile === null
        ? null
        : await bring(join(dirname(path), dataFile), join(folder, dataFile), options.takeOver);
    signal?.throwIfAborted();
    const { dimension, patchTokens } = sounding;
    const described: ModelFile = {
      formatVersion: MODEL_FORMAT_VERSION,
      id,
      name: options.name ?? `ONNX export ${basename(path)}`,
      description:
        options.description ??
        'An ONNX export made elsewhere, read as DINOv2 is: what it is good for depends on what was exported.',
      file: onnx.file,
      sha256: onnx.sha256,
      bytes: onnx.bytes,
      ...(weights === null ? {} : { weights }),
      input,
      preprocess,
      normalize: NORMALIZE,
      output,
      dimension,
      precision: summary.precision,
      ...(patchTokens === null || !fits(preprocess, patchTokens.patchSize) ? {} : { patchTokens }),
    };
    await writeModelFile(folder, described);
    const { samples } = options;
    const definition = await tryModel(folder, { samples, signal, workerUrl });
    signal?.throwIfAborted();
    return { definition, size };
  });

  async function sound(): Promise<Sounding> {
    const name = output.name as string;
    const declared = summary.outputs.find((one) => one.name === name)?.shape.at(-1) ?? null;
    if (input.type === 'uint8') {
      // Only float32 inputs can be probed; otherwise its declarations have to suffice.
      const side = { height: height ?? width ?? 224, width: width ?? height ?? 224 };
      if (declared === null) throw mismatch(path, `does not say how long the vector of ${name} is.`);
      return { size: side, dimension: declared, patchTokens: null };
    }
    return soundOut({
      path,
      layout: input.layout,
      height,
      width,
      output: name,
      tokens: tokensOutput(summary),
      workerUrl: workerUrl === undefined ? undefined : new URL('probe-worker.js', workerUrl),
    });
  }
}

/** Copies or links one file into place, durably. */
async function bring(
  from: string,
  to: string,
  takeOver = false,
): Promise<{ file: string; sha256: string; bytes: number }> {
  try {
    const linked = takeOver && (await link(from, to).then(() => true, () => false)); // prettier-ignore
    if (!linked) await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await syncFile(to);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(to, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).byteLength;
    }
    return { file: basename(to), sha256: hash.digest('hex'), bytes };
  } catch (error) {
    throw new AppError('STORAGE_FAILED', `${from} cannot be copied into models/: ${messageOf(error)}`, {
      details: { path: from },
      cause: error,
    });
  }
}

function inputOf(
  path: string,
  { inputs }: OnnxSummary,
): { readonly input: ModelInput; readonly height: number | null; readonly width: number | null } {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    throw mismatch(
      path,
      `has the inputs ${inputs.map(({ name }) => name).join(', ') || 'none'}; expected one picture alone.`,
    );
  const { name, type, shape } = input;
  const isFloat = type === DATA_TYPES.float32;
  if (!isFloat && type !== DATA_TYPES.uint8)
    throw mismatch(
      path,
      `wants its input ${name} in another type than float32 or uint8: export it with float32.`,
    );
  const layout = shape[3] === 3 && shape[1] !== 3 ? 'nhwc' : 'nchw';
  if (shape.length !== 0 && (shape.length !== 4 || (shape[layout === 'nchw' ? 1 : 3] ?? 3) !== 3))
    throw mismatch(
      path,
      `wants an input of shape [${shape.map((dim) => dim ?? '?').join(', ')}]; expected [1, 3, height, width].`,
    );
  const [height = null, width = null] = layout === 'nchw' ? [shape[2], shape[3]] : [shape[1], shape[2]];
  return { input: { name, layout, type: isFloat ? 'float32' : 'uint8' }, height, width };
}

function vectorOutput(path: string, { outputs }: OnnxSummary): ModelOutput {
  const floats = outputs.filter(({ type }) => type === DATA_TYPES.float32);
  const ofRank = (rank: number): OnnxValue | undefined => floats.find(({ shape }) => shape.length === rank);
  const chosen =
    VECTORS.map((wanted) => floats.find(({ name }) => name === wanted)).find((one) => one !== undefined) ??
    ofRank(2) ??
    ofRank(3) ??
    floats[0];
  if (chosen === undefined)
    throw mismatch(
      path,
      `has no output in float32, but ${outputs.map(({ name }) => name).join(', ')}: export it with float32.`,
    );
  const isTokens = chosen.name === 'last_hidden_state' || chosen.shape.length === 3;
  const kind = isTokens
    ? 'last_hidden_state'
    : chosen.name === 'pooler_output'
      ? 'pooler_output'
      : 'embedding';
  return { name: chosen.name, kind };
}

const tokensOutput = ({ outputs }: OnnxSummary): string | null => {
  const floats = outputs.filter(({ type }) => type === DATA_TYPES.float32);
  const found =
    floats.find(({ name }) => name === 'last_hidden_state') ?? floats.find(({ shape }) => shape.length === 3);
  return found?.name ?? null;
};

/** @throws AppError MODEL_MISSING, MODEL_MISMATCH */
async function dataFileOf(path: string, { dataFiles }: OnnxSummary): Promise<string | null> {
  const [file, ...others] = dataFiles;
  if (file === undefined) return null;
  if (others.length > 0)
    throw mismatch(
      path,
      `keeps its weights in ${dataFiles.length} files: save it with all of them in one file.`,
    );
  if (/[\\/]/.test(file) || file === 'model.onnx' || file === 'model.json')
    throw mismatch(path, `keeps its weights in ${file}; expected a file beside it, of a name of its own.`);
  const beside = join(dirname(path), file);
  const found = await stat(beside).catch(() => null);
  if (found?.isFile() !== true)
    throw new AppError('MODEL_MISSING', `${beside} is missing: ${basename(path)} keeps its weights in it.`, {
      details: { path: beside },
    });
  return file;
}

function chooseSize({ size }: AdoptOptions, read: Sounding['size']): Sounding['size'] {
  if (size === undefined || read === 'dynamic') return size ?? read;
  check(
    size !== 'dynamic' && size.height === read.height && size.width === read.width,
    'size',
    `${read.height}x${read.width}, the only size this export reads,`,
  );
  return size;
}

/** Patches can be shown only if they cover the input. */
const fits = (preprocess: Preprocess, patchSize: number): boolean =>
  preprocess.mode === 'short-side'
    ? preprocess.multipleOf % patchSize === 0
    : preprocess.mode === 'center-crop'
      ? preprocess.crop % patchSize === 0
      : preprocess.height % patchSize === 0 && preprocess.width % patchSize === 0;

/** `dinov2-small-int8` of `dinov2-small/onnx/model_quantized.onnx`. */
function idOf(path: string, { precision }: OnnxSummary): string {
  const file = slug(basename(path).replace(/\.onnx$/i, ''));
  if (!file.startsWith('model')) return file;
  const folders = dirname(path).split(/[\\/]/).filter((name) => name !== 'onnx'); // prettier-ignore
  const base = slug(folders.at(-1) ?? '');
  return base === '' ? file : [base, precision === 'fp32' ? '' : precision].filter(Boolean).join('-');
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');

const mismatch = (path: string, problem: string): AppError =>
  new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });
