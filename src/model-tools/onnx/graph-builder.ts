import { check } from '../../lib/check.js';
import {
  ATTRIBUTE_TYPES,
  DATA_TYPES,
  ELEMENT_BYTES,
  type AttributeProto,
  type ElementType,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-proto.js';

/** The name of a value in the graph: an input, an initializer, or the output of a node. `''` is "not given". */
export type Value = string;

/** A number is a fixed size, a string is the name of one that is known only when the graph runs. */
export type Shape = readonly (number | string)[];

/** An attribute without its name. Made by `int`, `float`, `string`, `ints`, `floats`, `strings`, `tensor`. */
export type Attribute = Omit<AttributeProto, 'name'>;

const utf8 = new TextEncoder();

export const int = (i: number): Attribute => ({ type: ATTRIBUTE_TYPES.int, i });
export const float = (f: number): Attribute => ({ type: ATTRIBUTE_TYPES.float, f });
export const string = (s: string): Attribute => ({ type: ATTRIBUTE_TYPES.string, s: utf8.encode(s) });
export const ints = (...values: readonly number[]): Attribute => ({
  type: ATTRIBUTE_TYPES.ints,
  ints: values,
});
export const floats = (...values: readonly number[]): Attribute => ({
  type: ATTRIBUTE_TYPES.floats,
  floats: values,
});
export const strings = (...values: readonly string[]): Attribute => ({
  type: ATTRIBUTE_TYPES.strings,
  strings: values.map((value) => utf8.encode(value)),
});
export const tensor = (t: TensorProto): Attribute => ({ type: ATTRIBUTE_TYPES.tensor, t });

/** Where the bytes of an initializer are, if not in the model file itself. */
export interface ExternalData {
  /** File name, relative to the model file. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Name of the (only) output; by default the operator and a running number. */
  readonly output?: Value;
  /** Operator set, e.g. `com.microsoft`; it must be among the graph's `opsets`. Default: ONNX's own. */
  readonly domain?: string;
}

export interface GraphOptions {
  readonly name: string;
  /** Version of each operator set by domain; `''` is ONNX's own. Default `{ '': 17 }`. */
  readonly opsets?: Readonly<Record<string, number>>;
  readonly doc?: string;
  readonly producer?: { readonly name: string; readonly version?: string };
  /** Written as metadata_props, in this order. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** IR version 8 goes with operator set 17 and is read by every runtime since 2022. */
const IR_VERSION = 8;

/** The bytes of a typed array, without a copy. ONNX requires little-endian, like all machines that Node runs on today. */
function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** A tensor over the bytes of `data`: shared, not copied, so do not change them before the model is encoded. */
export function tensorOf(
  type: ElementType,
  dims: readonly number[],
  data: ArrayBufferView,
  name?: string,
): TensorProto {
  check(
    data.byteLength === sizeOf(dims) * ELEMENT_BYTES[type],
    name ?? 'tensor',
    `${sizeOf(dims)} elements of ${type} for the shape [${dims.join(', ')}]`,
  );
  return {
    ...(name === undefined ? {} : { name }),
    dims,
    dataType: DATA_TYPES[type],
    rawData: bytesOf(data),
  };
}

function valueInfo(name: string, type: ElementType, shape: Shape): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPES[type], shape: { dim } } } };
}

/**
 * Builds an ONNX graph node by node; `build()` returns the model for `encodeModel`.
 *
 * Every value has one name and is defined before it is used (ONNX requires single assignment and topological order);
 * mistakes are refused here, where the stack trace shows the line, instead of later by the runtime.
 */
export class GraphBuilder {
  readonly #options: GraphOptions;
  readonly #opsets: Readonly<Record<string, number>>;
  readonly #known = new Set<Value>();
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  constructor(options: GraphOptions) {
    this.#options = options;
    this.#opsets = options.opsets ?? { '': 17 };
  }

  input(name: Value, type: ElementType, shape: Shape): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return this.#declare(name);
  }

  /** Makes an existing value an output of the graph, under the name it has. */
  output(name: Value, type: ElementType, shape: Shape): void {
    this.#require(name);
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A constant over the bytes of `data` (shared, see `tensorOf`). */
  initializer(name: Value, type: ElementType, dims: readonly number[], data: ArrayBufferView): Value {
    this.#initializers.push(tensorOf(type, dims, data, name));
    return this.#declare(name);
  }

  /** A constant whose bytes are in another file in the model's folder. */
  externalInitializer(name: Value, type: ElementType, dims: readonly number[], data: ExternalData): Value {
    check(data.length === sizeOf(dims) * ELEMENT_BYTES[type], name, 'an external length equal to its shape');
    const externalData = Object.entries(data).map(([key, value]) => ({ key, value: String(value) }));
    this.#initializers.push({ name, dims, dataType: DATA_TYPES[type], externalData, dataLocation: 1 });
    return this.#declare(name);
  }

  float32(name: Value, dims: readonly number[], values: Float32Array | readonly number[]): Value {
    return this.initializer(name, 'float32', dims, Float32Array.from(values));
  }

  uint8(name: Value, dims: readonly number[], values: Uint8Array | readonly number[]): Value {
    return this.initializer(name, 'uint8', dims, Uint8Array.from(values));
  }

  int64(name: Value, dims: readonly number[], values: readonly number[]): Value {
    return this.initializer(name, 'int64', dims, BigInt64Array.from(values, BigInt));
  }

  /** Adds an operator with one output and returns that output. */
  node(op: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    const { output = `${op}_${this.#nodes.length}`, ...rest } = options;
    this.nodes(op, inputs, [output], rest);
    return output;
  }

  /** Adds an operator with several outputs, named by the caller. */
  nodes(
    op: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    options: Omit<NodeOptions, 'output'> = {},
  ): readonly Value[] {
    const { attributes = {}, domain = '' } = options;
    for (const input of inputs) if (input !== '') this.#require(input);
    check(domain in this.#opsets, `domain of ${op}`, 'one of the operator sets of the graph');
    for (const output of outputs) if (output !== '') this.#declare(output);
    this.#nodes.push({
      input: [...inputs],
      output: [...outputs],
      name: `${op}_${this.#nodes.length}`,
      opType: op,
      ...(domain === '' ? {} : { domain }),
      attribute: Object.entries(attributes).map(([name, attribute]) => ({ name, ...attribute })),
    });
    return outputs;
  }

  build(): ModelProto {
    const { name, doc, producer, metadata = {} } = this.#options;
    check(this.#outputs.length > 0, `graph ${name}`, 'at least one output');
    return {
      irVersion: IR_VERSION,
      opsetImport: Object.entries(this.#opsets).map(([domain, version]) => ({ domain, version })),
      producerName: producer?.name ?? 'likeness',
      ...(producer?.version === undefined ? {} : { producerVersion: producer.version }),
      ...(doc === undefined ? {} : { docString: doc }),
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    };
  }

  #declare(name: Value): Value {
    check(name !== '' && !this.#known.has(name), `value ${name}`, 'a name that is not taken yet');
    this.#known.add(name);
    return name;
  }

  #require(name: Value): void {
    check(this.#known.has(name), `value ${name}`, 'a value made before it is used');
  }
}
