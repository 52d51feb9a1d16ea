import { float, int, ints, type Value } from '../onnx/graph-builder.js';
import { HEAD_WIDTH } from './architecture.js';
import { MICROSOFT, type GraphScope } from './graph-scope.js';
import { transpose } from './linear.js';

/** softmax(q k^T / 8) v of all heads, concatenated: [batch, tokens, dimension] */
export async function attend(scope: GraphScope, index: number, x: Value): Promise<Value> {
  const { writer, graph, weights, linear, attention } = scope;
  const { dimension, heads } = scope.architecture;
  const name = `layer.${index}.attention`;
  const layer = {
    name: `${name}.qkv`,
    inputs: dimension,
    outputs: 3 * dimension,
    ...(await weights.qkv(index)),
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
  const parts: Parts = [`${name}.query`, `${name}.key`, `${name}.value`];
  if (attention === 'fused') {
    graph.nodes('Split', [qkv], parts, { attributes: { axis: int(-1) } });
    return graph.node('MultiHeadAttention', parts, { ...MICROSOFT, attributes, output });
  }
  return attendPlainly(scope, qkv, parts, name);
}

/** Names of query, key and value. */
type Parts = readonly [Value, Value, Value];

function attendPlainly(
  { graph, architecture: { dimension, heads } }: GraphScope,
  qkv: Value,
  [query, key, value]: Parts,
  name: string,
): Value {
  const apart = graph.node('Reshape', [qkv, graph.int64(`${name}.apart`, [5], [0, 0, 3, heads, HEAD_WIDTH])]);
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
  return graph.node('Reshape', [perHead, flat], { output: `${name}.mixed` });
}
