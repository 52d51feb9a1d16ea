import { availableCores } from '../../lib/available-cores.js';

/** More threads than this make one run of a model of this kind hardly faster. */
const MOST_THREADS = 8;

/** How the cores are divided. */
export interface WorkerPlan {
  readonly workers: number;
  readonly threads: number;
}

/**
 * One worker with all cores up to 8, so that a single request is fast; beyond, more workers. Workers times threads
 * never exceeds the cores: with more, runs slow each other down to a third.
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
