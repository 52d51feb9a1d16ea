import { int, type Value } from '../onnx/graph-builder.js';
import type { WeightFile } from '../weights/types.js';
import { blockTensors, PATCH_SIZE, type Architecture } from './architecture.js';
import { attend } from './attention.js';
import { embedPatches } from './embed-patches.js';
import { feedForward } from './feed-forward.js';
import { prefixLength, type AttentionForm, type GraphScope, type InputSize } from './graph-scope.js';
import { layerNorm } from './layer-norm.js';
import { LayerWeights } from './layer-weights.js';
import type { LinearEmitter } from './linear.js';
import type { ModelWriter } from './model-writer.js';

export interface GraphOptions {
  readonly size: InputSize;
  readonly linear: LinearEmitter;
  readonly attention: AttentionForm;
  /** Called after each of `graphSteps(architecture)` steps. */
  readonly onStep?: () => void;
  /** Checked before each tensor is read. */
  readonly signal?: AbortSignal | undefined;
}

export const TOKENS_OUTPUT = 'last_hidden_state';
export const EMBEDDING_OUTPUT = 'embedding';

/** Operator sets that the graph uses; a ModelWriter for it must be created with these. */
export const OPSETS = { '': 17, 'com.microsoft': 1 } as const;

export const graphSteps = ({ depth }: Architecture): number => depth + 2;

/**
 * Writes a whole DINOv2: `pixel_values` float32 [batch, 3, height, width] (normalised) to `last_hidden_state`
 * [batch, tokens, dimension] and `embedding` [batch, dimension], the CLS token after the last LayerNorm.
 *
 * M. Oquab et al.: DINOv2: Learning Robust Visual Features without Supervision. 2023. T. Darcet et al.: Vision
 * Transformers Need Registers. 2023. Constants are folded: LayerScale into the preceding dense layer, 1/sqrt(64) into the
 * query's.
 *
 * Every dense layer goes through `linear`, in this order and with these names: `patch_embedding`, then for each block
 * `layer.<i>.attention.qkv`, `layer.<i>.attention.output`, `layer.<i>.mlp.fc1`, `layer.<i>.mlp.fc2`.
 * @throws AppError MODEL_MISMATCH naming a tensor that cannot be read; STORAGE_FAILED; the signal's reason
 */
export async function writeDinov2(
  writer: ModelWriter,
  file: WeightFile,
  architecture: Architecture,
  { size, linear, attention, onStep, signal }: GraphOptions,
): Promise<void> {
  const { graph } = writer;
  const weights = new LayerWeights(file, architecture, signal);
  const scope: GraphScope = { writer, graph, weights, architecture, linear, size, attention };
  let tokens = await embedPatches(scope);
  onStep?.();
  for (let index = 0; index < architecture.depth; index++) {
    tokens = await block(scope, index, tokens);
    onStep?.();
  }
  const hiddenState = await layerNorm(scope, tokens, 'layernorm', 'layernorm', TOKENS_OUTPUT);
  graph.nodes('Gather', [hiddenState, graph.int64('cls', [], [0])], [EMBEDDING_OUTPUT], {
    attributes: { axis: int(1) },
  });
  const { dimension } = architecture;
  const count =
    size === 'dynamic' ? 'tokens' : prefixLength(architecture) + (size.height * size.width) / PATCH_SIZE ** 2;
  graph.output(TOKENS_OUTPUT, 'float32', ['batch', count, dimension]);
  graph.output(EMBEDDING_OUTPUT, 'float32', ['batch', dimension]);
  onStep?.();
}

async function block(scope: GraphScope, index: number, x: Value): Promise<Value> {
  const { writer, graph, weights, linear } = scope;
  const { dimension } = scope.architecture;
  const names = blockTensors(index);
  const name = `layer.${index}`;
  const mixed = await attend(scope, index, await layerNorm(scope, x, names.norm1, `${name}.norm1`));
  const attended = await linear.emit(writer, mixed, {
    name: `${name}.attention.output`,
    inputs: dimension,
    outputs: dimension,
    ...(await weights.scaled(names.attentionOutput, names.scale1)),
  });
  const between = graph.node('Add', [x, attended], { output: `${name}.attended` });
  const normed = await layerNorm(scope, between, names.norm2, `${name}.norm2`);
  const fed = await feedForward(scope, index, normed);
  return graph.node('Add', [between, fed], { output: `${name}.output` });
}
