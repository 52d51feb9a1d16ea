import { AppError, messageOf } from '../../errors.js';
import { FieldReader, type Fields } from './field-reader.js';
import { SHARES, type SimilarityScale } from './similarity-scale.js';
import type { ModelDescription } from './types.js';

/** The format of `models/<id>/model.json`: everything needed to run an ONNX file as an embedding model. */

export const MODEL_FORMAT_VERSION = 1;

/** How a picture is fitted to the model's input size. Part of what defines the model's space. */
export type Preprocess =
  /** Scales both sides to the given size: the aspect ratio changes, nothing is cropped. */
  | { readonly mode: 'stretch'; readonly width: number; readonly height: number }
  /** Short side to `resize`, then the central square of `crop`. */
  | { readonly mode: 'center-crop'; readonly resize: number; readonly crop: number }
  /** Short side to about `shortSide`, both sides to multiples of `multipleOf`, the long side at most `maxSide`. */
  | {
      readonly mode: 'short-side';
      readonly shortSide: number;
      readonly multipleOf: number;
      /** Default: four times the short side. */
      readonly maxSide?: number;
    }
  /** Whole picture within the size given, margins in `color` (CSS notation). */
  | { readonly mode: 'pad'; readonly width: number; readonly height: number; readonly color: string };

/** A value of the tensor is (pixel * scale - mean) / std, pixel 0..255, mean and std for red, green, blue. */
export interface Normalize {
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface ModelInput {
  /** By default the model's only input. */
  readonly name?: string;
  readonly layout: 'nchw' | 'nhwc';
  /** `uint8`: the pixels as they are; the model then normalises them itself. */
  readonly type: 'float32' | 'uint8';
}

export type OutputKind = 'last_hidden_state' | 'pooler_output' | 'embedding';

export interface ModelOutput {
  readonly name?: string;
  /**
   * `last_hidden_state` [1, tokens, dimension]: its first row, the CLS token, is the vector; the other kinds
   * [1, dimension] are the vector itself. Determined by the shape if left out.
   */
  readonly kind?: OutputKind;
}

/** The file with the weights, if the ONNX file does not contain them (ONNX "external data"). */
export interface ModelWeights {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The output with a vector for every patch of the picture. Not part of the space. */
export interface PatchTokens {
  /** Name of the output [1, prefix + rows * columns, dimension], patches row-major. */
  readonly output: string;
  /** Rows before the patches: CLS and register tokens. */
  readonly prefix: number;
  /** Side of a patch in pixels of the input. */
  readonly patchSize: number;
}

export interface ModelFile {
  readonly formatVersion: typeof MODEL_FORMAT_VERSION;
  /** Lower-case letters, digits, dots, dashes. */
  readonly id: string;
  readonly name: string;
  /** One honest sentence: what it is good at and what not. */
  readonly description: string;
  /** The ONNX file, relative to model.json's folder. */
  readonly file: string;
  /** Hex sha256 of that file; verified when present. */
  readonly sha256?: string;
  /** Its size; verified when present. */
  readonly bytes?: number;
  /** Verified when present. */
  readonly weights?: ModelWeights;
  readonly input: ModelInput;
  readonly preprocess: Preprocess;
  readonly normalize: Normalize;
  readonly output: ModelOutput;
  /** Length of the vector. */
  readonly dimension: number;
  readonly precision: ModelDescription['precision'];
  readonly patchTokens?: PatchTokens;
  /** Similarities of random pictures, for galleries that are too small to measure them: quantiles at `SHARES`. Not part of the space. */
  readonly similarityScale?: SimilarityScale;
}

/**
 * Reads a model.json strictly: refuses unknown versions, missing and invalid values, and ignores unknown fields.
 * @param path for messages
 * @throws AppError MODEL_MISMATCH naming the file and the field
 */
export function parseModelFile(text: string, path: string): ModelFile {
  const read = new FieldReader(path);
  const root = parseRoot(text, path, read);
  if (root['formatVersion'] !== MODEL_FORMAT_VERSION)
    read.fail('formatVersion', String(MODEL_FORMAT_VERSION));
  const id = read.string(root['id'], 'id');
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) read.fail('id', 'lower-case letters, digits, dots and dashes');
  return {
    formatVersion: MODEL_FORMAT_VERSION,
    id,
    name: read.string(root['name'], 'name'),
    description: read.string(root['description'], 'description'),
    ...parseFiles(root, read),
    input: parseInput(read.object(root['input'], 'input'), read),
    preprocess: parsePreprocess(read.object(root['preprocess'], 'preprocess'), read),
    normalize: parseNormalize(read.object(root['normalize'], 'normalize'), read),
    output: parseOutput(read.object(root['output'] ?? {}, 'output'), read),
    dimension: read.integer(root['dimension'], 'dimension'),
    precision: read.oneOf(root['precision'], 'precision', ['fp32', 'fp16', 'int8']),
    ...(root['patchTokens'] === undefined
      ? {}
      : { patchTokens: parsePatchTokens(read.object(root['patchTokens'], 'patchTokens'), read) }),
    ...(root['similarityScale'] === undefined
      ? {}
      : { similarityScale: parseScale(read.object(root['similarityScale'], 'similarityScale'), read) }),
  };
}

function parseRoot(text: string, path: string, read: FieldReader): Fields {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new AppError('MODEL_MISMATCH', `${path} is not valid JSON: ${messageOf(error)}`, {
      details: { path },
    });
  }
  return read.object(root, 'model.json');
}

