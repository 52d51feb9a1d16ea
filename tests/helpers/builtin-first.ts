import { GraphBuilder, int, ints, type Value } from '../../src/model-tools/onnx/graph-builder.js';
import { DATA_TYPES, encodeModel } from '../../src/model-tools/onnx/onnx-proto.js';
import { COLOR_DIMENSION, colorBlock } from '../../src/model-tools/builtin/color-block.js';
import { GIST_DIMENSION, gistBlock } from '../../src/model-tools/builtin/gist-block.js';

/** Pixels along each side. */
export const FIRST_SIZE = 128;
export const FIRST_DIMENSION = GIST_DIMENSION + COLOR_DIMENSION;

const COLOR_SHARE = 0.3;

/**
 * The built-in model as it was at first: the GIST and colour blocks side by side, untrained. Shows the two blocks as they
 * are, and galleries from that time.
 * @returns bytes of an .onnx file; `pixels` uint8 [1,128,128,3] to `embedding` [1,768], GIST before colour
 */
export function encodeFirstBuiltinModel(): Uint8Array {
  const graph = new GraphBuilder({ name: 'likeness-builtin' });
  const pixels = graph.input('pixels', 'uint8', [1, FIRST_SIZE, FIRST_SIZE, 3]);
  const planes = graph.node('Transpose', [pixels], { attributes: { perm: ints(0, 3, 1, 2) } });
  const rgb = graph.node('Cast', [planes], { attributes: { to: int(DATA_TYPES.float32) } });
  const weighted = (block: Value, share: number): Value =>
    graph.node('Mul', [block, graph.float32(`${block}_weight`, [], [Math.sqrt(share)])]);
  const joined = graph.node(
    'Concat',
    [
      weighted(gistBlock(graph, rgb, FIRST_SIZE), 1 - COLOR_SHARE),
      weighted(colorBlock(graph, rgb, FIRST_SIZE), COLOR_SHARE),
    ],
    { attributes: { axis: int(1) } },
  );
  const length = graph.node('ReduceL2', [joined], { attributes: { axes: ints(1) } });
  const embedding = graph.node('Div', [joined, length], { output: 'embedding' });
  graph.output(embedding, 'float32', [1, FIRST_DIMENSION]);
  return encodeModel(graph.build());
}
