import { availableCores } from '../lib/available-cores.js';
import { check } from '../lib/check.js';
import { WorkerPool } from '../lib/worker-pool/worker-pool.js';
import { planWorkers } from '../services/embedding/plan.js';
import type { ProbeInit, ProbeRequest, ProbeResponse, ProbeTensor } from './probe-protocol.js';

export interface ProbeOptions extends Pick<ProbeInit, 'path' | 'definition'> {
  /** 0 (the default) chooses by the cores. */
  readonly threads?: number;
  readonly maxPixels?: number;
  /** Time one run may take before REQUEST_TIMEOUT. */
  readonly timeoutMs?: number;
  /** Entry of the worker process. */
  readonly workerUrl?: URL;
}

/** Any ONNX file with one input, in a separate process, to examine any of its outputs. */
export interface Probe {
  /**
   * Decodes and prepares an encoded picture as the embedder does, and runs the model on it.
   * @returns the requested float32 outputs, by name
   * @throws AppError IMAGE_TOO_LARGE (pixels), IMAGE_UNSUPPORTED, IMAGE_UNREADABLE; EMBEDDING_FAILED if an output is
   *   missing or not float32; REQUEST_TIMEOUT; SERVER_BUSY if the process died
   */
  runPicture(bytes: Uint8Array, outputs: readonly string[]): Promise<ProbeResponse>;
  /** @throws AppError as above, and BAD_USER_INPUT if the sizes do not match the data */
  runTensor(tensor: ProbeTensor, outputs: readonly string[]): Promise<ProbeResponse>;
  /** Ends the process, which frees its memory. Safe to call more than once. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 120_000;
const MAX_PIXELS = 100_000_000;
/** One running and one being decoded. */
const WINDOW = 2;

/** @throws AppError MODEL_MISMATCH if the runtime refuses the file */
export async function openProbe(options: ProbeOptions): Promise<Probe> {
  const { path, definition, maxPixels = MAX_PIXELS } = options;
  const { threads } = planWorkers({ workers: 1, threads: options.threads ?? 0 }, availableCores());
  const init: ProbeInit = { path, definition, threads, maxPixels };
  const pool = new WorkerPool<ProbeRequest, ProbeResponse>({
    entry: options.workerUrl ?? new URL('../workers/probe-worker.js', import.meta.url),
    size: 1,
    window: WINDOW,
    maxQueue: 1000,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    bootTimeoutMs: TIMEOUT_MS,
    failureCode: 'EMBEDDING_FAILED',
    init: () => init,
  });
  try {
    await pool.open();
  } catch (error) {
    await pool.close();
    throw error;
  }
  return {
    async runPicture(bytes, outputs) {
      return (await pool.run({ outputs }, { body: bytes })).value;
    },
    async runTensor({ dims, data }, outputs) {
      check(
        dims.reduce((product, dim) => product * dim, 1) === data.length,
        'dims',
        `${data.length} numbers`,
      );
      const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return (await pool.run({ outputs, dims }, { body })).value;
    },
    close: () => pool.close(),
  };
}
