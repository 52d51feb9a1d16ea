import type { Failure } from '../../lib/worker-pool/worker-protocol.js';
import type { FactsOptions } from '../media/facts/read-facts.js';
import type { PictureFacts } from '../media/facts/types.js';
import type { FileStamp } from './file-stamp.js';
import type { ModelFile } from './model-file.js';
import type { ExecutionProvider, Explanation, PatchPicture } from './types.js';

/** What the embedder and its worker processes say to each other, over a WorkerPool. */

/** One of the models that share the worker processes. */
export interface EmbedModel {
  /** The space it spans. */
  readonly spaceId: string;
  /** The ONNX file. */
  readonly path: string;
  /** It and those beside it, as they were when they were verified. */
  readonly files: readonly FileStamp[];
  readonly definition: ModelFile;
}

export interface EmbedInit {
  /** A worker is ready when it has loaded the first; the others are loaded when a picture needs them. */
  readonly models: readonly EmbedModel[];
  /** Threads one run of a model uses. */
  readonly threads: number;
  readonly maxPixels: number;
  /** What is to run the models; the CPU does where that is unavailable. */
  readonly executionProvider: ExecutionProvider;
}

/** Told to every worker: a job names only models that it has heard of. */
export type EmbedNotice =
  | { readonly kind: 'open'; readonly model: EmbedModel }
  /** No job names it any more: what it holds is given back. */
  | { readonly kind: 'close'; readonly spaceId: string };

/** What a worker says it is about to do: to load or run this model, not the first one. */
export interface EmbedNote {
  readonly spaceId: string;
}

/** The encoded picture is the job's body. */
export type EmbedJob =
  | EmbedRequest
  /** Only what is written in the picture; no model is run. */
  | { readonly kind: 'facts'; readonly options: FactsOptions }
  | { readonly kind: 'patchMap'; readonly spaceId: string }
  /** The body is two encoded pictures, one after the other; the first has `queryBytes` bytes. */
  | { readonly kind: 'explain'; readonly spaceId: string; readonly queryBytes: number };

export type EmbedAnswer =
  | EmbedResponse
  | { readonly kind: 'facts'; readonly value: PictureFacts }
  | { readonly kind: 'patchMap'; readonly value: PatchPicture }
  | { readonly kind: 'explain'; readonly value: Explanation };

export interface EmbedRequest {
  readonly kind: 'embed';
  /** Of the models to run, in this order; size, swatch and thumbnail are of what the first one sees. At least one. */
  readonly spaceIds: readonly string[];
  readonly thumbnail: boolean;
  /** Whether to read what is written into the picture, and what lies beside it. */
  readonly facts: FactsOptions | null;
}

/** What became of a picture in one model. */
export type ModelOutcome = { readonly spaceId: string } & (
  { readonly ok: true; readonly vector: Float32Array } | { readonly ok: false; readonly failure: Failure }
);

export interface EmbedResponse {
  readonly kind: 'embed';
  /** One for each model asked for, in the same order. */
  readonly outcomes: readonly ModelOutcome[];
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly incomplete: boolean;
  /** When asked for. */
  readonly facts: PictureFacts | null;
  readonly swatch: Uint8Array;
  readonly swatchSize: number;
  readonly thumbnail: Uint8Array | null;
  /** Decoded and waiting for the first model. */
  readonly waitMs: number;
  readonly decodeMs: number;
  /** Of all models. */
  readonly embedMs: number;
  /** Models that were loaded for this picture. */
  readonly loaded: readonly ModelLoaded[];
}

export interface ModelLoaded {
  readonly spaceId: string;
  /** Loading the model and running it once. */
  readonly loadMs: number;
  /** What runs the model. */
  readonly executionProvider: ExecutionProvider;
  /** Why it is not the one that was wanted; null when it is. */
  readonly providerProblem: string | null;
}

/** Of the first model. */
export type EmbedReady = ModelLoaded;

/** Within a worker process: from the thread that decodes to the one in which the models run. One at a time. */
export type ToModelThread =
  | { readonly kind: 'load'; readonly model: EmbedModel }
  | {
      readonly kind: 'run';
      /** Of a model that is loaded. */
      readonly spaceId: string;
      /** RGB, 8 bit, row-major. */
      readonly pixels: Uint8Array;
      readonly width: number;
      readonly height: number;
      /** Whether the patch tokens are wanted, too. */
      readonly patches: boolean;
    }
  | { readonly kind: 'unload'; readonly spaceId: string };

/** What one run of the model gives. */
export interface ModelOutputs {
  readonly vector: Float32Array;
  /** When asked for: (prefix + patches) x their dimension, row-major. */
  readonly tokens: Float32Array | null;
}

export type FromModelThread =
  | ({ readonly kind: 'loaded' } & ModelLoaded)
  | ({ readonly kind: 'outputs' } & ModelOutputs)
  | { readonly kind: 'unloaded' }
  | { readonly kind: 'failed'; readonly failure: Failure };
