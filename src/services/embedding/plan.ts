import { availableCores } from '../../lib/available-cores.js';

/** More threads hardly speed up a run of such a model. */
const MOST_THREADS = 8;

/** How the cores are divided. */
export interface WorkerPlan {
  readonly workers: number;
  readonly threads: number;
}

/**
 * One worker with up to 8 cores, so that a single request is fast; with more cores, more workers. Workers times threads
 * never exceeds the cores: otherwise runs slow each other down to a third of the speed.
 * @param wanted 0 chooses by the cores
 */
export function planWorkers(
  wanted: { readonly workers: number; readonly threads: number },
  cores = availableCores(),
): WorkerPlan {
  const threadsFor = (workers: number): number =>
    Math.min(MOST_THREADS, Math.max(1, Math.floor(cores / workers)));
  if (wanted.workers > 0)
    return { workers: wanted.workers, threads: wanted.threads || threadsFor(wanted.workers) };
  const workers = Math.max(
    1,
    wanted.threads > 0 ? Math.floor(cores / wanted.threads) : Math.ceil(cores / MOST_THREADS),
  );
  return { workers, threads: wanted.threads || threadsFor(workers) };
}
