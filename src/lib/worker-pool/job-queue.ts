import { onAbort } from '../on-abort.js';
import type { JobResult, RunOptions } from './options.js';

export interface PoolJob<Response> {
  readonly id: number;
  readonly request: unknown;
  readonly body: Uint8Array | undefined;
  readonly enqueuedAt: number;
  sentAt: number;
  /** It was in a worker that was killed because of another job; it gets no third try. */
  retried: boolean;
  /** Settles the promise once; later calls do nothing. */
  readonly resolve: (result: JobResult<Response>) => void;
  readonly reject: (error: Error) => void;
}

/** Jobs that wait for a free slot in a worker, first come, first served. */
export class JobQueue<Response> {
  readonly #jobs: PoolJob<Response>[] = [];
  #nextId = 1;

  get length(): number {
    return this.#jobs.length;
  }

  /**
   * @param onAbandoned called when the caller gives up the job; its promise is then rejected
   * @returns its result
   */
  add(
    request: unknown,
    { body, signal }: RunOptions,
    onAbandoned: (job: PoolJob<Response>) => void,
  ): Promise<JobResult<Response>> {
    return new Promise((resolve, reject) => {
      const job: PoolJob<Response> = {
        id: this.#nextId++,
        request,
        body,
        enqueuedAt: performance.now(),
        sentAt: 0,
        retried: false,
        resolve: (result) => {
          ignoreAbort?.();
          resolve(result);
        },
        reject: (error) => {
          ignoreAbort?.();
          reject(error);
        },
      };
      const ignoreAbort =
        signal &&
        onAbort(signal, () => {
          onAbandoned(job);
          job.reject(signal.reason as Error);
        });
      this.#jobs.push(job);
    });
  }

  next(): PoolJob<Response> | undefined {
    return this.#jobs.shift();
  }

  /** Puts jobs to be retried before all others. */
  putBack(jobs: readonly PoolJob<Response>[]): void {
    this.#jobs.unshift(...jobs);
  }

  remove(job: PoolJob<Response>): void {
    const place = this.#jobs.indexOf(job);
    if (place >= 0) this.#jobs.splice(place, 1);
  }

  rejectAll(error: () => Error): void {
    for (const job of this.#jobs.splice(0)) job.reject(error());
  }
}
