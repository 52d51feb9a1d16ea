import { int, ints, type Value } from '../onnx/graph-builder.js';
import { PATCH_SIZE, TENSORS } from './architecture.js';
import { INPUT, prefixLength, type GraphScope } from './graph-scope.js';
import { interpolatePositionsInGraph } from './positions-graph.js';
import { interpolatePositions, interpolationOf, type Grid } from './positions.js';

/** Cuts out patches and multiplies them with the kernel as rows: equivalent to a convolution with stride 14. */
export async function embedPatches(scope: GraphScope): Promise<Value> {
  const { writer, graph, weights, linear, size, architecture } = scope;
  const { dimension } = architecture;
  const sides = size === 'dynamic' ? ['height', 'width'] : [size.height, size.width];
  const pixels = graph.input(INPUT, 'float32', ['batch', 3, ...sides]);
  const shape = graph.node('Shape', [pixels]);
  const part = (name: string, from: number): Value =>
    graph.node('Slice', [
      shape,
      graph.int64(`${name}.from`, [1], [from]),
      graph.int64(`${name}.to`, [1], [from + 1]),
    ]);

  const prefix = await readPrefixAndPositions(scope);
  const { cut, placed } = await (size === 'dynamic'
    ? anySize(scope, prefix.positions, part)
    : oneSize(scope, prefix.positions, size));
  const inputs = 3 * PATCH_SIZE ** 2;
  const squares = graph.node('Transpose', [graph.node('Reshape', [pixels, cut])], {
    attributes: { perm: ints(0, 2, 4, 1, 3, 5) },
  });
  const rows = graph.node('Reshape', [squares, graph.int64('rows', [3], [0, -1, inputs])]);
  const patches = await linear.emit(writer, rows, {
    name: 'patch_embedding',
    inputs,
    outputs: dimension,
    weight: await weights.read(TENSORS.patchWeight),
    bias: await weights.read(TENSORS.patchBias),
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
  return graph.node('Concat', [graph.node('Expand', [first, target]), graph.node('Add', [patches, placed])], {
    attributes: { axis: int(1) },
  });
}

/** How pixels are cut into patches, and the positions of the patches. */
interface PatchPlaces {
  /** Shape [6]: batch, channels, rows, side, columns, side. */
  readonly cut: Value;
  /** [patches, dimension] */
  readonly placed: Value;
}

/** @param part one size of the input, by its axis: int64 [1] */
async function anySize(
  { writer, graph, architecture }: GraphScope,
  positions: Float32Array,
  part: (name: string, axis: number) => Value,
): Promise<PatchPlaces> {
  const { dimension, grid: trained } = architecture;
  const side = graph.int64('patch_size', [1], [PATCH_SIZE]);
  const rows = graph.node('Div', [part('height', 2), side]);
  const columns = graph.node('Div', [part('width', 3), side]);
  const kept = graph.int64('batch_and_channels', [2], [0, 3]);
  const cut = graph.node('Concat', [kept, rows, side, columns, side], { attributes: { axis: int(0) } });
  const stored = await writer.constant('positions', 'float32', [trained, trained * dimension], positions);
  const placed = interpolatePositionsInGraph(
    graph,
    stored,
    { trained, dimension },
    { rows, columns },
    interpolationOf(architecture),
  );
  return { cut, placed };
}

async function oneSize(
  { writer, graph, architecture }: GraphScope,
  positions: Float32Array,
  size: { readonly height: number; readonly width: number },
): Promise<PatchPlaces> {
  const { dimension, grid: trained } = architecture;
  const grid: Grid = { rows: size.height / PATCH_SIZE, columns: size.width / PATCH_SIZE };
  const cut = graph.int64('cut', [6], [0, 3, grid.rows, PATCH_SIZE, grid.columns, PATCH_SIZE]);
  const placed = await writer.constant(
    'positions',
    'float32',
    [grid.rows * grid.columns, dimension],
    interpolatePositions(positions, trained, grid, interpolationOf(architecture)),
  );
  return { cut, placed };
}

/** CLS with its position, the registers, which have none, and the positions of the trained grid. */
async function readPrefixAndPositions({
  weights,
  architecture,
}: GraphScope): Promise<{ tokens: Float32Array; positions: Float32Array }> {
  const { dimension } = architecture;
  const positions = await weights.read(TENSORS.positions);
  const tokens = new Float32Array(prefixLength(architecture) * dimension);
  tokens.set(await weights.read(TENSORS.clsToken));
  for (let i = 0; i < dimension; i++) tokens[i]! += positions[i]!;
  if (architecture.registers > 0) tokens.set(await weights.read(TENSORS.registers), dimension);
  return { tokens, positions: positions.subarray(dimension) };
}
