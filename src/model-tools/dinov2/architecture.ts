import { AppError } from '../../errors.js';
import type { WeightFile } from '../weights/types.js';

/** Side of a patch in pixels; the same in every DINOv2. */
export const PATCH_SIZE = 14;
/** Width of an attention head; the same in every DINOv2. */
export const HEAD_WIDTH = 64;
export const LAYER_NORM_EPSILON = 1e-6;

export type ModelSize = 'small' | 'base' | 'large' | 'giant' | 'custom';

/** What a DINOv2 is built like, as its weights tell. */
export interface Architecture {
  readonly size: ModelSize;
  /** Width of a token, and so of the vector. */
  readonly dimension: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
  /** `swiglu`: the first dense layer gives gate and value side by side, 2 * `hidden` numbers. */
  readonly feedForward: 'gelu' | 'swiglu';
  /** Width of the second dense layer's input. */
  readonly hidden: number;
  /** Tokens beside CLS that are no patches; the publishers use 0 or 4. */
  readonly registers: number;
  /** The position embeddings are trained for grid x grid patches. */
  readonly grid: number;
  readonly patchSize: typeof PATCH_SIZE;
}

/** Names of tensors, as Hugging Face's `Dinov2Model` and `Dinov2WithRegistersModel` write them. */
export const TENSORS = {
  clsToken: 'embeddings.cls_token',
  registers: 'embeddings.register_tokens',
  positions: 'embeddings.position_embeddings',
  patchWeight: 'embeddings.patch_embeddings.projection.weight',
  patchBias: 'embeddings.patch_embeddings.projection.bias',
  finalNormWeight: 'layernorm.weight',
  finalNormBias: 'layernorm.bias',
} as const;

/** Of block `index`, counted from 0. Dense layers and norms without their `.weight` and `.bias`. */
export function blockTensors(index: number) {
  const block = `encoder.layer.${index}`;
  return {
    norm1: `${block}.norm1`,
    query: `${block}.attention.attention.query`,
    key: `${block}.attention.attention.key`,
    value: `${block}.attention.attention.value`,
    attentionOutput: `${block}.attention.output.dense`,
    scale1: `${block}.layer_scale1.lambda1`,
    norm2: `${block}.norm2`,
    fc1: `${block}.mlp.fc1`,
    fc2: `${block}.mlp.fc2`,
    weightsIn: `${block}.mlp.weights_in`,
    weightsOut: `${block}.mlp.weights_out`,
    scale2: `${block}.layer_scale2.lambda1`,
  } as const;
}

const PUBLISHED = [
  { size: 'small', dimension: 384, depth: 12, feedForward: 'gelu', hidden: 1536 },
  { size: 'base', dimension: 768, depth: 12, feedForward: 'gelu', hidden: 3072 },
  { size: 'large', dimension: 1024, depth: 24, feedForward: 'gelu', hidden: 4096 },
  { size: 'giant', dimension: 1536, depth: 40, feedForward: 'swiglu', hidden: 4096 },
] as const;

/**
 * Tells the architecture from names and shapes, and checks every tensor it needs: after this, only reading can fail.
 * Tensors it does not know (a classifier, the mask token of training) are left alone.
 * @throws AppError MODEL_MISMATCH naming file and tensor
 */
