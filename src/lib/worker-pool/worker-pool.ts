import type { AppError } from '../../errors.js';
import { Deferred } from '../deferred.js';
import { settledWithin } from '../pause.js';
import { BootBackoff } from './boot-backoff.js';
import { JobQueue, type PoolJob } from './job-queue.js';
import type { JobResult, RunOptions, WorkerEvent, WorkerPoolOptions, WorkerPoolStatus } from './options.js';
import { busy, processEnded, shuttingDown, timedOut } from './pool-errors.js';
import { PooledWorker, type PooledWorkerEvents } from './pooled-worker.js';
import { growth, leastBusy, retryHintMs } from './staffing.js';
import { fromFailure, type FromWorker } from './worker-protocol.js';

const RETRY_AFTER_DEATH_MS = 500;
/** A caller waits at most this long for the next attempt to start a worker; after that it gets SERVER_BUSY. */
const PATIENCE_MS = 1_000;
/** A worker that dies without a job this soon after its start counts as unable to start. */
const CRASH_LOOP_MS = 2_000;

/**
 * A pool of child processes. It knows no domain: only the caller and the worker's `serveJobs` know what jobs mean.
 *
 * Processes, not threads, because they run native code: a process can be killed at any time, frees its memory and
 * contains a crash. Failures are kept small:
 * - a worker that dies fails the jobs in it, with SERVER_BUSY (cause: `failureCode`), and is replaced;
 * - a job that takes too long gets REQUEST_TIMEOUT and its worker is killed; its other jobs are retried once;
 * - if a worker cannot start, the waiting jobs fail with its error, and the next start follows after a pause that doubles
 *   each time.
 */
