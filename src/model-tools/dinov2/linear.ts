import { AppError } from '../../errors.js';
import { int, type Value } from '../onnx/graph-builder.js';
import { DATA_TYPES } from '../onnx/onnx-proto.js';
import { MAX_FLOAT16, toFloat16 } from './float16.js';
import type { ModelWriter } from './model-writer.js';

/** y = x W^T + b */
export interface LinearLayer {
  /** Such as `layer.3.mlp.fc1`; also the name of its result in the graph. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs], row-major, as weights files have it. */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array | null;
  /** Names in the weights file of the parts of `weight`, each with the same number of rows, in this order. For messages. */
  readonly sources?: readonly string[];
}

/** Writes dense layers in one of the ways the runtime can compute them. */
export interface LinearEmitter {
  /**
   * @param x float32 [..., inputs]
   * @returns float32 [..., outputs]
   */
  emit(writer: ModelWriter, x: Value, layer: LinearLayer): Promise<Value>;
}

export const float32Linear: LinearEmitter = {
  async emit(writer, x, layer) {
    const { name, inputs, outputs } = layer;
    const weight = transpose(layer.weight, outputs, inputs);
    return multiply(
      writer,
      x,
      layer,
      await writer.constant(`${name}.weight`, 'float32', [inputs, outputs], weight),
    );
  },
};

/** Half the size on disk. The runtime widens the weights once, when it loads them, and computes in float32. */
export const float16Linear: LinearEmitter = {
  async emit(writer, x, layer) {
    const { name, inputs, outputs } = layer;
    const { bits, overflow } = toFloat16(layer.weight);
    if (overflow >= 0) throw tooLarge(layer, overflow);
    const stored = await writer.constant(
      `${name}.weight_float16`,
      'float16',
      [inputs, outputs],
      transpose(bits, outputs, inputs),
    );
    const weight = writer.graph.node('Cast', [stored], {
      attributes: { to: int(DATA_TYPES.float32) },
      output: `${name}.weight`,
    });
    return multiply(writer, x, layer, weight);
  },
};

/** @param weight [inputs, outputs] */
async function multiply(
  writer: ModelWriter,
  x: Value,
  { name, outputs, bias }: LinearLayer,
  weight: Value,
): Promise<Value> {
  if (bias === null) return writer.graph.node('MatMul', [x, weight], { output: name });
  const product = writer.graph.node('MatMul', [x, weight]);
  const offset = await writer.constant(`${name}.bias`, 'float32', [outputs], bias);
  return writer.graph.node('Add', [product, offset], { output: name });
}

/** Rows are processed in blocks, so that both source and target stay in the cache. */
const BLOCK = 32;

/** @returns the columns of [rows, columns] as rows */
export function transpose<T extends Float32Array | Uint16Array | Int8Array | Uint8Array>(
  matrix: T,
  rows: number,
  columns: number,
): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows * columns);
  for (let top = 0; top < rows; top += BLOCK) {
    const bottom = Math.min(rows, top + BLOCK);
    for (let left = 0; left < columns; left += BLOCK) {
      const right = Math.min(columns, left + BLOCK);
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++) out[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return out;
}

function tooLarge({ name, inputs, outputs, sources = [] }: LinearLayer, index: number): AppError {
  const source = Math.floor((Math.floor(index / inputs) * sources.length) / outputs);
  const tensor = sources[source] ?? `${name}.weight`;
  return new AppError(
    'MODEL_MISMATCH',
    `${tensor} holds numbers beyond ${MAX_FLOAT16}, which float16 cannot express. Convert with --precision fp32.`,
    { details: { tensor } },
  );
}
