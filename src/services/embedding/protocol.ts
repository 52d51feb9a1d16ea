import type { Failure } from '../../lib/worker-pool/worker-protocol.js';
import type { FileStamp } from './file-stamp.js';
import type { ModelFile } from './model-file.js';
import type { ExecutionProvider, Explanation, PatchPicture } from './types.js';

/** What the embedder and its worker processes say to each other, over a WorkerPool. */

export interface EmbedInit {
  /** The ONNX file. */
  readonly path: string;
  /** It and those beside it, as they were when they were verified. */
  readonly files: readonly FileStamp[];
  readonly definition: ModelFile;
  /** Threads one run of the model uses. */
  readonly threads: number;
  readonly maxPixels: number;
  /** What is to run the model; the CPU does where that is unavailable. */
  readonly executionProvider: ExecutionProvider;
}

export type EmbedJob =
  | EmbedRequest
  /** The encoded picture is the job's body. */
  | { readonly kind: 'patchMap' }
  /** The body is two encoded pictures, one after the other; the first has `queryBytes` bytes. */
  | { readonly kind: 'explain'; readonly queryBytes: number };

export type EmbedAnswer =
  | EmbedResponse
  | { readonly kind: 'patchMap'; readonly value: PatchPicture }
  | { readonly kind: 'explain'; readonly value: Explanation };

/** The encoded picture is the job's body. */
export interface EmbedRequest {
  readonly kind: 'embed';
  readonly thumbnail: boolean;
  /** Do it so often and report every time; for benchmarks. */
  readonly repeat?: number;
}

export interface EmbedResponse {
  readonly kind: 'embed';
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
  /** What runs the model. */
  readonly executionProvider: ExecutionProvider;
  /** Why it is not the one that was wanted; null when it is. */
  readonly providerProblem: string | null;
}

/** Within a worker process: from the thread that decodes to the one in which the model runs. One at a time. */
export interface ToModelThread {
  /** RGB, 8 bit, row-major. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Whether the patch tokens are wanted, too. */
  readonly patches: boolean;
}

/** What one run of the model gives. */
export interface ModelOutputs {
  readonly vector: Float32Array;
  /** When asked for: (prefix + patches) x their dimension, row-major. */
  readonly tokens: Float32Array | null;
}

export type FromModelThread =
  | ({ readonly type: 'ready' } & Pick<EmbedReady, 'executionProvider' | 'providerProblem'>)
  | ({ readonly type: 'outputs' } & ModelOutputs)
  | { readonly type: 'failed'; readonly failure: Failure };
