import { AppError } from '../../errors.js';
import type { WeightFile } from '../weights/types.js';

/** Side of a patch in pixels; the same in every DINOv2. */
export const PATCH_SIZE = 14;
/** Width of an attention head; the same in every DINOv2. */
export const HEAD_WIDTH = 64;
export const LAYER_NORM_EPSILON = 1e-6;

export type ModelSize = 'small' | 'base' | 'large' | 'giant' | 'custom';

/** The architecture of a DINOv2, determined from its weights. */
export interface Architecture {
  readonly size: ModelSize;
  /** Width of a token, and so of the vector. */
  readonly dimension: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
  /** `swiglu`: the first dense layer outputs gate and value together, 2 * `hidden` numbers. */
  readonly feedForward: 'gelu' | 'swiglu';
  /** Width of the second dense layer's input. */
  readonly hidden: number;
  /** Tokens besides CLS that are not patches; published models have 0 or 4. */
  readonly registers: number;
  /** The position embeddings are trained for grid x grid patches. */
  readonly grid: number;
  readonly patchSize: typeof PATCH_SIZE;
}

/** Names of tensors as in Hugging Face's `Dinov2Model` and `Dinov2WithRegistersModel`. */
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
 * Determines the architecture from names and shapes, and checks every tensor that is needed: after this, only reading can
 * fail. Unknown tensors (a classifier, the mask token of training) are ignored.
 * @throws AppError MODEL_MISMATCH naming file and tensor
 */
export function recogniseArchitecture(weights: WeightFile): Architecture {
  const { tensors } = weights;
  const shapes = new Shapes(weights);
  const { dimension, grid } = patchesOf(shapes);
  const registers = tensors.has(TENSORS.registers) ? (shapes.of(TENSORS.registers)[1] ?? 0) : 0;
  if (tensors.has(TENSORS.registers)) shapes.expect(TENSORS.registers, 1, registers, dimension);

  const depth = countBlocks(tensors.keys());
  const first = blockTensors(0);
  if (depth === 0) shapes.fail(`${first.norm1}.weight`, 'is missing: there are no blocks.');
  const feedForward = tensors.has(`${first.weightsIn}.weight`) ? 'swiglu' : 'gelu';
  const narrow = feedForward === 'swiglu' ? first.weightsOut : first.fc2;
  const hidden = shapes.of(`${narrow}.weight`)[1] ?? 0;
  if (hidden < 1) shapes.fail(`${narrow}.weight`, `has the shape ${show(shapes.of(`${narrow}.weight`))}.`);

  const shape = { dimension, depth, feedForward, hidden } as const;
  for (let index = 0; index < depth; index++) expectBlock(shapes, index, shape);
  shapes.expect(TENSORS.finalNormWeight, dimension);
  shapes.expect(TENSORS.finalNormBias, dimension);
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

/** The shapes of the tensors of a file, and the errors for wrong ones. */
class Shapes {
  readonly #weights: WeightFile;

  constructor(weights: WeightFile) {
    this.#weights = weights;
  }

  fail(tensor: string, problem: string): never {
    const { path } = this.#weights;
    throw new AppError('MODEL_MISMATCH', `${path}: ${tensor} ${problem}`, { details: { path, tensor } });
  }

  of(tensor: string): readonly number[] {
    return (
      this.#weights.tensors.get(tensor)?.shape ??
      this.fail(
        tensor,
        'is missing, or no floating-point tensor. These are no DINOv2 weights with the names of Hugging Face, or not all.',
      )
    );
  }

  expect(tensor: string, ...expected: readonly number[]): void {
    const shape = this.of(tensor);
    if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis]))
      this.fail(tensor, `has the shape ${show(shape)} instead of ${show(expected)}.`);
  }

  expectNorm(name: string, dimension: number): void {
    this.expect(`${name}.weight`, dimension);
    this.expect(`${name}.bias`, dimension);
  }

  expectLinear(name: string, outputs: number, inputs: number): void {
    this.expect(`${name}.weight`, outputs, inputs);
    this.expect(`${name}.bias`, outputs);
  }
}

function patchesOf(shapes: Shapes): Pick<Architecture, 'dimension' | 'grid'> {
  const patch = shapes.of(TENSORS.patchWeight);
  const dimension = patch[0] ?? 0;
  if (dimension === 0 || dimension % HEAD_WIDTH !== 0)
    shapes.fail(
      TENSORS.patchWeight,
      `has the shape ${show(patch)}; its first size must be a multiple of ${HEAD_WIDTH}.`,
    );
  shapes.expect(TENSORS.patchWeight, dimension, 3, PATCH_SIZE, PATCH_SIZE);
  shapes.expect(TENSORS.patchBias, dimension);
  shapes.expect(TENSORS.clsToken, 1, 1, dimension);

  const positions = shapes.of(TENSORS.positions)[1] ?? 0;
  const grid = Math.round(Math.sqrt(positions - 1));
  if (grid < 1 || grid * grid + 1 !== positions)
    shapes.fail(
      TENSORS.positions,
      `has the shape ${show(shapes.of(TENSORS.positions))}, which is no square grid and CLS.`,
    );
  shapes.expect(TENSORS.positions, 1, positions, dimension);
  return { dimension, grid };
}

function expectBlock(
  shapes: Shapes,
  index: number,
  { dimension, feedForward, hidden }: Pick<Architecture, 'dimension' | 'feedForward' | 'hidden'>,
): void {
  const block = blockTensors(index);
  shapes.expectNorm(block.norm1, dimension);
  for (const name of [block.query, block.key, block.value, block.attentionOutput])
    shapes.expectLinear(name, dimension, dimension);
  shapes.expect(block.scale1, dimension);
  shapes.expectNorm(block.norm2, dimension);
  if (feedForward === 'swiglu') {
    shapes.expectLinear(block.weightsIn, 2 * hidden, dimension);
    shapes.expectLinear(block.weightsOut, dimension, hidden);
  } else {
    shapes.expectLinear(block.fc1, hidden, dimension);
    shapes.expectLinear(block.fc2, dimension, hidden);
  }
  shapes.expect(block.scale2, dimension);
}

/** One more than the highest number of a block: a gap is then reported as a missing tensor. */
function countBlocks(names: Iterable<string>): number {
  let count = 0;
  for (const name of names) {
    const index = /^encoder\.layer\.(\d{1,4})\./.exec(name)?.[1];
    if (index !== undefined) count = Math.max(count, Number(index) + 1);
  }
  return count;
}

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
