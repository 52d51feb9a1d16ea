import type { WeightFile } from '../weights/types.js';
import { blockTensors, HEAD_WIDTH, type Architecture } from './architecture.js';

/** Weights of one dense layer for a `LinearEmitter`. */
export interface DenseWeights {
  /** [outputs, inputs], row-major. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  /** Names of the trained weights that it contains. */
  readonly sources: readonly string[];
}

/** Trained weights for the layers of the graph, with constants folded in. */
export class LayerWeights {
  readonly #file: WeightFile;
  readonly #architecture: Architecture;
  readonly #signal: AbortSignal | undefined;

  /** @param signal checked before each tensor is read */
  constructor(file: WeightFile, architecture: Architecture, signal?: AbortSignal) {
    this.#file = file;
    this.#architecture = architecture;
    this.#signal = signal;
  }

  /** @throws AppError MODEL_MISMATCH naming a tensor that cannot be read; the signal's reason */
  read(tensor: string): Promise<Float32Array> {
    this.#signal?.throwIfAborted();
    return this.#file.read(tensor);
  }

  /** Stacked weights of query, key and value; the query's are already divided by sqrt(64). */
  async qkv(index: number): Promise<DenseWeights> {
    const { query, key, value } = blockTensors(index);
    const { dimension } = this.#architecture;
    const weight = new Float32Array(3 * dimension * dimension);
    const bias = new Float32Array(3 * dimension);
    for (const [part, tensor] of [query, key, value].entries()) {
      weight.set(await this.read(`${tensor}.weight`), part * dimension * dimension);
      bias.set(await this.read(`${tensor}.bias`), part * dimension);
    }
    const scale = 1 / Math.sqrt(HEAD_WIDTH);
    scaleInPlace(weight.subarray(0, dimension * dimension), scale);
    scaleInPlace(bias.subarray(0, dimension), scale);
    return { weight, bias, sources: [query, key, value].map((tensor) => `${tensor}.weight`) };
  }

  /** A dense layer merged with the following LayerScale: every row, and the bias, times its lambda. */
  async scaled(tensor: string, lambdas: string): Promise<DenseWeights> {
    const weight = await this.read(`${tensor}.weight`);
    const bias = await this.read(`${tensor}.bias`);
    const lambda = await this.read(lambdas);
    const inputs = weight.length / lambda.length;
    lambda.forEach((scale, row) => {
      scaleInPlace(weight.subarray(row * inputs, (row + 1) * inputs), scale);
      bias[row]! *= scale;
    });
    return { weight, bias, sources: [`${tensor}.weight`] };
  }

  async linear(tensor: string): Promise<DenseWeights> {
    return {
      weight: await this.read(`${tensor}.weight`),
      bias: await this.read(`${tensor}.bias`),
      sources: [`${tensor}.weight`],
    };
  }
}

function scaleInPlace(values: Float32Array, scale: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
}
