import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import { GraphBuilder, type GraphOptions, type Value } from '../onnx/graph-builder.js';
import { ELEMENT_BYTES, encodeModel, type ElementType } from '../onnx/onnx-proto.js';

/** The graph, a few kilobytes, and the file with the bytes of its constants. */
export const GRAPH_FILE = 'model.onnx';
export const WEIGHTS_FILE = 'model.onnx_data';

/** Constants start on page boundaries, so that the runtime can map them into memory instead of reading them. */
const ALIGNMENT = 4096;

/** A file as model.json describes it. */
export interface WrittenFile {
  readonly file: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface WrittenModel {
  readonly graph: WrittenFile;
  readonly weights: WrittenFile;
}

/**
 * Writes a model constant by constant: the bytes of each are written to disk at once, so that only one needs to be in
 * memory, and a model may be larger than protobuf's 2 GiB.
 */
export class ModelWriter {
  readonly graph: GraphBuilder;
  readonly #folder: string;
  readonly #data: FileHandle;
  readonly #hash = createHash('sha256');
  #offset = 0;

  private constructor(folder: string, data: FileHandle, options: GraphOptions) {
    this.#folder = folder;
    this.#data = data;
    this.graph = new GraphBuilder(options);
  }

  /**
   * @param folder exists, and contains neither of the two files
   * @throws AppError STORAGE_FAILED
   */
  static async create(folder: string, options: GraphOptions): Promise<ModelWriter> {
    const path = join(folder, WEIGHTS_FILE);
    return new ModelWriter(folder, await stored(path, open(path, 'wx')), options);
  }

  /**
   * Writes a constant and declares it in the graph. Small constants that the runtime needs when it loads the graph
   * (shapes, axes) belong in the graph itself: `writer.graph.int64(...)`.
   * @param data row-major; may be changed again when the promise resolves
   * @throws AppError STORAGE_FAILED
   */
  async constant(
    name: Value,
    type: ElementType,
    dims: readonly number[],
    data: ArrayBufferView,
  ): Promise<Value> {
    const count = dims.reduce((product, dim) => product * dim, 1);
    check(data.byteLength === count * ELEMENT_BYTES[type], name, `${count} elements of ${type}`);
    const padding = -this.#offset & (ALIGNMENT - 1);
    if (padding > 0) await this.#append(new Uint8Array(padding));
    const offset = this.#offset;
    await this.#append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return this.graph.externalInitializer(name, type, dims, {
      location: WEIGHTS_FILE,
      offset,
      length: data.byteLength,
    });
  }

  /**
   * Writes the graph and makes both files durable.
   * @throws AppError STORAGE_FAILED
   */
  async finish(): Promise<WrittenModel> {
    await stored(join(this.#folder, WEIGHTS_FILE), this.#data.sync());
    await this.close();
    const bytes = encodeModel(this.graph.build());
    const path = join(this.#folder, GRAPH_FILE);
    const file = await stored(path, open(path, 'wx'));
    try {
      await stored(path, file.writeFile(bytes));
      await stored(path, file.sync());
    } finally {
      await file.close();
    }
    return {
      graph: {
        file: GRAPH_FILE,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.byteLength,
      },
      weights: { file: WEIGHTS_FILE, sha256: this.#hash.digest('hex'), bytes: this.#offset },
    };
  }

  /** Closes the file handle; what was written stays. Safe to call more than once. */
  async close(): Promise<void> {
    await this.#data.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await stored(join(this.#folder, WEIGHTS_FILE), this.#data.writeFile(bytes));
    this.#offset += bytes.byteLength;
  }
}

async function stored<Result>(path: string, writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    throw new AppError('STORAGE_FAILED', `${path} cannot be written: ${messageOf(error)}`, {
      details: { path },
      cause: error,
    });
  }
}
