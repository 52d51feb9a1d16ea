import { int, ints, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import type { WeightConstants } from './weight-constants.js';
import type { Part } from './weights.js';

export const EMBEDDING_DIMENSION = 256;

/** A shorter part is meaningless and stays near 0 instead of being amplified. */
const MIN_LENGTH = 1e-6;

/** A part and its features, [1, channels]. */
export interface Feature extends Part {
  readonly value: Value;
  readonly channels: number;
}

/**
 * Joins the parts: subtracts the mean over photos from each and scales it to its weight, then projects all onto the
 * directions in which photos differ (a PCA whose columns are scaled by (lambda + 0.1 mean lambda)^(-1/4)).
 *
 * @returns `embedding`, [1, 256], of unit length
 */
export function head(graph: GraphBuilder, constants: WeightConstants, features: readonly Feature[]): Value {
  const floor = graph.float32('min_length', [], [MIN_LENGTH]);
  const joined = graph.node(
    'Concat',
    features.map((feature) => weighted(graph, constants, feature, floor)),
    { attributes: { axis: int(1) } },
  );
  const width = features.reduce((sum, { channels }) => sum + channels, 0);
  const projected = graph.node('Add', [
    graph.node('MatMul', [joined, constants.get('head.projection', [width, EMBEDDING_DIMENSION])]),
    constants.get('head.bias', [EMBEDDING_DIMENSION]),
  ]);
  const length = graph.node('ReduceL2', [projected], { attributes: { axes: ints(1) } });
  return graph.node('Div', [projected, graph.node('Max', [length, floor])], { output: 'embedding' });
}

/** Centres a part and scales it so that its squared length is the part's weight. */
function weighted(
  graph: GraphBuilder,
  constants: WeightConstants,
  { name, signedRoot, value, channels }: Feature,
  floor: Value,
): Value {
  const rooted = signedRoot
    ? graph.node('Mul', [graph.node('Sign', [value]), graph.node('Sqrt', [graph.node('Abs', [value])])])
    : value;
  const centred = graph.node('Sub', [rooted, constants.get(`head.${name}.mean`, [channels])]);
  const length = graph.node('ReduceL2', [centred], { attributes: { axes: ints(1) } });
  const weight = graph.node('Sqrt', [constants.get(`head.${name}.weight`, [1])]);
  const scale = graph.node('Div', [length, weight]);
  return graph.node('Div', [centred, graph.node('Max', [scale, floor])]);
}