function parseFiles(
  root: Fields,
  read: FieldReader,
): Pick<ModelFile, 'file' | 'sha256' | 'bytes' | 'weights'> {
  const weights = root['weights'] === undefined ? null : read.object(root['weights'], 'weights');
  return {
    file: read.fileName(root['file'], 'file'),
    ...(root['sha256'] === undefined ? {} : { sha256: read.string(root['sha256'], 'sha256').toLowerCase() }),
    ...(root['bytes'] === undefined
      ? {}
      : { bytes: read.integer(root['bytes'], 'bytes', Number.MAX_SAFE_INTEGER) }),
    ...(weights === null
      ? {}
      : {
          weights: {
            file: read.fileName(weights['file'], 'weights.file'),
            sha256: read.string(weights['sha256'], 'weights.sha256').toLowerCase(),
            bytes: read.integer(weights['bytes'], 'weights.bytes', Number.MAX_SAFE_INTEGER),
          },
        }),
  };
}

const parseInput = (input: Fields, read: FieldReader): ModelInput => ({
  ...(input['name'] === undefined ? {} : { name: read.string(input['name'], 'input.name') }),
  layout: read.oneOf(input['layout'], 'input.layout', ['nchw', 'nhwc']),
  type: read.oneOf(input['type'], 'input.type', ['float32', 'uint8']),
});

function parseNormalize(normalize: Fields, read: FieldReader): Normalize {
  const std = read.triple(normalize['std'], 'normalize.std');
  if (std.includes(0)) read.fail('normalize.std', 'three numbers other than 0');
  return {
    scale: read.number(normalize['scale'], 'normalize.scale'),
    mean: read.triple(normalize['mean'], 'normalize.mean'),
    std,
  };
}

function parseOutput(output: Fields, read: FieldReader): ModelOutput {
  const kinds = ['last_hidden_state', 'pooler_output', 'embedding'] as const;
  return {
    ...(output['name'] === undefined ? {} : { name: read.string(output['name'], 'output.name') }),
    ...(output['kind'] === undefined ? {} : { kind: read.oneOf(output['kind'], 'output.kind', kinds) }),
  };
}

function parseScale(scale: Fields, read: FieldReader): SimilarityScale {
  const quantiles = scale['quantiles'];
  const field = 'similarityScale.quantiles';
  const rule = `${SHARES.length} ascending numbers from -1 to 1`;
  const values = Array.isArray(quantiles)
    ? quantiles.map((value) => read.number(value, field))
    : read.fail(field, rule);
  const isAscending = values.every((value, i) => value >= (values[i - 1] ?? -1) && value <= 1);
  return values.length === SHARES.length && isAscending ? { quantiles: values } : read.fail(field, rule);
}

const parsePatchTokens = (tokens: Fields, read: FieldReader): PatchTokens => ({
  output: read.string(tokens['output'], 'patchTokens.output'),
  prefix: tokens['prefix'] === 0 ? 0 : read.integer(tokens['prefix'], 'patchTokens.prefix', 64),
  patchSize: read.integer(tokens['patchSize'], 'patchTokens.patchSize', 256),
});

function parsePreprocess(preprocess: Fields, read: FieldReader): Preprocess {
  const side = (name: string): number => read.integer(preprocess[name], `preprocess.${name}`, 4096);
  const mode = read.oneOf(preprocess['mode'], 'preprocess.mode', [
    'stretch',
    'center-crop',
    'short-side',
    'pad',
  ]);
  switch (mode) {
    case 'stretch':
      return { mode, width: side('width'), height: side('height') };
    case 'center-crop': {
      const [resize, crop] = [side('resize'), side('crop')];
      if (crop > resize) read.fail('preprocess.crop', 'at most preprocess.resize');
      return { mode, resize, crop };
    }
    case 'short-side':
      return {
        mode,
        shortSide: side('shortSide'),
        multipleOf: side('multipleOf'),
        ...(preprocess['maxSide'] === undefined ? {} : { maxSide: side('maxSide') }),
      };
    case 'pad': {
      const color = read.string(preprocess['color'], 'preprocess.color');
      if (!/^#[0-9a-f]{6}$/i.test(color)) read.fail('preprocess.color', 'a colour like #7f7f7f');
      return { mode, width: side('width'), height: side('height'), color };
    }
  }
}
