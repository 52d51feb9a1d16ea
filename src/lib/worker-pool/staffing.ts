import type { BootBackoff } from './boot-backoff.js';
import type { PooledWorker } from './pooled-worker.js';

/** Decisions of a pool about its workers. */

export interface PoolSituation {
  readonly size: number;
  /** 0 keeps all processes. */
  readonly idleMs: number;
  readonly queued: number;
  readonly workers: readonly { readonly state: string; readonly jobs: { readonly size: number } }[];
  readonly backoff: Pick<BootBackoff, 'pauseMs' | 'isFailing'>;
}

/**
 * Whether to start another process. Before the first success, and after a failure, only one at a time.
 * @returns `one`; `several` if another may follow at once; milliseconds to wait; or `no`
 */
export function growth({
  size,
  idleMs,
  queued,
  workers,
  backoff,
}: PoolSituation): 'no' | 'one' | 'several' | number {
  const someIdle = workers.some((worker) => worker.state === 'booting' || worker.jobs.size === 0);
  const wanted = idleMs === 0 ? size : queued > 0 && !someIdle ? workers.length + 1 : workers.length;
  if (workers.length >= Math.min(size, Math.max(wanted, queued > 0 ? 1 : 0))) return 'no';
  const { pauseMs, isFailing } = backoff;
  if (pauseMs > 0) return queued > 0 ? pauseMs : 'no';
  if (isFailing && queued === 0) return 'no';
  const cautious = isFailing || !workers.some((worker) => worker.state === 'ready');
  if (!cautious) return 'several';
  return workers.some((worker) => worker.state === 'booting') ? 'no' : 'one';
}

/** The ready worker with the fewest jobs and a free slot; undefined if there is none. */
export function leastBusy<Response>(
  workers: Iterable<PooledWorker<Response>>,
  window: number,
): PooledWorker<Response> | undefined {
  let best: PooledWorker<Response> | undefined;
  for (const worker of workers) {
    if (worker.state !== 'ready' || worker.jobs.size >= window) continue;
    if (best === undefined || worker.jobs.size < best.jobs.size) best = worker;
  }
  return best;
}

/** When to retry a refused job: half of the waiting jobs should be done by then. */
export const retryHintMs = (meanMs: number, waiting: number, size: number): number =>
  Math.ceil(Math.min(30_000, Math.max(100, (meanMs * waiting) / Math.max(1, size) / 2)));
