import { float, int, ints, type Value } from '../onnx/graph-builder.js';
import type { WeightFile } from '../weights/types.js';
import {
  blockTensors,
  HEAD_WIDTH,
  LAYER_NORM_EPSILON,
  PATCH_SIZE,
  TENSORS,
  type Architecture,
} from './architecture.js';
import { transpose, type LinearEmitter } from './linear.js';
import type { ModelWriter } from './model-writer.js';
import { interpolatePositionsInGraph } from './positions-graph.js';
import { interpolatePositions, interpolationOf, type Grid } from './positions.js';

/** What the graph reads: pictures of one size, or of any whose sides are multiples of 14. In pixels. */
export type InputSize = 'dynamic' | { readonly height: number; readonly width: number };

/**
 * How attention is written down; all three compute the same. `plain`: matrix products and Softmax. `fused`: ONNX Runtime's
 * MultiHeadAttention. `packed`: its Attention, which multiplies with the weights for query, key and value itself, in
 * float32 and past the LinearEmitter.
 */
export type AttentionForm = 'plain' | 'fused' | 'packed';

export interface GraphOptions {
  readonly size: InputSize;
  readonly linear: LinearEmitter;
  readonly attention: AttentionForm;
  /** Called after each of `graphSteps(architecture)` steps. */
  readonly onStep?: () => void;
  /** Looked at before each tensor is read. */
  readonly signal?: AbortSignal | undefined;
}

export const INPUT = 'pixel_values';
export const TOKENS_OUTPUT = 'last_hidden_state';
export const EMBEDDING_OUTPUT = 'embedding';

/** Operator sets that the graph uses; a ModelWriter for it must be created with these. */
export const OPSETS = { '': 17, 'com.microsoft': 1 } as const;

const MICROSOFT = { domain: 'com.microsoft' } as const;

/** Tokens before those of the patches: CLS, then the registers. */
export const prefixLength = ({ registers }: Pick<Architecture, 'registers'>): number => 1 + registers;

export const graphSteps = ({ depth }: Architecture): number => depth + 2;

/**
 * Writes a whole DINOv2: `pixel_values` float32 [batch, 3, height, width] (normalised) to `last_hidden_state`
 * [batch, tokens, dimension] and `embedding` [batch, dimension], the CLS token after the last LayerNorm.
 *
 * M. Oquab et al.: DINOv2: Learning Robust Visual Features without Supervision. 2023. T. Darcet et al.: Vision
 * Transformers Need Registers. 2023. What is constant is folded: LayerScale into the dense layer before it, 1/sqrt(64)
 * into the query's.
 *
 * Every dense layer goes through `linear`, in this order and with these names: `patch_embedding`, then for each block
 * `layer.<i>.attention.qkv`, `layer.<i>.attention.output`, `layer.<i>.mlp.fc1`, `layer.<i>.mlp.fc2`.
 * @throws AppError MODEL_MISMATCH naming a tensor that cannot be read; STORAGE_FAILED; the signal's reason
 */
