import { check } from '../../lib/check.js';
import { int, type GraphBuilder, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import { float32Linear, transpose, type LinearEmitter, type LinearLayer } from './linear.js';
import type { ModelWriter } from './model-writer.js';

/**
 * Dense layers in 8-bit integers, with dynamic quantisation: the weights once, when the model is made, with a scale for
 * each output; the activations at every run, with one scale and zero point for the whole tensor.
 *
 * Weights are int8, symmetric, in -127..127, and activations uint8, which is what VNNI multiplies (`vpdpbusd`, u8 x s8):
 * with uint8 weights ONNX Runtime takes nearly twice as long. An x86 processor without VNNI multiplies u8 x s8 with
 * `vpmaddubsw`, which saturates sums of two products at 16 bits, unless the session is opened with
 * `session.x64quantprecision`, which makes uint8 of the weights. With it, and on ARM, the sums are exact everywhere.
 *
 * Written with the standard's DynamicQuantizeLinear, MatMulInteger, Cast, Mul, Add, which ONNX Runtime fuses into one
 * operator (DynamicQuantizeMatMul) when it loads the model; using that one directly is no faster.
 */
export interface Int8Options {
  /** Names of layers that stay in float32. */
  readonly float?: ReadonlySet<string>;
  /**
   * By layer name, for each of its inputs: the number by which it is divided before quantisation, and its weights are
   * multiplied. For layers whose divisors cannot be folded into the previous layer.
   */
  readonly divisors?: ReadonlyMap<string, Float32Array>;
}

/** Not quantised: its inputs are pixels, and it is only 1 % of the work. */
export const PATCH_EMBEDDING = 'patch_embedding';

export function int8Linear({ float = new Set(), divisors = new Map() }: Int8Options = {}): LinearEmitter {
  return {
    async emit(writer, x, layer) {
      const { name, outputs, bias } = layer;
      if (name === PATCH_EMBEDDING || float.has(name)) return float32Linear.emit(writer, x, layer);
      if (bias === null) return emitInt8Product(writer, x, layer, { divisors: divisors.get(name) });
      const product = await emitInt8Product(writer, x, layer, {
        name: `${name}.product`,
        divisors: divisors.get(name),
      });
      const offset = await writer.constant(`${name}.bias`, 'float32', [outputs], bias);
      return writer.graph.node('Add', [product, offset], { output: name });
    },
  };
}

/**
 * The layer without its bias.
 * @param name of the result, and prefix of the names of its intermediate values
 */
export async function emitInt8Product(
  writer: ModelWriter,
  x: Value,
  layer: LinearLayer,
  { name = layer.name, divisors }: { readonly name?: string; readonly divisors?: Float32Array | undefined },
): Promise<Value> {
  const { inputs, outputs } = layer;
  const { graph } = writer;
  let input = x;
  let { weight } = layer;
  if (divisors !== undefined) {
    weight = multiplyColumns(weight, divisors);
    const factors = await writer.constant(
      `${name}.factors`,
      'float32',
      [inputs],
      divisors.map((divisor) => 1 / divisor),
    );
    input = graph.node('Mul', [x, factors]);
  }
  const { values, scales } = quantiseRows(weight, outputs, inputs);
  const quantised = await writer.constant(
    `${name}.weight_int8`,
    'int8',
    [inputs, outputs],
    transpose(values, outputs, inputs),
  );
  const scale = await writer.constant(`${name}.weight_scale`, 'float32', [outputs], scales);
  const parts = quantiseInput(graph, input, name);
  const sums = graph.node('MatMulInteger', [parts.values, quantised, parts.zeroPoint]);
  const widened = graph.node('Cast', [sums], { attributes: { to: int(DATA_TYPES.float32) } });
  return graph.node('Mul', [widened, graph.node('Mul', [parts.scale, scale])], { output: name });
}

function quantiseInput(graph: GraphBuilder, x: Value, name: string) {
  const [values, scale, zeroPoint] = [
    `${name}.input_uint8`,
    `${name}.input_scale`,
    `${name}.input_zero_point`,
  ];
  graph.nodes('DynamicQuantizeLinear', [x], [values, scale, zeroPoint]);
  return { values, scale, zeroPoint };
}

/** -128 is left out, so that the range is symmetric. */
const MOST = 127;

/**
 * weight[row][i] is approximately values[row][i] * scales[row], with an error of at most half a scale.
 * @param weight [rows, columns], row-major
 * @returns `values` [rows, columns], `scales` [rows]
 */
export function quantiseRows(
  weight: Float32Array,
  rows: number,
  columns: number,
): { values: Int8Array; scales: Float32Array } {
  check(weight.length === rows * columns, 'weight', `${rows} x ${columns} numbers`);
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * columns;
    const end = begin + columns;
    let largest = 0;
    for (let i = begin; i < end; i++) largest = Math.max(largest, Math.abs(weight[i]!));
    // For a zero row any scale will do. For numbers near the smallest float32, the scale must not become 0.
    const scale = Math.fround(largest / MOST) || 1;
    scales[row] = scale;
    for (let i = begin; i < end; i++)
      values[i] = Math.max(-MOST, Math.min(MOST, Math.round(weight[i]! / scale)));
  }
  return { values, scales };
}

/** @returns a copy of [rows, factors.length] with each column times its factor */
function multiplyColumns(matrix: Float32Array, factors: Float32Array): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let i = 0, column = 0; i < matrix.length; i++) {
    out[i] = matrix[i]! * factors[column]!;
    if (++column === factors.length) column = 0;
  }
  return out;
}
