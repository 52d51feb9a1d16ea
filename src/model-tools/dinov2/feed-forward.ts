import { int, type Value } from '../onnx/graph-builder.js';
import { blockTensors } from './architecture.js';
import { MICROSOFT, type GraphScope } from './graph-scope.js';

/** The part of a block after attention: [batch, tokens, dimension] to the same shape. */
export function feedForward(scope: GraphScope, index: number, x: Value): Promise<Value> {
  return scope.architecture.feedForward === 'swiglu' ? swiglu(scope, index, x) : mlp(scope, index, x);
}

/** With the exact GELU, x * Phi(x). */
async function mlp(
  { writer, graph, weights, linear, architecture: { dimension, hidden } }: GraphScope,
  index: number,
  x: Value,
): Promise<Value> {
  const { fc1, fc2, scale2 } = blockTensors(index);
  const name = `layer.${index}.mlp`;
  const wide = await linear.emit(writer, x, {
    name: `${name}.fc1`,
    inputs: dimension,
    outputs: hidden,
    ...(await weights.linear(fc1)),
  });
  const active = graph.node('Gelu', [wide], { ...MICROSOFT, output: `${name}.active` });
  return linear.emit(writer, active, {
    name: `${name}.fc2`,
    inputs: hidden,
    outputs: dimension,
    ...(await weights.scaled(fc2, scale2)),
  });
}

/** N. Shazeer: GLU Variants Improve Transformer. 2020. silu(x1) * x2 */
async function swiglu(
  { writer, graph, weights, linear, architecture: { dimension, hidden } }: GraphScope,
  index: number,
  x: Value,
): Promise<Value> {
  const { weightsIn, weightsOut, scale2 } = blockTensors(index);
  const name = `layer.${index}.mlp`;
  const wide = await linear.emit(writer, x, {
    name: `${name}.fc1`,
    inputs: dimension,
    outputs: 2 * hidden,
    ...(await weights.linear(weightsIn)),
  });
  const [gate, value] = [`${name}.gate`, `${name}.value`] as const;
  graph.nodes('Split', [wide], [gate, value], { attributes: { axis: int(-1) } });
  const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
  const active = graph.node('Mul', [silu, value], { output: `${name}.active` });
  return linear.emit(writer, active, {
    name: `${name}.fc2`,
    inputs: hidden,
    outputs: dimension,
    ...(await weights.scaled(weightsOut, scale2)),
  });
}
