import { AppError } from '../../errors.js';
import type { JobResult, RunOptions, WorkerEvent, WorkerPoolStatus } from '../../lib/worker-pool/options.js';
import { WorkerPool } from '../../lib/worker-pool/worker-pool.js';
import { fromFailure } from '../../lib/worker-pool/worker-protocol.js';
import type { Logger } from '../../logger.js';
import { logPoolEvent } from './log-pool-event.js';
import { ModelBackoff } from './model-backoff.js';
import type { Model } from './model.js';
import type {
  EmbedAnswer,
  EmbedJob,
  EmbedModel,
  EmbedNote,
  EmbedNotice,
  EmbedReady,
  EmbedResponse,
  ModelLoaded,
  ModelOutcome,
} from './protocol.js';
import type { FactsOptions } from '../media/facts/read-facts.js';
import type { PictureFacts } from '../media/facts/types.js';
import type { EmbedOptions, ExecutionProvider, Explanation, PatchPicture, SharedEmbedding } from './types.js';
import { toUnitVector } from './unit-vector.js';

/** Pictures in a worker: one in the models while the next ones are decoded. */
const WINDOW = 3;

export interface EmbedderPoolOptions {
  /** Worker processes. */
  readonly workers: number;
  /** Threads per process. */
  readonly threads: number;
  /** Pictures that may wait for a worker before SERVER_BUSY. */
  readonly maxQueue: number;
  /** Time one picture may take in its worker before REQUEST_TIMEOUT. */
  readonly timeoutMs: number;
  readonly maxPixels: number;
  /** What runs the models; the CPU by default, and, with a warning, if this is unavailable. */
  readonly executionProvider?: ExecutionProvider;
  readonly logger: Logger;
  /** Runs only when the cores are otherwise idle; for long work that nobody waits for. */
  readonly background?: boolean;
  /** Entry of the worker process. */
  readonly workerUrl?: URL;
}

interface SharedModel {
  readonly model: EmbedModel;
  readonly id: string;
  /** Number of embedders that use it. */
  users: number;
  /** What runs it; null until a worker has loaded it. */
  provider: ExecutionProvider | null;
  /** Pictures in progress in it. */
  readonly jobs: Set<Promise<unknown>>;
}

/**
 * Worker processes shared by several models: a picture is decoded once, and each model computes a vector. The pool ends
 * with its last model.
 */
export class EmbedderPool {
  readonly #pool: WorkerPool<EmbedJob, EmbedAnswer, EmbedReady, EmbedNotice>;
  readonly #options: EmbedderPoolOptions;
  /** In the order they were added; a worker is ready when it has loaded the first. */
  readonly #models = new Map<string, SharedModel>();
  readonly #backoff = new ModelBackoff();

