import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { MODEL_FORMAT_VERSION, type ModelFile } from '../../services/embedding/model-file.js';
import { GraphBuilder, int, ints, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES, encodeModel } from '../onnx/onnx-proto.js';
import { COLOR_DIMENSION, colorBlock } from './color-block.js';
import { GIST_DIMENSION, gistBlock } from './gist-block.js';
import { EMBEDDING_DIMENSION, head, type Feature } from './head.js';
import { BUILTIN_ID } from './identity.js';
import { TAP_CHANNELS, trunk, trunkLimits, type Taps } from './trunk.js';
import { WeightConstants } from './weight-constants.js';
import type { BuiltinWeights } from './weights.js';

/**
 * The model that needs no download: a small trained network at two sizes, combined with layout and texture (GIST) and
 * colour (soft histograms) into 256 numbers. NOTICE in this folder states the origin of its weights, and
 * `docs/builtin-model.md` what it finds.
 */

/** Side of the graph's input in pixels: the central square of the picture. */
export const BUILTIN_INPUT_SIZE = 256;
export const BUILTIN_DIMENSION = EMBEDDING_DIMENSION;

const DESCRIPTION =
  'Built in, small: finds changed copies, and pictures of similar things about four times in ten; for more than that, ' +
  'use DINOv2. A part of it was trained on pictures offered for non-commercial research only: see NOTICE.';

/**
 * @returns the bytes of the .onnx file, the same each time; `pixels` uint8 [1,256,256,3] to `embedding` [1,256]
 * @throws AppError MODEL_MISMATCH if the weights do not belong to this graph
 */
export function encodeBuiltinModel(weights: BuiltinWeights): Uint8Array {
  const size = BUILTIN_INPUT_SIZE;
  // No text that may be reworded: other bytes mean another space, and every gallery would be embedded again.
  const graph = new GraphBuilder({ name: 'likeness-builtin-v2' });
  const pixels = graph.input('pixels', 'uint8', [1, size, size, 3]);
  const planes = graph.node('Transpose', [pixels], { attributes: { perm: ints(0, 3, 1, 2) } });
  const large = graph.node('Cast', [planes], { attributes: { to: int(DATA_TYPES.float32) } });
  const small = graph.node('AveragePool', [large], {
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) },
  });

  const constants = new WeightConstants(graph, weights);
  const limits = trunkLimits(graph);
  const features = new Map<string, { value: Value; channels: number }>();
  for (const [side, rgb] of [
    [size, large],
    [size / 2, small],
  ] as const) {
    const taps = trunk(graph, constants, rgb, limits);
    for (const tap of Object.keys(TAP_CHANNELS) as (keyof Taps)[])
      features.set(`${tap}@${side}`, { value: taps[tap], channels: TAP_CHANNELS[tap] });
  }
  features.set('colour', { value: colorBlock(graph, small, size / 2), channels: COLOR_DIMENSION });
  features.set('gist', { value: gistBlock(graph, small, size / 2), channels: GIST_DIMENSION });

  const ordered = weights.parts.map((part): Feature => {
    const feature = features.get(part.name);
    if (feature === undefined)
      throw new AppError('MODEL_MISMATCH', `The built-in model has no part ${part.name}.`);
    return { ...part, ...feature };
  });
  graph.output(head(graph, constants, ordered), 'float32', [1, BUILTIN_DIMENSION]);
  return encodeModel(graph.build());
}

/** The content of `models/builtin/model.json` for these bytes. */
export function describeBuiltinModel(onnx: Uint8Array, { similarityScale }: BuiltinWeights): ModelFile {
  return {
    formatVersion: MODEL_FORMAT_VERSION,
    id: BUILTIN_ID,
    name: 'Built-in (small network, GIST and colour)',
    description: DESCRIPTION,
    file: 'model.onnx',
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.byteLength,
    input: { name: 'pixels', layout: 'nhwc', type: 'uint8' },
    preprocess: { mode: 'center-crop', resize: BUILTIN_INPUT_SIZE, crop: BUILTIN_INPUT_SIZE },
    normalize: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'embedding', kind: 'embedding' },
    dimension: BUILTIN_DIMENSION,
    precision: 'fp16',
    similarityScale,
  };
}