export function recogniseArchitecture(weights: WeightFile): Architecture {
  const { tensors, path } = weights;
  const fail = (tensor: string, problem: string): never => {
    throw new AppError('MODEL_MISMATCH', `${path}: ${tensor} ${problem}`, { details: { path, tensor } });
  };
  const shapeOf = (tensor: string): readonly number[] =>
    tensors.get(tensor)?.shape ??
    fail(
      tensor,
      'is missing, or no floating-point tensor. These are no DINOv2 weights with the names of Hugging Face, or not all.',
    );
  const expectShape = (tensor: string, ...expected: readonly number[]): void => {
    const shape = shapeOf(tensor);
    if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis]))
      fail(tensor, `has the shape ${show(shape)} instead of ${show(expected)}.`);
  };

  const patch = shapeOf(TENSORS.patchWeight);
  const dimension = patch[0] ?? 0;
  if (dimension === 0 || dimension % HEAD_WIDTH !== 0)
    fail(
      TENSORS.patchWeight,
      `has the shape ${show(patch)}; its first size must be a multiple of ${HEAD_WIDTH}.`,
    );
  expectShape(TENSORS.patchWeight, dimension, 3, PATCH_SIZE, PATCH_SIZE);
  expectShape(TENSORS.patchBias, dimension);
  expectShape(TENSORS.clsToken, 1, 1, dimension);

  const positions = shapeOf(TENSORS.positions)[1] ?? 0;
  const grid = Math.round(Math.sqrt(positions - 1));
  if (grid < 1 || grid * grid + 1 !== positions)
    fail(
      TENSORS.positions,
      `has the shape ${show(shapeOf(TENSORS.positions))}, which is no square grid and CLS.`,
    );
  expectShape(TENSORS.positions, 1, positions, dimension);

  const registers = tensors.has(TENSORS.registers) ? (shapeOf(TENSORS.registers)[1] ?? 0) : 0;
  if (tensors.has(TENSORS.registers)) expectShape(TENSORS.registers, 1, registers, dimension);

  const depth = countBlocks(tensors.keys());
  if (depth === 0) fail(`${blockTensors(0).norm1}.weight`, 'is missing: there are no blocks.');
  const first = blockTensors(0);
  const feedForward = tensors.has(`${first.weightsIn}.weight`) ? 'swiglu' : 'gelu';
  const narrow = feedForward === 'swiglu' ? first.weightsOut : first.fc2;
  const hidden = shapeOf(`${narrow}.weight`)[1] ?? 0;
  if (hidden < 1) fail(`${narrow}.weight`, `has the shape ${show(shapeOf(`${narrow}.weight`))}.`);

  const expectNorm = (name: string): void => {
    expectShape(`${name}.weight`, dimension);
    expectShape(`${name}.bias`, dimension);
  };
  const expectLinear = (name: string, outputs: number, inputs: number): void => {
    expectShape(`${name}.weight`, outputs, inputs);
    expectShape(`${name}.bias`, outputs);
  };
  for (let index = 0; index < depth; index++) {
    const block = blockTensors(index);
    expectNorm(block.norm1);
    for (const name of [block.query, block.key, block.value, block.attentionOutput])
      expectLinear(name, dimension, dimension);
    expectShape(block.scale1, dimension);
    expectNorm(block.norm2);
    if (feedForward === 'swiglu') {
      expectLinear(block.weightsIn, 2 * hidden, dimension);
      expectLinear(block.weightsOut, dimension, hidden);
    } else {
      expectLinear(block.fc1, hidden, dimension);
      expectLinear(block.fc2, dimension, hidden);
    }
    expectShape(block.scale2, dimension);
  }
  expectShape(TENSORS.finalNormWeight, dimension);
  expectShape(TENSORS.finalNormBias, dimension);

  const shape = { dimension, depth, feedForward, hidden } as const;
  return {
    size:
      PUBLISHED.find((one) =>
        Object.entries(shape).every(([key, value]) => one[key as keyof typeof shape] === value),
      )?.size ?? 'custom',
    ...shape,
    heads: dimension / HEAD_WIDTH,
    registers,
    grid,
    patchSize: PATCH_SIZE,
  };
}

/** One more than the highest number of a block: a gap is then told as a missing tensor. */
function countBlocks(names: Iterable<string>): number {
  let count = 0;
  for (const name of names) {
    const index = /^encoder\.layer\.(\d{1,4})\./.exec(name)?.[1];
    if (index !== undefined) count = Math.max(count, Number(index) + 1);
  }
  return count;
}

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
