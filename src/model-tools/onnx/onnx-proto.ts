import protobuf from 'protobufjs/light.js';

/**
 * The part of ONNX's protocol buffers that Likeness writes: names, numbers and types as in `onnx.proto3` of
 * https://github.com/onnx/onnx (IR version 8). Left out: training, sparse tensors, sequences, maps, functions.
 *
 * The interfaces below are what the encoder takes; the descriptors beneath them are what it writes.
 */

/** Element types of tensors, `TensorProto.DataType`. */
export const DATA_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;

export type ElementType = keyof typeof DATA_TYPES;

/** Bytes an element takes in `raw_data`. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
};

/** `AttributeProto.AttributeType`. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export interface StringStringEntryProto {
  readonly key: string;
  readonly value: string;
}

export interface TensorProto {
  readonly name?: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian, row-major. The encoder keeps the reference and copies once, into the encoded model. */
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly StringStringEntryProto[];
  /** 0: in `rawData`; 1: in `externalData`. */
  readonly dataLocation?: 0 | 1;
}

export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  /** UTF-8. */
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType: string;
  readonly domain?: string;
  readonly attribute?: readonly AttributeProto[];
}

export interface DimensionProto {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape?: { readonly dim: readonly DimensionProto[] };
    };
  };
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly docString?: string;
}

export interface OperatorSetIdProto {
  readonly domain: string;
  readonly version: number;
}

export interface ModelProto {
  readonly irVersion: number;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly docString?: string;
  readonly graph: GraphProto;
  readonly metadataProps?: readonly StringStringEntryProto[];
}

const repeated = (type: string, id: number): protobuf.IField => ({ rule: 'repeated', type, id });
/** Numbers packed under one tag; ONNX's own (proto2) reader accepts both forms. */
const packed = (type: string, id: number): protobuf.IField => ({
  ...repeated(type, id),
  options: { packed: true },
});
const one = (type: string, id: number): protobuf.IField => ({ type, id });

/** proto2, like ONNX itself: an explicit zero is written, and so can be distinguished from a missing value. */
const message = (fields: Record<string, protobuf.IField>): protobuf.IType => ({ edition: 'proto2', fields });

const root = protobuf.Root.fromJSON({
  nested: {
    StringStringEntryProto: message({ key: one('string', 1), value: one('string', 2) }),
    TensorProto: message({
      dims: packed('int64', 1),
      dataType: one('int32', 2),
      name: one('string', 8),
      rawData: one('bytes', 9),
      externalData: repeated('StringStringEntryProto', 13),
      dataLocation: one('int32', 14),
    }),
    AttributeProto: message({
      name: one('string', 1),
      f: one('float', 2),
      i: one('int64', 3),
      s: one('bytes', 4),
      t: one('TensorProto', 5),
      g: one('GraphProto', 6),
      floats: packed('float', 7),
      ints: packed('int64', 8),
      strings: repeated('bytes', 9),
      type: one('int32', 20),
    }),
    NodeProto: message({
      input: repeated('string', 1),
      output: repeated('string', 2),
      name: one('string', 3),
      opType: one('string', 4),
      attribute: repeated('AttributeProto', 5),
      domain: one('string', 7),
    }),
    DimensionProto: message({ dimValue: one('int64', 1), dimParam: one('string', 2) }),
    TensorShapeProto: message({ dim: repeated('DimensionProto', 1) }),
    TensorTypeProto: message({ elemType: one('int32', 1), shape: one('TensorShapeProto', 2) }),
    TypeProto: message({ tensorType: one('TensorTypeProto', 1) }),
    ValueInfoProto: message({ name: one('string', 1), type: one('TypeProto', 2) }),
    GraphProto: message({
      node: repeated('NodeProto', 1),
      name: one('string', 2),
      initializer: repeated('TensorProto', 5),
      docString: one('string', 10),
      input: repeated('ValueInfoProto', 11),
      output: repeated('ValueInfoProto', 12),
    }),
    OperatorSetIdProto: message({ domain: one('string', 1), version: one('int64', 2) }),
    ModelProto: message({
      irVersion: one('int64', 1),
      producerName: one('string', 2),
      producerVersion: one('string', 3),
      docString: one('string', 6),
      graph: one('GraphProto', 7),
      opsetImport: repeated('OperatorSetIdProto', 8),
      metadataProps: repeated('StringStringEntryProto', 14),
    }),
  },
});

const modelType = root.lookupType('ModelProto');

/**
 * A model as the bytes of an `.onnx` file. The same model gives the same bytes on every machine.
 *
 * Weights are copied once, into the result, which must stay below protobuf's limit of 2 GiB: larger weights
 * belong into external data.
 */
export function encodeModel(model: ModelProto): Uint8Array {
  return modelType.encode(model).finish();
}

/** Reads what this file describes and skips the rest; for tests and for inspecting a model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.toObject(modelType.decode(bytes), {
    longs: Number,
    arrays: true,
  }) as unknown as ModelProto;
}
