import type { Failure } from '../../lib/worker-protocol.js';
import type { ModelFile } from './model-file.js';

/** What the embedder and its worker processes say to each other, over a WorkerPool. */

export interface EmbedInit {
  /** The ONNX file. */
  readonly path: string;
  readonly definition: ModelFile;
  /** Threads one run of the model uses. */
  readonly threads: number;
  readonly maxPixels: number;
}

/** The encoded picture is the job's body. */
export interface EmbedRequest {
  readonly thumbnail: boolean;
  /** Do it so often and report every time; for benchmarks. */
  readonly repeat?: number;
}

export interface EmbedResponse {
  readonly vector: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly swatch: Uint8Array;
  readonly swatchSize: number;
  readonly thumbnail: Uint8Array | null;
  /** Decoded and waiting for the model. */
  readonly waitMs: number;
  readonly decodeMs: number;
  readonly embedMs: number;
  /** With `repeat`: of every time, in ms. */
  readonly samples?: { readonly decodeMs: readonly number[]; readonly embedMs: readonly number[] };
}

export interface EmbedReady {
  /** Loading the model and running it once. */
  readonly loadMs: number;
}

/** Within a worker process: from the thread that decodes to the one in which the model runs. One at a time. */
export interface ToModelThread {
  /** RGB, 8 bit, row-major. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export type FromModelThread =
  | { readonly type: 'ready' }
  | { readonly type: 'vector'; readonly vector: Float32Array }
  | { readonly type: 'failed'; readonly failure: Failure };
