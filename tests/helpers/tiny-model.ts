import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile, OutputKind, Preprocess } from '../../src/services/embedding/model-file.js';
import { GraphBuilder, int, ints } from '../../src/model-tools/onnx/graph-builder.js';
import { encodeModel } from '../../src/model-tools/onnx/onnx-proto.js';

/** Real ONNX models of a few kilobytes, whose vectors can be told from the picture. */
export interface TinyModel {
  /** Outputs of the graph. `pooler_output` comes with a misleading `last_hidden_state` beside it. */
  readonly output?: OutputKind;
  /** Numbers it gives instead: nothing but zeros, or none that are finite. */
  readonly gives?: 'zeros' | 'nans';
  readonly layout?: 'nchw' | 'nhwc';
  readonly type?: 'float32' | 'uint8';
  /** Multiplications of 224 x 224 matrices it does besides: about 0.5 ms each. */
  readonly slowness?: number;
  readonly id?: string;
  /** Fields of model.json that differ. */
  readonly definition?: Partial<ModelFile>;
}

/** Side of its input in pixels. */
export const TINY_SIDE = 56;
/** Its vector: mean red, green, blue (planes) of 4 x 4 tiles, normalised to -1..1, row-major in each plane. */
export const TINY_DIMENSION = 48;

export function tinyModelBytes({
  output = 'embedding',
  gives,
  layout = 'nchw',
  type = 'float32',
  slowness = 0,
}: TinyModel = {}) {
  const graph = new GraphBuilder({ name: 'tiny' });
  const sides = layout === 'nchw' ? [3, TINY_SIDE, TINY_SIDE] : [TINY_SIDE, TINY_SIDE, 3];
  let value = graph.input('pixel_values', type, ['batch', ...sides]);
  if (type === 'uint8') {
    value = graph.node('Cast', [value], { attributes: { to: int(1) } });
    value = graph.node('Div', [value, graph.float32('half', [], [127.5])]);
    value = graph.node('Sub', [value, graph.float32('one', [], [1])]);
  }
  if (layout === 'nhwc') value = graph.node('Transpose', [value], { attributes: { perm: ints(0, 3, 1, 2) } });
  const tile = TINY_SIDE / 4;
  value = graph.node('AveragePool', [value], {
    attributes: { kernel_shape: ints(tile, tile), strides: ints(tile, tile) },
  });
  value = graph.node('Flatten', [value]);
  if (slowness > 0) {
    // 0 * (something slow to compute that the optimiser cannot fold, since it depends on the input)
    let slow = graph.node('Expand', [
      graph.node('ReduceMax', [value]),
      graph.int64('square', [2], [224, 224]),
    ]);
    const weights = graph.float32('weights', [224, 224], new Float32Array(224 * 224).fill(1 / 224));
    for (let i = 0; i < slowness; i++) slow = graph.node('MatMul', [slow, weights]);
    const nothing = graph.node('Mul', [graph.node('ReduceMax', [slow]), graph.float32('nothing', [], [0])]);
    value = graph.node('Add', [value, graph.node('Reshape', [nothing, graph.int64('row', [2], [1, 1])])]);
  }
  if (gives === 'zeros') value = graph.node('Mul', [value, graph.float32('zero', [], [0])]);
  if (gives === 'nans')
    value = graph.node('Sqrt', [graph.node('Sub', [value, graph.float32('ten', [], [10])])]);

  const axis = graph.int64('token axis', [1], [1]);
  const token = graph.node('Unsqueeze', [value, axis]);
  const other = graph.node('Sub', [token, graph.float32('hundred', [], [100])]);
  const tokens = (order: string[], name: string): void => {
    graph.node('Concat', order, { attributes: { axis: int(1) }, output: name });
    graph.output(name, 'float32', ['batch', 3, TINY_DIMENSION]);
  };
  if (output === 'last_hidden_state') tokens([token, other, other], 'last_hidden_state');
  if (output === 'pooler_output') tokens([other, token, other], 'last_hidden_state');
  if (output !== 'last_hidden_state') {
    graph.node('Identity', [value], { output });
    graph.output(output, 'float32', ['batch', TINY_DIMENSION]);
  }
  return encodeModel(graph.build());
}

/** Side of a patch of the model below, in pixels. */
export const TINY_PATCH = 14;
const PREFIX = 2;

/**
 * A model of any input size with patch tokens: the mean colour of each patch (red, green, blue, -1..1) after a prefix of
 * misleading rows, as `last_hidden_state` [1, prefix + patches, 3]; and as `embedding` [1, 3] the mean of all.
 */
function patchModelBytes(): Uint8Array {
  const graph = new GraphBuilder({ name: 'tiny patches' });
  const pixels = graph.input('pixel_values', 'float32', ['batch', 3, 'height', 'width']);
  const side = ints(TINY_PATCH, TINY_PATCH);
  const colors = graph.node('AveragePool', [pixels], { attributes: { kernel_shape: side, strides: side } });
  const rows = graph.node(
    'Transpose',
    [graph.node('Reshape', [colors, graph.int64('planes', [3], [1, 3, -1])])],
    {
      attributes: { perm: ints(0, 2, 1) },
    },
  );
  const prefix = graph.float32('prefix', [1, PREFIX, 3], [90, -90, 90, -90, 90, 90]);
  graph.node('Concat', [prefix, rows], { attributes: { axis: int(1) }, output: 'last_hidden_state' });
  graph.output('last_hidden_state', 'float32', ['batch', 'tokens', 3]);
  graph.node('Flatten', [graph.node('GlobalAveragePool', [colors])], { output: 'embedding' });
  graph.output('embedding', 'float32', ['batch', 3]);
  return encodeModel(graph.build());
}

/** Writes the model with patch tokens to `<modelsDir>/<id>/`; returns that folder. */
export async function writePatchModel(
  modelsDir: string,
  preprocess: Preprocess,
  { id = 'tiny-patches', ...fields }: Partial<ModelFile> = {},
): Promise<string> {
  const folder = await writeTinyModel(modelsDir, {
    id,
    definition: {
      preprocess,
      dimension: 3,
      output: { name: 'embedding' },
      patchTokens: { output: 'last_hidden_state', prefix: PREFIX, patchSize: TINY_PATCH },
      ...fields,
    },
  });
  await writeFile(join(folder, 'model.onnx'), patchModelBytes());
  return folder;
}

/** Writes `<modelsDir>/<id>/`; returns that folder. */
export async function writeTinyModel(modelsDir: string, options: TinyModel = {}): Promise<string> {
  const { id = 'tiny', type = 'float32', layout = 'nchw', definition = {} } = options;
  const folder = join(modelsDir, id);
  const file: ModelFile = {
    formatVersion: 1,
    id,
    name: 'Tiny',
    description: 'Mean colours of 16 tiles; for tests.',
    file: 'model.onnx',
    input: { layout, type },
    preprocess: { mode: 'stretch', width: TINY_SIDE, height: TINY_SIDE },
    normalize: { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    output: {},
    dimension: TINY_DIMENSION,
    precision: 'fp32',
    ...definition,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.json'), JSON.stringify(file));
  await writeFile(join(folder, file.file), tinyModelBytes(options));
  return folder;
}