  constructor(options: EmbedderPoolOptions) {
    const { workers, threads, maxPixels, executionProvider = 'cpu', maxQueue, timeoutMs } = options;
    this.#options = options;
    this.#pool = new WorkerPool({
      entry: options.workerUrl ?? new URL('../../workers/embed-worker.js', import.meta.url),
      size: workers,
      window: WINDOW,
      maxQueue,
      timeoutMs,
      failureCode: 'EMBEDDING_FAILED',
      init: () => ({
        models: [...this.#models.values()].map(({ model }) => model),
        threads,
        maxPixels,
        executionProvider,
      }),
      background: options.background === true,
      onEvent: (event) => this.#onEvent(event),
    });
  }

  /** Starts the processes. @throws AppError as `openEmbedder` */
  start(): Promise<EmbedReady> {
    return this.#pool.open();
  }

  status(): WorkerPoolStatus {
    return this.#pool.status();
  }

  providerOf(spaceId: string): ExecutionProvider | null {
    return this.#models.get(spaceId)?.provider ?? null;
  }

  /** Lets jobs use a model, until `leave` was called as often. */
  join({ info: { id, spaceId }, definition, path, files }: Model): void {
    const known = this.#models.get(spaceId);
    if (known !== undefined) {
      known.users++;
      return;
    }
    const model = { spaceId, path, files, definition };
    this.#models.set(spaceId, { model, id, users: 1, provider: null, jobs: new Set() });
    this.#pool.tell({ kind: 'open', model });
  }

  /** Releases the model in every process once its pictures are done; with the last model, ends the processes. */
  async leave(spaceId: string): Promise<void> {
    const shared = this.#models.get(spaceId);
    if (shared === undefined || --shared.users > 0) return;
    if ([...this.#models.values()].every(({ users }) => users === 0)) return this.#pool.close();
    await Promise.allSettled(shared.jobs);
    if (shared.users > 0 || !this.#models.delete(spaceId)) return; // it is in use again
    this.#backoff.forget(spaceId);
    this.#pool.tell({ kind: 'close', spaceId });
  }

  /** @throws AppError as `Embedder.embedAll` */
  async embed(
    bytes: Uint8Array,
    spaceIds: readonly string[],
    { thumbnail = false, facts, signal }: EmbedOptions = {},
  ): Promise<SharedEmbedding> {
    const failures = new Map<string, AppError>();
    for (const spaceId of spaceIds) {
      const pauseMs = this.#backoff.pauseMs(spaceId);
      if (pauseMs > 0) failures.set(spaceId, restingError(pauseMs));
    }
    const running = spaceIds.filter((spaceId) => !failures.has(spaceId));
    const [resting] = failures.values();
    if (running.length === 0 && resting !== undefined) throw resting;
    const job = { kind: 'embed', spaceIds: running, thumbnail, facts: facts ?? null } as const;
    const { value, queueMs } = await this.#run(job, running, { body: bytes, signal });
    if (value.kind !== 'embed') throw unexpected(value);
    for (const one of value.loaded) this.#noteLoaded(one);
    return { ...pictureOf(value, queueMs), failures, vectors: this.#vectorsOf(value.outcomes, failures) };
  }

  /** @throws AppError as `Embedder.readFacts` */
  async readFacts(picture: Uint8Array, options: FactsOptions, signal?: AbortSignal): Promise<PictureFacts> {
    const { value } = await this.#run({ kind: 'facts', options }, [], { body: picture, signal });
    if (value.kind !== 'facts') throw unexpected(value);
    return value.value;
  }

  /** @throws AppError as `Embedder.patchMap` */
  async patchMap(spaceId: string, picture: Uint8Array, signal?: AbortSignal): Promise<PatchPicture> {
    const value = await this.#alone({ kind: 'patchMap', spaceId }, picture, signal);
    if (value.kind !== 'patchMap') throw unexpected(value);
    return value.value;
  }

  /** @param pictures two, one after the other @throws AppError as `Embedder.explain` */
  async explain(
    spaceId: string,
    pictures: Uint8Array,
    queryBytes: number,
    signal?: AbortSignal,
  ): Promise<Explanation> {
    const value = await this.#alone({ kind: 'explain', spaceId, queryBytes }, pictures, signal);
    if (value.kind !== 'explain') throw unexpected(value);
    return value.value;
  }

  async #alone(
    job: EmbedJob & { readonly spaceId: string },
    body: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<EmbedAnswer> {
    const pauseMs = this.#backoff.pauseMs(job.spaceId);
    if (pauseMs > 0) throw restingError(pauseMs);
    return (await this.#run(job, [job.spaceId], { body, signal })).value;
  }

  /** @throws AppError SHUTTING_DOWN if one of the models is no longer in use */
  async #run(
    job: EmbedJob,
    spaceIds: readonly string[],
    options: RunOptions,
  ): Promise<JobResult<EmbedAnswer>> {
    const shared = spaceIds.map((spaceId) => this.#models.get(spaceId));
    if (!shared.every((one) => one !== undefined && one.users > 0))
      throw new AppError('SHUTTING_DOWN', 'The model is no longer in use.');
    const running = this.#pool.run(job, options);
    for (const one of shared) one?.jobs.add(running);
    try {
      return await running;
    } finally {
      for (const one of shared) one?.jobs.delete(running);
    }
  }

  #vectorsOf(
    outcomes: readonly ModelOutcome[],
    failures: Map<string, AppError>,
  ): ReadonlyMap<string, Float32Array> {
    const vectors = new Map<string, Float32Array>();
    for (const outcome of outcomes) {
      const { spaceId } = outcome;
      this.#backoff.forget(spaceId);
      if (outcome.ok) vectors.set(spaceId, toUnitVector(outcome.vector));
      else failures.set(spaceId, fromFailure(outcome.failure, 'EMBEDDING_FAILED'));
    }
    return vectors;
  }

  #onEvent(event: WorkerEvent<EmbedReady>): void {
    logPoolEvent(this.#options.logger, event);
    if (event.type === 'ready') this.#noteLoaded(event.value);
    if (event.type !== 'lost' || !isNote(event.note)) return;
    const { spaceId } = event.note;
    const error = new AppError('EMBEDDING_FAILED', `A worker process ended: ${event.reason}.`);
    const pauseMs = this.#backoff.died(spaceId, error);
    const model = this.#models.get(spaceId)?.id ?? spaceId;
    this.#options.logger.warn(
      { model, spaceId, pauseMs },
      'a model crashed its worker and is paused for a while; the others continue',
    );
  }

  /** Logged once, and again only if a later worker differs from the previous one. */
  #noteLoaded({ spaceId, executionProvider, providerProblem }: ModelLoaded): void {
    const shared = this.#models.get(spaceId);
    if (shared === undefined) return;
    const before = shared.provider;
    shared.provider = executionProvider;
    if (providerProblem === null || executionProvider === before) return;
    const wanted = this.#options.executionProvider ?? 'cpu';
    this.#options.logger.warn(
      { model: shared.id, wanted, problem: providerProblem },
      `EXECUTION_PROVIDER=${wanted} is not available on this machine; the model runs on the CPU`,
    );
  }
}

function pictureOf(value: EmbedResponse, queueMs: number): Omit<SharedEmbedding, 'vectors' | 'failures'> {
  const { width, height, format, incomplete, facts, swatch, swatchSize, thumbnail } = value;
  const { waitMs, decodeMs, embedMs } = value;
  const timings = { queueMs: queueMs + waitMs, decodeMs, embedMs };
  return { width, height, format, incomplete, facts, swatch, swatchSize, thumbnail, timings };
}

const isNote = (note: unknown): note is EmbedNote =>
  typeof note === 'object' && note !== null && 'spaceId' in note && typeof note.spaceId === 'string';

const restingError = (pauseMs: number): AppError =>
  new AppError('SERVER_BUSY', 'The model has just failed and will be tried again later.', {
    details: { retryAfterMs: Math.ceil(pauseMs) },
  });

const unexpected = ({ kind }: EmbedAnswer): Error => new Error(`Unexpected answer of a worker: ${kind}`);