export class WorkerPool<Request, Response, Ready = unknown, Notice = never> {
  readonly #options: Required<Pick<WorkerPoolOptions, 'window' | 'idleMs' | 'bootTimeoutMs' | 'drainMs'>> &
    WorkerPoolOptions<Ready>;
  readonly #events: PooledWorkerEvents<Response> = {
    onMessage: (worker, message) => this.#receive(worker, message),
    onLost: (worker, reason) => this.#lose(worker, reason),
    onTimeout: (worker, job) => this.#timeOut(worker, job),
    onIdle: (worker) => this.#dismiss(worker),
  };
  readonly #workers = new Set<PooledWorker<Response>>();
  /** Processes that are ending or killed, until they have exited. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #queue = new JobQueue<Response>();
  #restarts = 0;
  readonly #backoff = new BootBackoff();
  #retryTimer: NodeJS.Timeout | undefined;
  /** Running mean of the time of a job in its worker, for the retry hint. */
  #meanMs = 100;
  #opening: Deferred<Ready> | null = null;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;

  constructor(options: WorkerPoolOptions<Ready>) {
    this.#options = {
      ...options,
      window: options.window ?? 3,
      idleMs: options.idleMs ?? 0,
      bootTimeoutMs: options.bootTimeoutMs ?? 60_000,
      drainMs: options.drainMs ?? 10_000,
    };
  }

  /**
   * Starts the workers; resolves with what the first one reported when it was ready.
   * @throws AppError whatever kept the first worker from starting
   */
  open(): Promise<Ready> {
    if (this.#closing !== null) return Promise.reject(shuttingDown());
    if (this.#opening === null) {
      this.#opening = new Deferred();
      this.#spawn();
    }
    return this.#opening.promise;
  }

  /**
   * Runs one job in a worker.
   * @throws AppError SERVER_BUSY, REQUEST_TIMEOUT, SHUTTING_DOWN, or the job's own failure; the signal's reason if aborted
   */
  run(request: Request, options: RunOptions = {}): Promise<JobResult<Response>> {
    if (this.#closing !== null) return Promise.reject(shuttingDown());
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
    const hasPlace = this.#queue.length === 0 && this.#leastBusy() !== undefined;
    if (this.#queue.length >= this.#options.maxQueue && !hasPlace) {
      return Promise.reject(busy('All workers are busy and the queue is full.', this.#retryHint()));
    }
    const { pauseMs, error } = this.#backoff;
    if (this.#workers.size === 0 && error !== null && pauseMs > PATIENCE_MS) {
      return Promise.reject(busy('The workers cannot be started.', Math.ceil(pauseMs), error));
    }
    const result = this.#queue.add(request, options, (job) => this.#abandon(job));
    this.#dispatch();
    return result;
  }

  /** Sends a notice to every worker, in order with its jobs; workers started later do not get it: see `init`. */
  tell(notice: Notice): void {
    for (const worker of this.#workers) worker.tell(notice);
  }

  status(): WorkerPoolStatus {
    const workers = [...this.#workers];
    return {
      size: this.#options.size,
      alive: workers.filter((worker) => worker.state === 'ready').length,
      pids: workers.flatMap((worker) => worker.pid ?? []),
      queued: this.#queue.length,
      running: this.#running(),
      capacity: this.#options.size * this.#options.window + this.#options.maxQueue,
      restarts: this.#restarts,
    };
  }

  /** Refuses new jobs and waiting ones with SHUTTING_DOWN, lets running ones finish for a while, ends the processes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#queue.rejectAll(shuttingDown);
    for (const worker of this.#workers) if (worker.state === 'booting') this.#dismiss(worker, 'SIGKILL');
    if (this.#opening !== null) {
      this.#opening.promise.catch(() => {}); // nobody may be waiting for it
      this.#opening.reject(shuttingDown());
    }
    if (this.#running() > 0) {
      const drained = new Promise<void>((resolve) => (this.#drained = resolve));
      await settledWithin(this.#options.drainMs, drained);
    }
    for (const worker of this.#workers) {
      const unfinished = [...worker.jobs.values()];
      this.#dismiss(worker, unfinished.length > 0 ? 'SIGKILL' : undefined);
      for (const job of unfinished) job.reject(shuttingDown());
    }
    await Promise.all(this.#leaving);
  }

  #running(): number {
    let count = 0;
    for (const worker of this.#workers) count += worker.jobs.size;
    return count;
  }

  #leastBusy(): PooledWorker<Response> | undefined {
    return leastBusy(this.#workers, this.#options.window);
  }

  #retryHint(): number {
    const waiting = this.#queue.length + this.#running();
    return retryHintMs(this.#meanMs, waiting, this.#options.size);
  }

  #dispatch(): void {
    if (this.#closing !== null) return;
    for (;;) {
      const worker = this.#queue.length > 0 ? this.#leastBusy() : undefined;
      if (worker === undefined) break;
      const job = this.#queue.next();
      if (job !== undefined) worker.give(job);
    }
    this.#grow();
  }

  #grow(): void {
    for (;;) {
      const { size, idleMs } = this.#options;
      const workers = [...this.#workers];
      const more = growth({ size, idleMs, workers, queued: this.#queue.length, backoff: this.#backoff });
      if (typeof more === 'number') {
        clearTimeout(this.#retryTimer);
        this.#retryTimer = setTimeout(() => this.#dispatch(), more + 1);
      }
      if (more !== 'one' && more !== 'several') return;
      if (!this.#spawn() || more === 'one') return;
    }
  }

  /** @returns false if none can be started, which is reported later */
  #spawn(): boolean {
    const worker = PooledWorker.start(this.#options, this.#events, (error) =>
      this.#cannotStart(0, processEnded(this.#options.failureCode, error.message)),
    );
    if (worker !== null) this.#workers.add(worker);
    return worker !== null;
  }

  #receive(worker: PooledWorker<Response>, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#welcome(worker, message.value as Ready);
        break;
      case 'note':
        worker.note = message.value;
        break;
      case 'unable':
        this.#failBoot(worker, fromFailure(message.failure, this.#options.failureCode));
        break;
      case 'done':
      case 'failed': {
        const job = worker.jobs.get(message.id);
        if (job === undefined) return;
        worker.jobs.delete(message.id);
        this.#meanMs += 0.1 * (performance.now() - job.sentAt - this.#meanMs);
        worker.watch();
        if (message.type === 'failed') job.reject(fromFailure(message.failure, this.#options.failureCode));
        else job.resolve({ value: message.response as Response, queueMs: job.sentAt - job.enqueuedAt });
        this.#dispatch();
        this.#checkDrained();
        break;
      }
    }
  }

  #welcome(worker: PooledWorker<Response>, value: Ready): void {
    worker.becameReady();
    this.#backoff.succeeded();
    const bootMs = worker.readyAt - worker.startedAt;
    this.#emit({ type: 'ready', pid: worker.pid ?? 0, bootMs, value });
    this.#opening?.resolve(value);
    this.#dispatch();
    worker.watch();
  }

  #timeOut(worker: PooledWorker<Response>, job: PoolJob<Response>): void {
    worker.jobs.delete(job.id);
    job.reject(timedOut(this.#options.timeoutMs));
    const innocent: PoolJob<Response>[] = [];
    if (this.#closing === null) {
      for (const other of worker.jobs.values()) if (!other.retried) innocent.push(other);
      for (const other of innocent) {
        other.retried = true;
        worker.jobs.delete(other.id);
      }
    }
    this.#queue.putBack(innocent);
    this.#lose(worker, `a job took longer than ${this.#options.timeoutMs} ms`);
  }

  /** Handles a worker that died or has to: fails its jobs and replaces it. */
  #lose(worker: PooledWorker<Response>, reason: string): void {
    if (worker.state === 'over') return;
    const { stderr, note } = worker;
    const cause = processEnded(this.#options.failureCode, reason, stderr);
    const served = worker.state === 'ready';
    const hadJobs = worker.hasWork;
    if (!served || (!hadJobs && performance.now() - worker.readyAt < CRASH_LOOP_MS)) {
      if (served) this.#restarts++;
      this.#failBoot(worker, cause);
      return;
    }
    this.#restarts++;
    const jobs = [...worker.jobs.values()];
    this.#dismiss(worker, 'SIGKILL');
    this.#emit({ type: 'lost', pid: worker.pid ?? 0, reason, jobs: jobs.length, stderr, note });
    for (const job of jobs)
      job.reject(busy('The worker that held this request ended.', RETRY_AFTER_DEATH_MS, cause));
    this.#dispatch();
    this.#checkDrained();
  }

  #failBoot(worker: PooledWorker<Response>, error: AppError): void {
    this.#dismiss(worker, 'SIGKILL');
    this.#cannotStart(worker.pid ?? 0, error);
  }

  #cannotStart(pid: number, error: AppError): void {
    this.#emit({ type: 'unable', pid, error, retryInMs: this.#backoff.failed(error) });
    if (this.#workers.size > 0) return; // others serve the waiting jobs
    this.#queue.rejectAll(() => error);
    this.#opening?.reject(error);
    this.#opening = null;
    this.#checkDrained();
  }

  /** Removes a worker from the pool and ends its process by closing the pipe, or at once by a signal. */
  #dismiss(worker: PooledWorker<Response>, signal?: 'SIGKILL'): void {
    if (worker.state === 'over') return;
    worker.end(signal);
    this.#workers.delete(worker);
    const leaving: Promise<void> = worker.gone.then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** The caller no longer wants this job: removes it from the queue, or lets its worker skip it. */
  #abandon(job: PoolJob<Response>): void {
    this.#queue.remove(job);
    for (const worker of this.#workers) if (worker.jobs.has(job.id)) worker.cancel(job.id);
  }

  #checkDrained(): void {
    if (this.#drained !== null && this.#running() === 0) this.#drained();
  }

  #emit(event: WorkerEvent<Ready>): void {
    this.#options.onEvent?.(event);
  }
}
