import { WorkerPool } from '../lib/worker-pool/worker-pool.js';
import type { Model } from '../services/embedding/model.js';
import { planWorkers } from '../services/embedding/plan.js';
import type { EmbedAnswer, EmbedInit, EmbedJob, EmbedReady } from '../services/embedding/protocol.js';
import type { ExecutionProvider } from '../services/embedding/types.js';

export interface WorkerMeasurement {
  readonly threads: number;
  /** From the start of the process until it could accept a picture. */
  readonly bootMs: number;
  /** The part of it for loading the model and running it once. */
  readonly loadMs: number;
  /** A value for each picture and repetition, pictures in order. */
  readonly decodeMs: readonly number[];
  readonly embedMs: readonly number[];
}

export interface MeasureOptions {
  readonly model: Model;
  /** Encoded pictures. */
  readonly pictures: readonly Uint8Array[];
  readonly repeat: number;
  /** Threads of the model; 0 chooses by the cores. */
  readonly threads?: number;
  readonly maxPixels?: number;
  readonly executionProvider?: ExecutionProvider;
  readonly workerUrl?: URL;
}

/** Measures a single embedding worker with one picture after the other, by the worker's own times; for benchmarks. */
export async function measureWorker(options: MeasureOptions): Promise<WorkerMeasurement> {
  const { model, pictures, repeat, maxPixels = 1e8, executionProvider = 'cpu' } = options;
  const { spaceId } = model.info;
  const { threads } = planWorkers({ workers: 1, threads: options.threads ?? 0 });
  const init: EmbedInit = {
    models: [{ spaceId, path: model.path, files: model.files, definition: model.definition }],
    threads,
    maxPixels,
    executionProvider,
  };
  const pool = new WorkerPool<EmbedJob, EmbedAnswer, EmbedReady>({
    entry: options.workerUrl ?? new URL('../workers/embed-worker.js', import.meta.url),
    size: 1,
    window: 1,
    maxQueue: 1,
    timeoutMs: 3_600_000,
    failureCode: 'EMBEDDING_FAILED',
    init: () => init,
  });
  try {
    const startAt = performance.now();
    const { loadMs } = await pool.open();
    const bootMs = performance.now() - startAt;
    const decodeMs: number[] = [];
    const embedMs: number[] = [];
    for (const body of pictures) {
      for (let i = 0; i <= repeat; i++) {
        const job = { kind: 'embed', spaceIds: [spaceId], thumbnail: false, facts: null } as const;
        const { value } = await pool.run(job, { body });
        if (value.kind !== 'embed') throw new Error('The worker embedded nothing.');
        if (i === 0) continue; // its caches are cold
        decodeMs.push(value.decodeMs);
        embedMs.push(value.embedMs);
      }
    }
    return { threads, bootMs, loadMs, decodeMs, embedMs };
  } finally {
    await pool.close();
  }
}
