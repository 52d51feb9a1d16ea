import { createHash } from 'node:crypto';
import { MODEL_FORMAT_VERSION, type ModelFile } from '../model-file.js';
import { GraphBuilder, int, ints, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES, encodeModel } from '../onnx/onnx-proto.js';
import { COLOR_DIMENSION, colorBlock } from './color-block.js';
import { GIST_DIMENSION, gistBlock } from './gist-block.js';

/**
 * The model that needs no download: layout and texture (GIST) beside colour (soft histograms), written down as a graph
 * by our own code. Nothing in it was trained. `docs/builtin-model.md` has the figures its constants were chosen by.
 */

/** Pixels along each side of what the graph reads; the picture is stretched to it. */
export const BUILTIN_INPUT_SIZE = 128;
export const BUILTIN_DIMENSION = GIST_DIMENSION + COLOR_DIMENSION;

/** Share of colour in the similarity of two pictures; the rest is layout and texture. */
const COLOR_SHARE = 0.3;

const DESCRIPTION =
  'Built in, not trained: good for colour, layout and texture (so for copies and for pictures that look alike at a ' +
  'glance), not for what is meant by a picture.';

/** @returns the bytes of the .onnx file, the same each time; `pixels` uint8 [1,128,128,3] to `embedding` [1,768] */
export function encodeBuiltinModel(): Uint8Array {
  const size = BUILTIN_INPUT_SIZE;
  const graph = new GraphBuilder({ name: 'likeness-builtin', doc: DESCRIPTION });
  const pixels = graph.input('pixels', 'uint8', [1, size, size, 3]);
  const planes = graph.node('Transpose', [pixels], { attributes: { perm: ints(0, 3, 1, 2) } });
  const rgb = graph.node('Cast', [planes], { attributes: { to: int(DATA_TYPES.float32) } });

  const weighted = (block: Value, share: number): Value =>
    graph.node('Mul', [block, graph.float32(`${block}_weight`, [], [Math.sqrt(share)])]);
  const joined = graph.node(
    'Concat',
    [
      weighted(gistBlock(graph, rgb, size), 1 - COLOR_SHARE),
      weighted(colorBlock(graph, rgb, size), COLOR_SHARE),
    ],
    { attributes: { axis: int(1) } },
  );
  // Never 0: a flat picture has no gist, but it has a colour.
  const length = graph.node('ReduceL2', [joined], { attributes: { axes: ints(1) } });
  const embedding = graph.node('Div', [joined, length], { output: 'embedding' });
  graph.output(embedding, 'float32', [1, BUILTIN_DIMENSION]);
  return encodeModel(graph.build());
}

/** What `models/builtin/model.json` says of these bytes. */
export function describeBuiltinModel(onnx: Uint8Array): ModelFile {
  return {
    formatVersion: MODEL_FORMAT_VERSION,
    id: 'builtin',
    name: 'Built-in (GIST and colour)',
    description: DESCRIPTION,
    file: 'model.onnx',
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.byteLength,
    input: { name: 'pixels', layout: 'nhwc', type: 'uint8' },
    preprocess: { mode: 'stretch', width: BUILTIN_INPUT_SIZE, height: BUILTIN_INPUT_SIZE },
    normalize: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'embedding', kind: 'embedding' },
    dimension: BUILTIN_DIMENSION,
    precision: 'fp32',
  };
}
