import { int, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import type { Interpolation } from './positions.js';

/**
 * `interpolatePositions` as part of the graph, for inputs of any size: the two small weight matrices are computed from the
 * numbers of rows and columns, and multiplied from both sides. About a thousandth of the model's work.
 *
 * ONNX has Resize, but its antialiased cubic is not PyTorch's, and it takes coordinates from sizes or from scales
 * depending on the runtime.
 *
 * @param positions float32 [trained, trained * dimension]
 * @param rows int64 [1]
 * @param columns int64 [1]
 * @returns float32 [rows * columns, dimension]
 */
export function interpolatePositionsInGraph(
  graph: GraphBuilder,
  positions: Value,
  { trained, dimension }: { readonly trained: number; readonly dimension: number },
  { rows, columns }: { readonly rows: Value; readonly columns: Value },
  how: Interpolation,
): Value {
  const counted: Pair = [toFloat(graph, rows), toFloat(graph, columns)];
  const weights = new WeightsInGraph(graph, trained, how);
  const offset = how.offset === 0 ? null : weights.offsetUnlessTrained(counted);
  const ofRows = weights.of(counted[0], offset);
  const ofColumns = weights.of(counted[1], offset);
  const strips = graph.node('Reshape', [
    graph.node('MatMul', [ofRows, positions]),
    graph.int64('positions.strips', [3], [-1, trained, dimension]),
  ]);
  return graph.node('Reshape', [
    graph.node('MatMul', [ofColumns, strips]),
    graph.int64('positions.places', [2], [-1, dimension]),
  ]);
}

type Pair = readonly [Value, Value];

const toFloat = (graph: GraphBuilder, count: Value): Value =>
  graph.node('Cast', [count], { attributes: { to: int(DATA_TYPES.float32) } });

/** Builds the weight matrices; shared parts are in the graph once. */
class WeightsInGraph {
  readonly #graph: GraphBuilder;
  readonly #trained: number;
  readonly #how: Interpolation;
  readonly #made = new Map<string, Value>();

  constructor(graph: GraphBuilder, trained: number, how: Interpolation) {
    this.#graph = graph;
    this.#trained = trained;
    this.#how = how;
  }

  /** Usually 0.1, but 0 for the trained grid itself, which is used unchanged. */
  offsetUnlessTrained([rowCount, columnCount]: Pair): Value {
    const same = this.#graph.node('And', [
      this.#graph.node('Equal', [rowCount, this.#scalar(this.#trained)]),
      this.#graph.node('Equal', [columnCount, this.#scalar(this.#trained)]),
    ]);
    return this.#graph.node('Where', [same, this.#scalar(0), this.#scalar(this.#how.offset)]);
  }

  /** [count, trained]: see `interpolationWeights`. */
  of(count: Value, offset: Value | null): Value {
    const step = this.#graph.node('Div', [
      this.#scalar(this.#trained),
      offset === null ? count : this.#graph.node('Add', [count, offset]),
    ]);
    const index = this.#graph.node('Range', [
      this.#scalar(0),
      this.#graph.node('Squeeze', [count]),
      this.#scalar(1),
    ]);
    const at = this.#graph.node('Sub', [
      this.#graph.node('Mul', [this.#graph.node('Add', [index, this.#scalar(0.5)]), step]),
      this.#scalar(0.5),
    ]);
    const column = this.#graph.node('Unsqueeze', [at, this.#columnAxis()]);
    const distance = this.#graph.node('Abs', [this.#graph.node('Sub', [this.#neighbours(), column])]);
    if (this.#how.antialias) {
      const width = this.#graph.node('Max', [step, this.#scalar(1)]);
      const values = this.#cubic(this.#graph.node('Div', [distance, width]));
      return this.#graph.node('Div', [values, this.#graph.node('ReduceSum', [values, this.#columnAxis()])]);
    }
    return this.#graph.node('MatMul', [this.#cubic(distance), this.#clamp()]);
  }

  /** The trained positions the kernel may touch, [1, n]: without antialias two beyond each border, clamped afterwards. */
  #neighbours(): Value {
    const beyond = this.#how.antialias ? 0 : 2;
    return this.#once('positions.neighbours', (name) =>
      this.#graph.float32(
        name,
        [1, this.#trained + 2 * beyond],
        Array.from({ length: this.#trained + 2 * beyond }, (_, j) => j - beyond),
      ),
    );
  }

  /** [trained + 4, trained]: assigns weights beyond the borders to the border positions. */
  #clamp(): Value {
    return this.#once('positions.clamp', (name) => {
      const matrix = new Float32Array((this.#trained + 4) * this.#trained);
      for (let j = 0; j < this.#trained + 4; j++)
        matrix[j * this.#trained + Math.min(this.#trained - 1, Math.max(0, j - 2))] = 1;
      return this.#graph.float32(name, [this.#trained + 4, this.#trained], matrix);
    });
  }

  #cubic(x: Value): Value {
    const { a } = this.#how;
    const [near, far] = [this.#scalar(1), this.#scalar(2)];
    const times = (left: Value, right: Value): Value => this.#graph.node('Mul', [left, right]);
    const plus = (left: Value, right: number): Value => this.#graph.node('Add', [left, this.#scalar(right)]);
    const inner = plus(times(times(plus(times(x, this.#scalar(a + 2)), -(a + 3)), x), x), 1);
    const outer = plus(times(times(plus(times(plus(x, -5), x), 8), x), this.#scalar(a)), -4 * a);
    return this.#graph.node('Where', [
      this.#graph.node('Less', [x, near]),
      inner,
      this.#graph.node('Where', [this.#graph.node('Less', [x, far]), outer, this.#scalar(0)]),
    ]);
  }

  #once(name: string, make: (name: string) => Value): Value {
    const value = this.#made.get(name) ?? make(name);
    this.#made.set(name, value);
    return value;
  }

  #scalar(value: number): Value {
    return this.#once(`positions.${value}`, (name) => this.#graph.float32(name, [], [value]));
  }

  #columnAxis(): Value {
    return this.#once('positions.column_axis', (name) => this.#graph.int64(name, [1], [1]));
  }
}
