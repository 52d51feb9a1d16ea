import { int, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import type { Interpolation } from './positions.js';

/**
 * `interpolatePositions` as part of the graph, for inputs of any size: the two small matrices of weights are computed
 * from the numbers of rows and columns, and multiplied from both sides. About a thousandth of the model's work.
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
  const made = new Map<string, Value>();
  const counted = [rows, columns].map((count) =>
    graph.node('Cast', [count], { attributes: { to: int(DATA_TYPES.float32) } }),
  ) as [Value, Value];
  const offset = how.offset === 0 ? null : offsetUnlessTrained(counted);
  const [ofRows, ofColumns] = counted.map((count) => weights(count)) as [Value, Value];
  const strips = graph.node('Reshape', [
    graph.node('MatMul', [ofRows, positions]),
    graph.int64('positions.strips', [3], [-1, trained, dimension]),
  ]);
  return graph.node('Reshape', [
    graph.node('MatMul', [ofColumns, strips]),
    graph.int64('positions.places', [2], [-1, dimension]),
  ]);

  /** 0.1 as a rule, 0 for the trained grid itself, which is taken as it is. */
  function offsetUnlessTrained([rowCount, columnCount]: [Value, Value]): Value {
    const same = graph.node('And', [
      graph.node('Equal', [rowCount, scalar(trained)]),
      graph.node('Equal', [columnCount, scalar(trained)]),
    ]);
    return graph.node('Where', [same, scalar(0), scalar(how.offset)]);
  }

  /** [count, trained]: see `interpolationWeights`. */
  function weights(count: Value): Value {
    const step = graph.node('Div', [
      scalar(trained),
      offset === null ? count : graph.node('Add', [count, offset]),
    ]);
    const index = graph.node('Range', [scalar(0), graph.node('Squeeze', [count]), scalar(1)]);
    const at = graph.node('Sub', [
      graph.node('Mul', [graph.node('Add', [index, scalar(0.5)]), step]),
      scalar(0.5),
    ]);
    const column = graph.node('Unsqueeze', [at, columnAxis()]);
    const distance = graph.node('Abs', [graph.node('Sub', [neighbours(), column])]);
    if (how.antialias) {
      const width = graph.node('Max', [step, scalar(1)]);
      const values = cubic(graph.node('Div', [distance, width]));
      return graph.node('Div', [values, graph.node('ReduceSum', [values, columnAxis()])]);
    }
    return graph.node('MatMul', [cubic(distance), clamp()]);
  }

  /** The trained positions the kernel may touch, [1, n]: without antialias two beyond each border, clamped afterwards. */
  function neighbours(): Value {
    const beyond = how.antialias ? 0 : 2;
    return once('positions.neighbours', (name) =>
      graph.float32(
        name,
        [1, trained + 2 * beyond],
        Array.from({ length: trained + 2 * beyond }, (_, j) => j - beyond),
      ),
    );
  }

  /** [trained + 4, trained]: gives what lies beyond the borders to the positions at the borders. */
  function clamp(): Value {
    return once('positions.clamp', (name) => {
      const matrix = new Float32Array((trained + 4) * trained);
      for (let j = 0; j < trained + 4; j++)
        matrix[j * trained + Math.min(trained - 1, Math.max(0, j - 2))] = 1;
      return graph.float32(name, [trained + 4, trained], matrix);
    });
  }

  function cubic(x: Value): Value {
    const { a } = how;
    const [near, far] = [scalar(1), scalar(2)];
    const times = (left: Value, right: Value): Value => graph.node('Mul', [left, right]);
    const plus = (left: Value, right: number): Value => graph.node('Add', [left, scalar(right)]);
    const inner = plus(times(times(plus(times(x, scalar(a + 2)), -(a + 3)), x), x), 1);
    const outer = plus(times(times(plus(times(plus(x, -5), x), 8), x), scalar(a)), -4 * a);
    return graph.node('Where', [
      graph.node('Less', [x, near]),
      inner,
      graph.node('Where', [graph.node('Less', [x, far]), outer, scalar(0)]),
    ]);
  }

  function once(name: string, make: (name: string) => Value): Value {
    const value = made.get(name) ?? make(name);
    made.set(name, value);
    return value;
  }

  function scalar(value: number): Value {
    return once(`positions.${value}`, (name) => graph.float32(name, [], [value]));
  }

  function columnAxis(): Value {
    return once('positions.column_axis', (name) => graph.int64(name, [1], [1]));
  }
}
