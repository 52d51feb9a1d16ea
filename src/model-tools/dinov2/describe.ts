import { check } from '../../lib/check.js';
import {
  MODEL_FORMAT_VERSION,
  type ModelFile,
  type ModelInput,
  type Normalize,
  type Preprocess,
} from '../../services/embedding/model-file.js';
import type { ModelDescription } from '../../services/embedding/types.js';
import { PATCH_SIZE, type Architecture } from './architecture.js';
import type { WrittenModel } from './model-writer.js';
import { INPUT, prefixLength, type InputSize } from './graph-scope.js';
import { EMBEDDING_OUTPUT, TOKENS_OUTPUT } from './write-graph.js';

export type Precision = ModelDescription['precision'];
export type PreprocessMode = Exclude<Preprocess['mode'], 'stretch'>;

/** Mean of ImageNet (red, green, blue, 0..1), with which DINOv2 was trained. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

export const MODEL_INPUT: ModelInput = { name: INPUT, layout: 'nchw', type: 'float32' };
export const NORMALIZE: Normalize = { scale: 1 / 255, mean: MEAN, std: STD };

/** Margins in the mean colour are zeros in the tensor. */
export const MEAN_COLOR = `#${MEAN.map((mean) => Math.round(mean * 255).toString(16)).join('')}`;

/** The side that the published evaluations use. */
const USUAL_SIDE = 224;
/** The usual transform resizes to 256 and cuts 224 out. */
const RESIZE_PER_CROP = 256 / 224;

const LARGEST_SIDE = 2044;

/** @throws AppError BAD_USER_INPUT */
export function checkInputSize(size: InputSize): void {
  if (size === 'dynamic') return;
  for (const side of [size.height, size.width])
    check(
      Number.isInteger(side) && side >= PATCH_SIZE && side <= LARGEST_SIDE && side % PATCH_SIZE === 0,
      'size',
      `multiples of ${PATCH_SIZE} up to ${LARGEST_SIDE} (224, 518, 224x308), or "dynamic"`,
    );
}

/**
 * How pictures are fitted to the model. By default nothing is cropped: the aspect ratio is kept if the model reads any
 * size, otherwise margins are added.
 * @throws AppError BAD_USER_INPUT if model and mode do not match
 */
export function choosePreprocess(size: InputSize, mode?: PreprocessMode): Preprocess {
  const { width, height } =
    size === 'dynamic'
      ? { width: USUAL_SIDE, height: USUAL_SIDE }
      : { width: size.width, height: size.height };
  switch (mode ?? (size === 'dynamic' ? 'short-side' : 'pad')) {
    case 'short-side':
      check(
        size === 'dynamic',
        'preprocess',
        'pad, or center-crop, with a fixed size; short-side needs the dynamic one',
      );
      return { mode: 'short-side', shortSide: USUAL_SIDE, multipleOf: PATCH_SIZE };
    case 'center-crop':
      check(width === height, 'preprocess', 'pad when the size is no square');
      return { mode: 'center-crop', resize: Math.round(width * RESIZE_PER_CROP), crop: width };
    case 'pad':
      return { mode: 'pad', width, height, color: MEAN_COLOR };
  }
}

/** `dinov2-base-registers-int8`; null when the weights are of no published size. */
export function usualId({ size, registers }: Architecture, precision: Precision): string | null {
  if (size === 'custom') return null;
  return ['dinov2', size, registers > 0 ? 'registers' : '', precision === 'fp32' ? '' : precision]
    .filter((part) => part !== '')
    .join('-');
}

export function describeModel(
  id: string,
  architecture: Architecture,
  { graph, weights }: WrittenModel,
  { preprocess, precision }: { readonly preprocess: Preprocess; readonly precision: Precision },
): ModelFile {
  const { size, registers, dimension, depth } = architecture;
  const custom = size === 'custom';
  return {
    formatVersion: MODEL_FORMAT_VERSION,
    id,
    name: `DINOv2 ${custom ? `${dimension} x ${depth}` : size}${registers > 0 ? ' with registers' : ''}`,
    description: custom
      ? 'Of the architecture of DINOv2, converted from weights of no published size: what it is good for depends on them.'
      : 'Trained without labels on 142 million pictures: good for pictures of the same things, scenes and compositions; ' +
        'not made for text in pictures or for telling faces apart.',
    file: graph.file,
    sha256: graph.sha256,
    bytes: graph.bytes,
    weights,
    input: MODEL_INPUT,
    preprocess,
    normalize: NORMALIZE,
    output: { name: EMBEDDING_OUTPUT, kind: 'embedding' },
    dimension,
    precision,
    patchTokens: { output: TOKENS_OUTPUT, prefix: prefixLength(architecture), patchSize: PATCH_SIZE },
  };
}
