import { COLOR_DIMENSION, colorBlock } from '../../dist/model-tools/builtin/color-block.js';
import { GIST_DIMENSION, gistBlock } from '../../dist/model-tools/builtin/gist-block.js';
import { GraphBuilder, int, ints } from '../../dist/model-tools/onnx/graph-builder.js';
import { DATA_TYPES, encodeModel } from '../../dist/model-tools/onnx/onnx-proto.js';

const SIZE = 128;
const COLOR_SHARE = 0.3;

/** The first version of the built-in model, GIST and colour concatenated, for comparison: see docs/builtin-model.md. */
export function firstModel() {
  const graph = new GraphBuilder({ name: 'likeness-builtin' });
  const pixels = graph.input('pixels', 'uint8', [1, SIZE, SIZE, 3]);
  const planes = graph.node('Transpose', [pixels], { attributes: { perm: ints(0, 3, 1, 2) } });
  const rgb = graph.node('Cast', [planes], { attributes: { to: int(DATA_TYPES.float32) } });
  const weighted = (block, share) =>
    graph.node('Mul', [block, graph.float32(`${block}_weight`, [], [Math.sqrt(share)])]);
  const joined = graph.node(
    'Concat',
    [
      weighted(gistBlock(graph, rgb, SIZE), 1 - COLOR_SHARE),
      weighted(colorBlock(graph, rgb, SIZE), COLOR_SHARE),
    ],
    { attributes: { axis: int(1) } },
  );
  const length = graph.node('ReduceL2', [joined], { attributes: { axes: ints(1) } });
  const embedding = graph.node('Div', [joined, length], { output: 'embedding' });
  graph.output(embedding, 'float32', [1, GIST_DIMENSION + COLOR_DIMENSION]);
  return { onnx: encodeModel(graph.build()), preprocess: { mode: 'stretch', width: SIZE, height: SIZE } };
}
