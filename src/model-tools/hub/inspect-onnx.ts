import { readFile, stat } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.js';
import {
  DATA_TYPES,
  decodeModel,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from '../onnx/onnx-proto.js';
import type { ModelDescription } from '../../services/embedding/types.js';

export interface OnnxValue {
  readonly name: string;
  /** `TensorProto.DataType`. */
  readonly type: number;
  /** Null for a size that is known only when the model runs. */
  readonly shape: readonly (number | null)[];
}

/** What an ONNX file declares, without running it. */
export interface OnnxSummary {
  /** Without inputs that have a default value. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Names of the files with weights, relative to the ONNX file ("external data"). */
  readonly dataFiles: readonly string[];
  /** The precision of most of its computations. */
  readonly precision: ModelDescription['precision'];
}

/** protobuf's limit for a message. */
const LARGEST_BYTES = 2 ** 31 - 1;

const QUANTISED =
  /^(MatMulInteger|ConvInteger|QLinear\w+|DynamicQuantize\w+|DequantizeLinear|QGemm|QAttention)$/;

/** @throws AppError MODEL_MISSING, MODEL_MISMATCH if it is not an ONNX model */
export async function inspectOnnx(path: string): Promise<OnnxSummary> {
  const mismatch = (problem: string): AppError =>
    new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });
  const bytes = await readWhole(path);
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    throw mismatch(`is not an ONNX model, or is truncated. (${messageOf(error)})`);
  }
  const { graph } = model;
  if ((graph as typeof graph | undefined) === undefined || graph.output.length === 0)
    throw mismatch('is not an ONNX model: there is no graph in it.');
  const constants = [
    ...graph.initializer,
    ...graph.node.flatMap(({ attribute = [] }) => attribute.flatMap(({ t }) => t ?? [])),
  ];
  const valued = new Set(graph.initializer.map(({ name }) => name));
  return {
    inputs: graph.input.filter(({ name }) => !valued.has(name)).map(valueOf),
    outputs: graph.output.map(valueOf),
    dataFiles: [...new Set(constants.flatMap(locationOf))],
    precision: precisionOf(graph.node, constants),
  };

  async function readWhole(from: string): Promise<Uint8Array> {
    const found = await stat(from).catch((error: unknown) => {
      throw new AppError('MODEL_MISSING', `${from} cannot be read: ${messageOf(error)}`, {
        details: { path: from },
      });
    });
    if (found.size > LARGEST_BYTES) throw mismatch('is larger than an ONNX file can be.');
    return readFile(from);
  }
}

function valueOf({ name, type }: ValueInfoProto): OnnxValue {
  // Not all values are tensors, and not all tensors declare their shape.
  const tensor = (type as Partial<ValueInfoProto['type']> | undefined)?.tensorType;
  return {
    name,
    type: tensor?.elemType ?? 0,
    shape: (tensor?.shape?.dim ?? []).map(({ dimValue }) =>
      dimValue !== undefined && dimValue > 0 ? dimValue : null,
    ),
  };
}

const locationOf = ({ dataLocation, externalData = [] }: TensorProto): readonly string[] =>
  dataLocation === 1 ? externalData.flatMap(({ key, value }) => (key === 'location' ? [value] : [])) : [];

function precisionOf(
  nodes: readonly { readonly opType: string }[],
  constants: readonly TensorProto[],
): ModelDescription['precision'] {
  if (nodes.some(({ opType }) => QUANTISED.test(opType))) return 'int8';
  const numbers = (type: number): number =>
    constants
      .filter(({ dataType }) => dataType === type)
      .reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
  return numbers(DATA_TYPES.float16) > numbers(DATA_TYPES.float32) ? 'fp16' : 'fp32';
}
