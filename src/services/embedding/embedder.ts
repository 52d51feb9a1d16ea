import { WorkerPool, type WorkerEvent } from '../../lib/worker-pool.js';
import type { Logger } from '../../logger.js';
import type { Model } from './model.js';
import { planWorkers } from './plan.js';
import type { EmbedInit, EmbedReady, EmbedRequest, EmbedResponse } from './protocol.js';
import type { Embedder, Embedding } from './types.js';
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
  const { model, maxQueue, timeoutMs, maxPixels, logger } = options;
  const { workers, threads } = planWorkers(options);
  const init: EmbedInit = { path: model.path, definition: model.definition, threads, maxPixels };
  const pool = new WorkerPool<EmbedRequest, EmbedResponse>({
    entry: options.workerUrl ?? new URL('../../workers/embed-worker.js', import.meta.url),
    size: workers,
    window: WINDOW,
    maxQueue,
    timeoutMs,
    failureCode: 'EMBEDDING_FAILED',
    init,
    background: options.background === true,
    onEvent: (event) => logEvent(logger, event),
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

  return {
    model: model.description,

    async embed(bytes, { thumbnail = false, signal } = {}): Promise<Embedding> {
      const { value, queueMs } = await pool.run({ thumbnail }, { body: bytes, signal });
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

    status() {
      const { size, alive, queued, running, capacity, restarts, pids } = pool.status();
      return { workers: size, threadsPerWorker: threads, alive, queued, running, capacity, restarts, pids };
    },

    close: () => pool.close(),
  };
}

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
