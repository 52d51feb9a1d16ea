import { EmbedderPool, type EmbedderPoolOptions } from './embedder-pool.js';
import type { Model } from './model.js';
import { planWorkers } from './plan.js';
import type { Embedder, Embedding } from './types.js';

export interface EmbedderOptions extends Omit<EmbedderPoolOptions, 'workers' | 'threads'> {
  readonly model: Model;
  /** Worker processes; 0 chooses by the cores. */
  readonly workers: number;
  /** Threads per process; 0 chooses by the cores. */
  readonly threads: number;
  /** Starts the workers only with the first picture; `embed` then reports a broken model. */
  readonly lazy?: boolean;
}

/**
 * Starts the worker processes; resolves when the first one has loaded the model and run it once.
 * @throws AppError MODEL_MISMATCH if the runtime refuses the model or its output differs from its model.json;
 *   EMBEDDING_FAILED if no worker can be started
 */
export async function openEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const { model, logger } = options;
  const { workers, threads } = planWorkers(options);
  const pool = new EmbedderPool({ ...options, workers, threads });
  const embedder = embedderOf(model, pool, threads);
  if (options.lazy === true) return embedder;
  try {
    const { loadMs } = await pool.start();
    logger.debug({ model: model.info.id, workers, threads, loadMs: Math.round(loadMs) }, 'embedder is ready');
    return embedder;
  } catch (error) {
    await embedder.close();
    throw error;
  }
}

/** The view of one model of a pool. */
function embedderOf(model: Model, pool: EmbedderPool, threads: number): Embedder {
  const { info, definition } = model;
  const { spaceId } = info;
  pool.join(model);
  let closed: Promise<void> | null = null;
  return {
    model: info,

    async embed(bytes, options): Promise<Embedding> {
      const { vectors, failures, ...picture } = await pool.embed(bytes, [spaceId], options);
      const vector = vectors.get(spaceId);
      if (vector === undefined) throw failures.get(spaceId) ?? new Error('The model gave no vector.');
      return { vector, ...picture };
    },

    embedAll: (bytes, spaceIds, options) => pool.embed(bytes, spaceIds, options),

    readFacts: (bytes, options, signal) => pool.readFacts(bytes, options, signal),

    share: (other) => embedderOf(other, pool, threads),

    async patchMap(bytes, { signal } = {}) {
      if (definition.patchTokens === undefined) return null;
      return pool.patchMap(spaceId, bytes, signal);
    },

    async explain(query, match, { signal } = {}) {
      if (definition.patchTokens === undefined) return null;
      return pool.explain(spaceId, Buffer.concat([query, match]), query.byteLength, signal);
    },

    status() {
      const { size, alive, queued, running, capacity, restarts, pids } = pool.status();
      return {
        workers: size,
        threadsPerWorker: threads,
        executionProvider: pool.providerOf(spaceId),
        alive,
        queued,
        running,
        capacity,
        restarts,
        pids,
      };
    },

    close: () => (closed ??= pool.leave(spaceId)),
  };
}
