/** What the rest of Likeness knows of embedding. */

export interface ModelDescription {
  readonly id: string;
  /** Length of the vector. */
  readonly dimension: number;
  /** As a person would say it, e.g. `224x224` or `224..x14`. */
  readonly inputSize: string;
  readonly precision: 'fp32' | 'fp16' | 'int8';
  /** Derived from the model file's sha256 and its preprocessing: vectors of different spaces never meet. */
  readonly spaceId: string;
  /** One honest sentence: what it is good for and what not. */
  readonly description: string;
}

export interface EmbedOptions {
  /** Also make a small picture of the query for the search history. */
  readonly thumbnail?: boolean;
  readonly signal?: AbortSignal;
}

export interface Embedding {
  /** Unit length. */
  readonly vector: Float32Array;
  /** Upright size of the decoded picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** Lower-case format by content: jpeg, png, webp, gif, avif, tiff. */
  readonly format: string;
  /** RGB, 8 bit, row-major, `swatchSize` x `swatchSize`: enough for dominant colours. */
  readonly swatch: Uint8Array;
  readonly swatchSize: number;
  /** JPEG, when asked for. */
  readonly thumbnail: Uint8Array | null;
  readonly timings: { readonly queueMs: number; readonly decodeMs: number; readonly embedMs: number };
}

export interface EmbedderStatus {
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly alive: number;
  readonly queued: number;
  readonly running: number;
  readonly capacity: number;
  /** How often a worker died while the server ran. */
  readonly restarts: number;
  /** Of the worker processes. */
  readonly pids?: readonly number[];
}

export interface Embedder {
  readonly model: ModelDescription;
  /**
   * Decodes and embeds one encoded picture.
   * @throws AppError IMAGE_TOO_LARGE (pixels), IMAGE_UNSUPPORTED, IMAGE_UNREADABLE; SERVER_BUSY when the queue is
   *   full or the worker died under it; REQUEST_TIMEOUT; SHUTTING_DOWN; EMBEDDING_FAILED
   */
  embed(bytes: Uint8Array, options?: EmbedOptions): Promise<Embedding>;
  status(): EmbedderStatus;
  /** Lets what runs finish, refuses the rest, ends the processes. Safe to call more than once. */
  close(): Promise<void>;
}
