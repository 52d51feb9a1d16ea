import { toFloat16 } from '../dinov2/float16.js';
import { int, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import { tensorOf, type BuiltinWeights } from './weights.js';

/**
 * The trained weights as constants of a graph, each written once however often it is used. Float16 weights stay float16
 * in the file; the runtime widens them when it loads the model.
 */
export class WeightConstants {
  readonly #graph: GraphBuilder;
  readonly #weights: BuiltinWeights;
  readonly #written = new Map<string, Value>();

  constructor(graph: GraphBuilder, weights: BuiltinWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  /** @throws AppError MODEL_MISMATCH if the weights have no such tensor of this shape */
  get(name: string, shape: readonly number[]): Value {
    const known = this.#written.get(name);
    if (known !== undefined) return known;
    const { values, element } = tensorOf(this.#weights, name, shape);
    const value =
      element === 'float16' ? this.#widened(name, shape, values) : this.#plain(name, shape, values);
    this.#written.set(name, value);
    return value;
  }

  #plain(name: string, shape: readonly number[], values: Float32Array): Value {
    return this.#graph.float32(name, shape, values);
  }

  #widened(name: string, shape: readonly number[], values: Float32Array): Value {
    const stored = this.#graph.initializer(`${name}.float16`, 'float16', shape, toFloat16(values).bits);
    return this.#graph.node('Cast', [stored], { attributes: { to: int(DATA_TYPES.float32) }, output: name });
  }
}