export async function writeDinov2(
  writer: ModelWriter,
  weights: WeightFile,
  architecture: Architecture,
  { size, linear, attention, onStep, signal }: GraphOptions,
): Promise<void> {
  const { graph } = writer;
  const { dimension, depth, heads, feedForward, hidden, grid: trained } = architecture;

  let tokens = await embedPatches();
  onStep?.();
  for (let index = 0; index < depth; index++) {
    tokens = await block(index, tokens);
    onStep?.();
  }
  const hiddenState = await layerNorm(tokens, 'layernorm', 'layernorm', TOKENS_OUTPUT);
  graph.nodes('Gather', [hiddenState, graph.int64('cls', [], [0])], [EMBEDDING_OUTPUT], {
    attributes: { axis: int(1) },
  });
  const count =
    size === 'dynamic' ? 'tokens' : prefixLength(architecture) + (size.height * size.width) / PATCH_SIZE ** 2;
  graph.output(TOKENS_OUTPUT, 'float32', ['batch', count, dimension]);
  graph.output(EMBEDDING_OUTPUT, 'float32', ['batch', dimension]);
  onStep?.();

  function read(tensor: string): Promise<Float32Array> {
    signal?.throwIfAborted();
    return weights.read(tensor);
  }

  /** Patches are cut out and multiplied with the kernel as rows: what a convolution with stride 14 is, without its checks. */
  async function embedPatches(): Promise<Value> {
    const sides = size === 'dynamic' ? ['height', 'width'] : [size.height, size.width];
    const pixels = graph.input(INPUT, 'float32', ['batch', 3, ...sides]);
    const shape = graph.node('Shape', [pixels]);
    const part = (name: string, from: number): Value =>
      graph.node('Slice', [
        shape,
        graph.int64(`${name}.from`, [1], [from]),
        graph.int64(`${name}.to`, [1], [from + 1]),
      ]);

    let cut: Value;
    let placed: Value; // [patches, dimension]
    const prefix = await readPrefixAndPositions();
    if (size === 'dynamic') {
      const side = graph.int64('patch_size', [1], [PATCH_SIZE]);
      const rows = graph.node('Div', [part('height', 2), side]);
      const columns = graph.node('Div', [part('width', 3), side]);
      const kept = graph.int64('batch_and_channels', [2], [0, 3]);
      cut = graph.node('Concat', [kept, rows, side, columns, side], { attributes: { axis: int(0) } });
      const stored = await writer.constant(
        'positions',
        'float32',
        [trained, trained * dimension],
        prefix.positions,
      );
      placed = interpolatePositionsInGraph(
        graph,
        stored,
        { trained, dimension },
        { rows, columns },
        interpolationOf(architecture),
      );
    } else {
      const grid: Grid = { rows: size.height / PATCH_SIZE, columns: size.width / PATCH_SIZE };
      cut = graph.int64('cut', [6], [0, 3, grid.rows, PATCH_SIZE, grid.columns, PATCH_SIZE]);
      placed = await writer.constant(
        'positions',
        'float32',
        [grid.rows * grid.columns, dimension],
        interpolatePositions(prefix.positions, trained, grid, interpolationOf(architecture)),
      );
    }
    const inputs = 3 * PATCH_SIZE ** 2;
    const squares = graph.node('Transpose', [graph.node('Reshape', [pixels, cut])], {
      attributes: { perm: ints(0, 2, 4, 1, 3, 5) },
    });
    const rows = graph.node('Reshape', [squares, graph.int64('rows', [3], [0, -1, inputs])]);
    const patches = await linear.emit(writer, rows, {
      name: 'patch_embedding',
      inputs,
      outputs: dimension,
      weight: await read(TENSORS.patchWeight),
      bias: await read(TENSORS.patchBias),
      sources: [TENSORS.patchWeight],
    });
    const length = prefixLength(architecture);
    const first = await writer.constant('prefix', 'float32', [1, length, dimension], prefix.tokens);
    const target = graph.node(
      'Concat',
      [part('batch', 0), graph.int64('prefix_shape', [2], [length, dimension])],
      {
        attributes: { axis: int(0) },
      },
    );
    return graph.node(
      'Concat',
      [graph.node('Expand', [first, target]), graph.node('Add', [patches, placed])],
      { attributes: { axis: int(1) } },
    );
  }

  /** CLS with its position, and the registers, which have none; and the positions of the trained grid. */
  async function readPrefixAndPositions(): Promise<{ tokens: Float32Array; positions: Float32Array }> {
    const positions = await read(TENSORS.positions);
    const tokens = new Float32Array(prefixLength(architecture) * dimension);
    tokens.set(await read(TENSORS.clsToken));
    for (let i = 0; i < dimension; i++) tokens[i]! += positions[i]!;
    if (architecture.registers > 0) tokens.set(await read(TENSORS.registers), dimension);
    return { tokens, positions: positions.subarray(dimension) };
  }

  async function block(index: number, x: Value): Promise<Value> {
    const names = blockTensors(index);
    const name = `layer.${index}`;
    const mixed = await attend(index, await layerNorm(x, names.norm1, `${name}.norm1`));
    const attended = await linear.emit(writer, mixed, {
      name: `${name}.attention.output`,
      inputs: dimension,
      outputs: dimension,
      ...(await readScaled(names.attentionOutput, names.scale1)),
    });
    const between = graph.node('Add', [x, attended], { output: `${name}.attended` });
    const normed = await layerNorm(between, names.norm2, `${name}.norm2`);
    const fed = await (feedForward === 'swiglu' ? swiglu(index, normed) : mlp(index, normed));
    return graph.node('Add', [between, fed], { output: `${name}.output` });
  }

  async function layerNorm(x: Value, tensor: string, name: string, output?: Value): Promise<Value> {
    const gain = await writer.constant(
      `${name}.weight`,
      'float32',
      [dimension],
      await read(`${tensor}.weight`),
    );
    const bias = await writer.constant(`${name}.bias`, 'float32', [dimension], await read(`${tensor}.bias`));
    return graph.node('LayerNormalization', [x, gain, bias], {
      attributes: { axis: int(-1), epsilon: float(LAYER_NORM_EPSILON) },
      output: output ?? name,
    });
  }

  /** softmax(q k^T / 8) v for each head, side by side: [batch, tokens, dimension] */
  async function attend(index: number, x: Value): Promise<Value> {
    const name = `layer.${index}.attention`;
    const layer = {
      name: `${name}.qkv`,
      inputs: dimension,
      outputs: 3 * dimension,
      ...(await readQkv(index)),
    };
    const output = `${name}.mixed`;
    // The scale is in the weights.
    const attributes = { num_heads: int(heads), scale: float(1) };
    if (attention === 'packed') {
      const weight = await writer.constant(
        `${layer.name}.weight`,
        'float32',
        [dimension, 3 * dimension],
        transpose(layer.weight, 3 * dimension, dimension),
      );
      const bias = await writer.constant(`${layer.name}.bias`, 'float32', [3 * dimension], layer.bias);
      return graph.node('Attention', [x, weight, bias], { ...MICROSOFT, attributes, output });
    }
    const qkv = await linear.emit(writer, x, layer);
    const parts = ['query', 'key', 'value'].map((part) => `${name}.${part}`);
    if (attention === 'fused') {
      graph.nodes('Split', [qkv], parts, { attributes: { axis: int(-1) } });
      return graph.node('MultiHeadAttention', parts, { ...MICROSOFT, attributes, output });
    }
    const [query, key, value] = parts as [Value, Value, Value];
    const apart = graph.node('Reshape', [
      qkv,
      graph.int64(`${name}.apart`, [5], [0, 0, 3, heads, HEAD_WIDTH]),
    ]);
    const byPart = graph.node('Transpose', [apart], { attributes: { perm: ints(2, 0, 3, 1, 4) } });
    for (const [at, part] of [query, key, value].entries())
      graph.nodes('Gather', [byPart, graph.int64(`${part}.index`, [], [at])], [part]);
    const transposed = graph.node('Transpose', [key], { attributes: { perm: ints(0, 1, 3, 2) } });
    const scores = graph.node('Softmax', [graph.node('MatMul', [query, transposed])], {
      attributes: { axis: int(-1) },
    });
    const perHead = graph.node('Transpose', [graph.node('MatMul', [scores, value])], {
      attributes: { perm: ints(0, 2, 1, 3) },
    });
    const flat = graph.int64(`${name}.flat`, [3], [0, 0, dimension]);
    return graph.node('Reshape', [perHead, flat], { output });
  }

  /** One above the other; the query's already divided by sqrt(64). */
  async function readQkv(index: number) {
    const { query, key, value } = blockTensors(index);
    const weight = new Float32Array(3 * dimension * dimension);
    const bias = new Float32Array(3 * dimension);
    for (const [part, tensor] of [query, key, value].entries()) {
      weight.set(await read(`${tensor}.weight`), part * dimension * dimension);
      bias.set(await read(`${tensor}.bias`), part * dimension);
    }
    const scale = 1 / Math.sqrt(HEAD_WIDTH);
    scaleInPlace(weight.subarray(0, dimension * dimension), scale);
    scaleInPlace(bias.subarray(0, dimension), scale);
    return { weight, bias, sources: [query, key, value].map((tensor) => `${tensor}.weight`) };
  }

  /** A dense layer and the LayerScale after it: every row, and the bias, times its lambda. */
  async function readScaled(tensor: string, lambdas: string) {
    const weight = await read(`${tensor}.weight`);
    const bias = await read(`${tensor}.bias`);
    const lambda = await read(lambdas);
    const inputs = weight.length / lambda.length;
    lambda.forEach((scale, row) => {
      scaleInPlace(weight.subarray(row * inputs, (row + 1) * inputs), scale);
      bias[row]! *= scale;
    });
    return { weight, bias, sources: [`${tensor}.weight`] };
  }

  async function readLinear(tensor: string) {
    return {
      weight: await read(`${tensor}.weight`),
      bias: await read(`${tensor}.bias`),
      sources: [`${tensor}.weight`],
    };
  }

  /** With the exact GELU, x * Phi(x). */
  async function mlp(index: number, x: Value): Promise<Value> {
    const { fc1, fc2, scale2 } = blockTensors(index);
    const name = `layer.${index}.mlp`;
    const wide = await linear.emit(writer, x, {
      name: `${name}.fc1`,
      inputs: dimension,
      outputs: hidden,
      ...(await readLinear(fc1)),
    });
    const active = graph.node('Gelu', [wide], { ...MICROSOFT, output: `${name}.active` });
    return linear.emit(writer, active, {
      name: `${name}.fc2`,
      inputs: hidden,
      outputs: dimension,
      ...(await readScaled(fc2, scale2)),
    });
  }

  /** N. Shazeer: GLU Variants Improve Transformer. 2020. silu(x1) * x2 */
  async function swiglu(index: number, x: Value): Promise<Value> {
    const { weightsIn, weightsOut, scale2 } = blockTensors(index);
    const name = `layer.${index}.mlp`;
    const wide = await linear.emit(writer, x, {
      name: `${name}.fc1`,
      inputs: dimension,
      outputs: 2 * hidden,
      ...(await readLinear(weightsIn)),
    });
    const [gate, value] = [`${name}.gate`, `${name}.value`] as const;
    graph.nodes('Split', [wide], [gate, value], { attributes: { axis: int(-1) } });
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
    const active = graph.node('Mul', [silu, value], { output: `${name}.active` });
    return linear.emit(writer, active, {
      name: `${name}.fc2`,
      inputs: hidden,
      outputs: dimension,
      ...(await readScaled(weightsOut, scale2)),
    });
  }
}

function scaleInPlace(values: Float32Array, scale: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
}
