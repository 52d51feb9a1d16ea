import type { Failure } from '../../lib/worker-pool/worker-protocol.js';
import type { FactsOptions } from '../media/facts/read-facts.js';
import type { PictureFacts } from '../media/facts/types.js';
import type { FileStamp } from './file-stamp.js';
import type { ModelFile } from './model-file.js';
import type { ExecutionProvider, Explanation, PatchPicture } from './types.js';

/** The protocol between the embedder and its worker processes, over a WorkerPool. */

/** One of the models that share the worker processes. */
export interface EmbedModel {
  /** Its space. */
  readonly spaceId: string;
  /** The ONNX file. */
  readonly path: string;
  /** Stamps of it and the files beside it when they were verified. */
  readonly files: readonly FileStamp[];
  readonly definition: ModelFile;
}

export interface EmbedInit {
  /** A worker is ready when it has loaded the first; others are loaded when a picture needs them. */
  readonly models: readonly EmbedModel[];
  /** Threads used by one run of a model. */
  readonly threads: number;
  readonly maxPixels: number;
  /** What should run the models; the CPU if that is unavailable. */
  readonly executionProvider: ExecutionProvider;
}

/** Sent to every worker, so that jobs name only models that it knows. */
export type EmbedNotice =
  | { readonly kind: 'open'; readonly model: EmbedModel }
  /** No job names it any more: what it holds is given back. */
  | { readonly kind: 'close'; readonly spaceId: string };

/** Announcement of a worker that it is about to load or run this model, if it is not the first one. */
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
  /** Spaces of the models to run, in this order, at least one; size, swatch and thumbnail are of the first one's input. */
  readonly spaceIds: readonly string[];
  readonly thumbnail: boolean;
  /** Whether to read the metadata in the picture, and its sidecar. */
  readonly facts: FactsOptions | null;
}

/** Result of a picture in one model. */
export type ModelOutcome = { readonly spaceId: string } & (
  { readonly ok: true; readonly vector: Float32Array } | { readonly ok: false; readonly failure: Failure }
);

export interface EmbedResponse {
  readonly kind: 'embed';
  /** One per requested model, in the same order. */
  readonly outcomes: readonly ModelOutcome[];
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly incomplete: boolean;
  /** If requested. */
  readonly facts: PictureFacts | null;
  readonly swatch: Uint8Array;
  readonly swatchSize: number;
  readonly thumbnail: Uint8Array | null;
  /** Time from decoding until the first model started. */
  readonly waitMs: number;
  readonly decodeMs: number;
  /** Time in all models. */
  readonly embedMs: number;
  /** Models that were loaded for this picture. */
  readonly loaded: readonly ModelLoaded[];
}

export interface ModelLoaded {
  readonly spaceId: string;
  /** Time to load the model and run it once. */
  readonly loadMs: number;
  /** What runs the model. */
  readonly executionProvider: ExecutionProvider;
  /** Why it is not the requested one; null if it is. */
  readonly providerProblem: string | null;
}

/** About the first model. */
export type EmbedReady = ModelLoaded;

/** Messages within a worker process, from the decoding thread to the one that runs the models. One at a time. */
export type ToModelThread =
  | { readonly kind: 'load'; readonly model: EmbedModel }
  | {
      readonly kind: 'run';
      /** Space of a loaded model. */
      readonly spaceId: string;
      /** RGB, 8 bit, row-major. */
      readonly pixels: Uint8Array;
      readonly width: number;
      readonly height: number;
      /** Whether the patch tokens are wanted as well. */
      readonly patches: boolean;
    }
  | { readonly kind: 'unload'; readonly spaceId: string };

/** Outputs of one run of the model. */
export interface ModelOutputs {
  readonly vector: Float32Array;
  /** If requested: (prefix + patches) x dimension, row-major. */
  readonly tokens: Float32Array | null;
}

export type FromModelThread =
  | ({ readonly kind: 'loaded' } & ModelLoaded)
  | ({ readonly kind: 'outputs' } & ModelOutputs)
  | { readonly kind: 'unloaded' }
  | { readonly kind: 'failed'; readonly failure: Failure };
