import type { WorkerEvent } from '../../lib/worker-pool/options.js';
import { WorkerPool } from '../../lib/worker-pool/worker-pool.js';
import type { Logger } from '../../logger.js';
import type { Model } from './model.js';
import { planWorkers } from './plan.js';
import type { EmbedAnswer, EmbedInit, EmbedJob, EmbedReady } from './protocol.js';
import type { Embedder, Embedding, ExecutionProvider } from './types.js';
import { toUnitVector } from './unit-vector.js';

export interface EmbedderOptions {
  readonly model: Model;
  /** Worker processes; 0 chooses by the cores. */
  readonly workers: number;
  /** Threads of each; 0 chooses by the cores. */
  readonly threads: number;
  /** Pictures that may wait for a worker before SERVER_BUSY. */
  readonly maxQueue: number;
  /** Time one picture may take in its worker before REQUEST_TIMEOUT. */
  readonly timeoutMs: number;
  readonly maxPixels: number;
  /** What is to run the model; the CPU when left out, and, with a warning, where it is unavailable. */
  readonly executionProvider?: ExecutionProvider;
  readonly logger: Logger;
  /** Starts the workers when the first picture comes, and not before; then a broken model is told by `embed`. */
  readonly lazy?: boolean;
  /** Runs when nothing else wants the cores; for long work that nobody waits for. */
  readonly background?: boolean;
  /** Entry of the worker process. */
  readonly workerUrl?: URL;
}

/** Pictures in a worker: one in the model, the next ones being decoded meanwhile. */
const WINDOW = 3;

/**
 * Starts the worker processes; resolves when the first one has loaded the model and run it once.
 * @throws AppError MODEL_MISMATCH when the runtime refuses the model or it gives something else than its model.json
 *   says; EMBEDDING_FAILED when no worker can be started
 */
export async function openEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const { model, maxQueue, timeoutMs, maxPixels, logger, executionProvider = 'cpu' } = options;
  const { workers, threads } = planWorkers(options);
  const { path, files, definition } = model;
  const init: EmbedInit = { path, files, definition, threads, maxPixels, executionProvider };
  let latest: EmbedReady | null = null;
  const pool = new WorkerPool<EmbedJob, EmbedAnswer>({
    entry: options.workerUrl ?? new URL('../../workers/embed-worker.js', import.meta.url),
    size: workers,
    window: WINDOW,
    maxQueue,
    timeoutMs,
    failureCode: 'EMBEDDING_FAILED',
    init,
    background: options.background === true,
    onEvent: (event) => {
      logEvent(logger, event);
      if (event.type === 'ready') noteProvider(event.value as EmbedReady);
    },
  });
  try {
    if (options.lazy !== true) {
      const { loadMs } = (await pool.open()) as EmbedReady;
      logger.debug(
        { model: model.description.id, workers, threads, loadMs: Math.round(loadMs) },
        'embedder is ready',
      );
    }
  } catch (error) {
    await pool.close();
    throw error;
  }

  /** Told once, and again only when a later worker fares differently from the one before. */
  function noteProvider(ready: EmbedReady): void {
    const before = latest;
    latest = ready;
    if (ready.providerProblem === null || ready.executionProvider === before?.executionProvider) return;
    logger.warn(
      { model: model.description.id, wanted: executionProvider, problem: ready.providerProblem },
      `EXECUTION_PROVIDER=${executionProvider} is not available on this machine; the model runs on the CPU`,
    );
  }

  return {
    model: model.description,

    async embed(bytes, { thumbnail = false, signal } = {}): Promise<Embedding> {
      const { value, queueMs } = await pool.run({ kind: 'embed', thumbnail }, { body: bytes, signal });
      if (value.kind !== 'embed') throw unexpected(value);
      return {
        vector: toUnitVector(value.vector),
        width: value.width,
        height: value.height,
        format: value.format,
        swatch: value.swatch,
        swatchSize: value.swatchSize,
        thumbnail: value.thumbnail,
        timings: { queueMs: queueMs + value.waitMs, decodeMs: value.decodeMs, embedMs: value.embedMs },
      };
    },

    async patchMap(bytes, { signal } = {}) {
      if (definition.patchTokens === undefined) return null;
      const { value } = await pool.run({ kind: 'patchMap' }, { body: bytes, signal });
      if (value.kind !== 'patchMap') throw unexpected(value);
      return value.value;
    },

    async explain(query, match, { signal } = {}) {
      if (definition.patchTokens === undefined) return null;
      const job = { kind: 'explain', queryBytes: query.byteLength } as const;
      const { value } = await pool.run(job, { body: Buffer.concat([query, match]), signal });
      if (value.kind !== 'explain') throw unexpected(value);
      return value.value;
    },

    status() {
      const { size, alive, queued, running, capacity, restarts, pids } = pool.status();
      return {
        workers: size,
        threadsPerWorker: threads,
        executionProvider: latest?.executionProvider ?? null,
        alive,
        queued,
        running,
        capacity,
        restarts,
        pids,
      };
    },

    close: () => pool.close(),
  };
}

const unexpected = ({ kind }: EmbedAnswer): Error => new Error(`Unexpected answer of a worker: ${kind}`);

function logEvent(logger: Logger, event: WorkerEvent): void {
  switch (event.type) {
    case 'ready':
      logger.debug({ pid: event.pid, bootMs: Math.round(event.bootMs) }, 'embedding worker is ready');
      break;
    case 'lost':
      logger.warn(
        { pid: event.pid, reason: event.reason, pictures: event.jobs, stderr: event.stderr },
        'embedding worker was lost; another one takes its place',
      );
      break;
    case 'unable':
      logger.error(
        { pid: event.pid, code: event.error.code, error: event.error.message, ...event.error.details },
        'embedding worker could not start',
      );
      break;
  }
}
