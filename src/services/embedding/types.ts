/** Embedding as the rest of Likeness sees it. */

import type { AppError } from '../../errors.js';
import type { FactsOptions } from '../media/facts/read-facts.js';
import type { PictureFacts } from '../media/facts/types.js';
import type { Model } from './model.js';
import type { SimilarityScale } from './similarity-scale.js';

export interface ModelDescription {
  readonly id: string;
  /** Length of the vector. */
  readonly dimension: number;
  /** In words, such as `224x224` or `short side 224, multiples of 14`. */
  readonly inputSize: string;
  readonly precision: 'fp32' | 'fp16' | 'int8';
  /** Derived from the model file's sha256 and its preprocessing; vectors of different spaces are never compared. */
  readonly spaceId: string;
  /** One honest sentence: what it is good at and what not. */
  readonly description: string;
  /** Whether `patchMap` and `explain` return results. */
  readonly hasPatchTokens: boolean;
  /** Similarities of random pictures in this space, if the model includes such a table. */
  readonly similarityScale?: SimilarityScale;
}

export interface EmbedOptions {
  /** Also make a thumbnail of the query for the search history. */
  readonly thumbnail?: boolean;
  /** Also read the picture's metadata. */
  readonly facts?: FactsOptions;
  readonly signal?: AbortSignal | undefined;
}

export interface Embedding {
  /** Unit length. */
  readonly vector: Float32Array;
  /** Upright size of the decoded picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** Lower-case format by content, a key of media's FORMATS. */
  readonly format: string;
  /** A JPEG whose end is missing; it is accepted nevertheless. */
  readonly incomplete: boolean;
  /** If requested. */
  readonly facts: PictureFacts | null;
  /** RGB, 8 bit, row-major, `swatchSize` x `swatchSize`: enough for dominant colours. */
  readonly swatch: Uint8Array;
  readonly swatchSize: number;
  /** JPEG, if requested. */
  readonly thumbnail: Uint8Array | null;
  readonly timings: { readonly queueMs: number; readonly decodeMs: number; readonly embedMs: number };
}

/** One picture in several spaces, decoded once. */
export interface SharedEmbedding extends Omit<Embedding, 'vector'> {
  /** By space; unit length. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** Failures of models by space, for spaces without a vector. They do not affect the other spaces. */
  readonly failures: ReadonlyMap<string, AppError>;
}

/** What runs the model, by the names of ONNX Runtime's execution providers. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'coreml' | 'dml';

/** A point in a picture as fractions of its upright width and height, from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The patches a model sees in a picture, and the part of the upright picture they cover, as fractions of it. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Values of patches, as a picture of the region in `grid`, in its true aspect ratio. */
export interface PatchPicture {
  readonly png: Uint8Array;
  readonly grid: PatchGrid;
}

/** Two patches that are each other's most similar one. */
export interface PatchPair {
  /** Centres of the patches. */
  readonly query: Point;
  readonly match: Point;
  /** Cosine of their tokens, 0..1. */
  readonly similarity: number;
}

/** Where two pictures agree. */
export interface Explanation {
  /** RGBA: hotter where a patch agrees better with one of the other picture, transparent where it agrees with none. */
  readonly query: PatchPicture;
  readonly match: PatchPicture;
  /** Mean, over the patches of both pictures, of the cosine to the partner, 0 for those without one; 0..1. */
  readonly agreement: number;
  /** The best pairs, best first. */
  readonly pairs: readonly PatchPair[];
}

export interface EmbedderStatus {
  readonly workers: number;
  readonly threadsPerWorker: number;
  /** What the model actually runs on; null until a worker has started. */
  readonly executionProvider: ExecutionProvider | null;
  readonly alive: number;
  readonly queued: number;
  readonly running: number;
  readonly capacity: number;
  /** How often a worker died since the server started. */
  readonly restarts: number;
  /** Process ids of the workers. */
  readonly pids?: readonly number[];
}

export interface Embedder {
  readonly model: ModelDescription;
  /**
   * Decodes and embeds one encoded picture.
   * @throws AppError IMAGE_TOO_LARGE (pixels), IMAGE_UNSUPPORTED, IMAGE_UNREADABLE; SERVER_BUSY if the queue is full or
   *   its worker died; REQUEST_TIMEOUT; SHUTTING_DOWN; EMBEDDING_FAILED
   */
  embed(bytes: Uint8Array, options?: EmbedOptions): Promise<Embedding>;
  /**
   * Decodes one encoded picture once and embeds it with several models.
   * @param spaceIds of this embedder and of those made by `share`; size, swatch and thumbnail are of the first one's input
   * @throws AppError as `embed`, except for failures of a single model
   */
  embedAll(bytes: Uint8Array, spaceIds: readonly string[], options?: EmbedOptions): Promise<SharedEmbedding>;
  /**
   * An embedder for another model in the same processes. A process loads the model with its first picture and releases it
   * when this embedder is closed; the processes end with the last embedder.
   */
  share(model: Model): Embedder;
  /**
   * What a camera or a person wrote into one encoded picture; it is not decoded.
   * @throws AppError SERVER_BUSY, REQUEST_TIMEOUT, SHUTTING_DOWN
   */
  readFacts(bytes: Uint8Array, options: FactsOptions, signal?: AbortSignal): Promise<PictureFacts>;
  /**
   * The patches of one encoded picture in colours: patches that are similar to the model have similar colours.
   * @returns null if the model has no patch tokens
   * @throws as `embed`
   */
  patchMap(bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<PatchPicture | null>;
  /**
   * Where two encoded pictures agree. A worker caches the tokens of recent pictures, so that further matches of a query
   * cost little.
   * @returns null if the model has no patch tokens
   * @throws as `embed`
   */
  explain(
    query: Uint8Array,
    match: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Explanation | null>;
  status(): EmbedderStatus;
  /** Finishes running work, refuses the rest, ends the processes. Safe to call more than once. */
  close(): Promise<void>;
}
