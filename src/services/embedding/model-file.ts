import { AppError, messageOf } from '../../errors.js';
import { SHARES, type SimilarityScale } from './similarity-scale.js';
import type { ModelDescription } from './types.js';

/** The format of `models/<id>/model.json`: everything that is needed to run an ONNX file as an embedding model. */

export const MODEL_FORMAT_VERSION = 1;

/** How a picture is brought to the model's input size. Part of what spans the model's space. */
export type Preprocess =
  /** Both sides to the size given; the aspect is given up, nothing is cut off. */
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
  /** The model's only input when left out. */
  readonly name?: string;
  readonly layout: 'nchw' | 'nhwc';
  /** `uint8`: the pixels as they are; `normalize` is then the model's own affair. */
  readonly type: 'float32' | 'uint8';
}

export type OutputKind = 'last_hidden_state' | 'pooler_output' | 'embedding';

export interface ModelOutput {
  readonly name?: string;
  /**
   * `last_hidden_state` [1, tokens, dimension]: its first row, the CLS token, is the vector; the others
   * [1, dimension] are the vector themselves. Told by the shape when left out.
   */
  readonly kind?: OutputKind;
}

/** The file with the weights, where the ONNX file does not hold them itself (ONNX "external data"). */
export interface ModelWeights {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where a model gives a vector for every patch of the picture. Not part of the space. */
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
  /** One honest sentence: what it is good for and what not. */
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
  /** How alike random pictures are, for galleries that are too small to measure it: quantiles at `SHARES`. Not part of the space. */
  readonly similarityScale?: SimilarityScale;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a model.json strictly: unknown versions, missing and impossible values are refused, unknown fields ignored.
 * @param path for messages
 * @throws AppError MODEL_MISMATCH naming the file and the field
 */
export function parseModelFile(text: string, path: string): ModelFile {
  const fail = (field: string, rule: string): never => {
    throw new AppError('MODEL_MISMATCH', `${path}: expected ${rule} for ${field}.`, {
      details: { path, field },
    });
  };
  const object = (value: unknown, field: string): Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : fail(field, 'an object');
  const string = (value: unknown, field: string): string =>
    typeof value === 'string' && value !== '' ? value : fail(field, 'a text');
  const integer = (value: unknown, field: string, most = 16_384): number =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
      ? (value as number)
      : fail(field, `a whole number from 1 to ${most}`);
  const number = (value: unknown, field: string): number =>
    typeof value === 'number' && Number.isFinite(value) ? value : fail(field, 'a number');
  const oneOf = <T extends string>(value: unknown, field: string, values: readonly T[]): T =>
    values.includes(value as T) ? (value as T) : fail(field, `one of ${values.join(', ')}`);
  const triple = (value: unknown, field: string): [number, number, number] => {
    const list: readonly unknown[] =
      Array.isArray(value) && value.length === 3 ? value : fail(field, 'three numbers');
    return [number(list[0], field), number(list[1], field), number(list[2], field)];
  };

  let root: Fields;
  try {
    root = object(JSON.parse(text), 'model.json');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('MODEL_MISMATCH', `${path} is not valid JSON: ${messageOf(error)}`, {
      details: { path },
    });
  }
  if (root['formatVersion'] !== MODEL_FORMAT_VERSION) fail('formatVersion', String(MODEL_FORMAT_VERSION));

  const id = string(root['id'], 'id');
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) fail('id', 'lower-case letters, digits, dots and dashes');
  const fileName = (value: unknown, field: string): string => {
    const name = string(value, field);
    return /[\\/]/.test(name) ? fail(field, 'the name of a file beside model.json') : name;
  };
  const file = fileName(root['file'], 'file');

  const input = object(root['input'], 'input');
  const preprocess = object(root['preprocess'], 'preprocess');
  const normalize = object(root['normalize'], 'normalize');
  const output = object(root['output'] ?? {}, 'output');
  const std = triple(normalize['std'], 'normalize.std');
  if (std.includes(0)) fail('normalize.std', 'three numbers other than 0');

  return {
    formatVersion: MODEL_FORMAT_VERSION,
    id,
    name: string(root['name'], 'name'),
    description: string(root['description'], 'description'),
    file,
    ...(root['sha256'] === undefined ? {} : { sha256: string(root['sha256'], 'sha256').toLowerCase() }),
    ...(root['bytes'] === undefined
      ? {}
      : { bytes: integer(root['bytes'], 'bytes', Number.MAX_SAFE_INTEGER) }),
    ...(root['weights'] === undefined ? {} : { weights: parseWeights(object(root['weights'], 'weights')) }),
    input: {
      ...(input['name'] === undefined ? {} : { name: string(input['name'], 'input.name') }),
      layout: oneOf(input['layout'], 'input.layout', ['nchw', 'nhwc']),
      type: oneOf(input['type'], 'input.type', ['float32', 'uint8']),
    },
    preprocess: parsePreprocess(),
    normalize: {
      scale: number(normalize['scale'], 'normalize.scale'),
      mean: triple(normalize['mean'], 'normalize.mean'),
      std,
    },
    output: {
      ...(output['name'] === undefined ? {} : { name: string(output['name'], 'output.name') }),
      ...(output['kind'] === undefined
        ? {}
        : {
            kind: oneOf(output['kind'], 'output.kind', ['last_hidden_state', 'pooler_output', 'embedding']),
          }),
    },
    dimension: integer(root['dimension'], 'dimension'),
    precision: oneOf(root['precision'], 'precision', ['fp32', 'fp16', 'int8']),
    ...(root['patchTokens'] === undefined
      ? {}
      : { patchTokens: parsePatchTokens(object(root['patchTokens'], 'patchTokens')) }),
    ...(root['similarityScale'] === undefined
      ? {}
      : { similarityScale: parseScale(object(root['similarityScale'], 'similarityScale')['quantiles']) }),
  };

  function parseScale(quantiles: unknown): SimilarityScale {
    const field = 'similarityScale.quantiles';
    const rule = `${SHARES.length} ascending numbers from -1 to 1`;
    const values = Array.isArray(quantiles)
      ? quantiles.map((value) => number(value, field))
      : fail(field, rule);
    const isAscending = values.every((value, i) => value >= (values[i - 1] ?? -1) && value <= 1);
    return values.length === SHARES.length && isAscending ? { quantiles: values } : fail(field, rule);
  }

  function parseWeights(weights: Fields): ModelWeights {
    return {
      file: fileName(weights['file'], 'weights.file'),
      sha256: string(weights['sha256'], 'weights.sha256').toLowerCase(),
      bytes: integer(weights['bytes'], 'weights.bytes', Number.MAX_SAFE_INTEGER),
    };
  }

  function parsePatchTokens(tokens: Fields): PatchTokens {
    return {
      output: string(tokens['output'], 'patchTokens.output'),
      prefix: tokens['prefix'] === 0 ? 0 : integer(tokens['prefix'], 'patchTokens.prefix', 64),
      patchSize: integer(tokens['patchSize'], 'patchTokens.patchSize', 256),
    };
  }

  function parsePreprocess(): Preprocess {
    const side = (name: string): number => integer(preprocess[name], `preprocess.${name}`, 4096);
    const mode = oneOf(preprocess['mode'], 'preprocess.mode', [
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
        if (crop > resize) fail('preprocess.crop', 'at most preprocess.resize');
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
        const color = string(preprocess['color'], 'preprocess.color');
        if (!/^#[0-9a-f]{6}$/i.test(color)) fail('preprocess.color', 'a colour like #7f7f7f');
        return { mode, width: side('width'), height: side('height'), color };
      }
    }
  }
}
