import { float, int, type Value } from '../onnx/graph-builder.js';
import { LAYER_NORM_EPSILON } from './architecture.js';
import type { GraphScope } from './graph-scope.js';

/** @param tensor, name of the layer in the weights and in the graph */
export async function layerNorm(
  { writer, graph, weights, architecture: { dimension } }: GraphScope,
  x: Value,
  tensor: string,
  name: string,
  output?: Value,
): Promise<Value> {
  const gain = await writer.constant(
    `${name}.weight`,
    'float32',
    [dimension],
    await weights.read(`${tensor}.weight`),
  );
  const bias = await writer.constant(
    `${name}.bias`,
    'float32',
    [dimension],
    await weights.read(`${tensor}.bias`),
  );
  return graph.node('LayerNormalization', [x, gain, bias], {
    attributes: { axis: int(-1), epsilon: float(LAYER_NORM_EPSILON) },
    output: output ?? name,
  });
}
