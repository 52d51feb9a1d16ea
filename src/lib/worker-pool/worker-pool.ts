import { AppError } from '../../errors.js';
import { onAbort } from '../on-abort.js';
import { BootBackoff } from './boot-backoff.js';
import type { JobResult, RunOptions, WorkerEvent, WorkerPoolOptions, WorkerPoolStatus } from './options.js';
import { PooledWorker, type PoolJob, type PooledWorkerEvents } from './pooled-worker.js';
import { fromFailure, type FromWorker } from './worker-protocol.js';

const RETRY_AFTER_DEATH_MS = 500;
/** A caller waits this long for the next try to start a worker; beyond it is told to come back. */
const PATIENCE_MS = 1_000;
/** A worker that dies without a job this soon after its start is taken for one that cannot start. */
const CRASH_LOOP_MS = 2_000;

/**
 * A pool of child processes. It knows no domain: what jobs mean is between the caller and the worker's `serveJobs`.
 *
 * Processes, not threads, because native code runs in them: a process can be killed at any time, gives its memory back
 * and contains a crash. What fails, fails small:
 * - a worker that dies fails the jobs in it, with SERVER_BUSY (cause: `failureCode`), and is replaced;
 * - a job that takes too long gets REQUEST_TIMEOUT and its worker is killed; the other jobs in it are tried once more;
 * - a worker that cannot start fails what waits for it with its own error, and is not tried again before a pause that
 *   doubles each time.
 */
export class WorkerPool<Request, Response> {
  readonly #options: Required<Pick<WorkerPoolOptions, 'window' | 'idleMs' | 'bootTimeoutMs' | 'drainMs'>> &
    WorkerPoolOptions;
  readonly #events: PooledWorkerEvents<Response> = {
    onMessage: (worker, message) => this.#receive(worker, message),
    onLost: (worker, reason) => this.#lose(worker, reason),
    onTimeout: (worker, job) => this.#timeOut(worker, job),
    onIdle: (worker) => this.#dismiss(worker),
  };
  readonly #workers = new Set<PooledWorker<Response>>();
  /** Processes that were told to end or killed, until they are gone. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #queue: PoolJob<Response>[] = [];
  #nextId = 1;
  #restarts = 0;
  readonly #backoff = new BootBackoff();
  #retryTimer: NodeJS.Timeout | undefined;
  /** Running mean of a job's time in its worker, for the retry hint. */
  #meanMs = 100;
  #opening: {
    promise: Promise<unknown>;
    resolve: (value: unknown) => void;
    reject: (error: unknown) => void;
  } | null = null;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;

  constructor(options: WorkerPoolOptions) {
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
  open(): Promise<unknown> {
    if (this.#closing !== null) return Promise.reject(shuttingDown());
    if (this.#opening === null) {
      let resolve!: (value: unknown) => void;
      let reject!: (error: unknown) => void;
      const promise = new Promise<unknown>((yes, no) => {
        resolve = yes;
        reject = no;
      });
      this.#opening = { promise, resolve, reject };
      this.#spawn();
    }
    return this.#opening.promise;
  }

  /**
   * Has a worker do one job.
   * @throws AppError SERVER_BUSY, REQUEST_TIMEOUT, SHUTTING_DOWN, or what the job itself failed with; the signal's
   *   reason when aborted
   */
  run(request: Request, { body, signal }: RunOptions = {}): Promise<JobResult<Response>> {
    if (this.#closing !== null) return Promise.reject(shuttingDown());
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#queue.length >= this.#options.maxQueue && !this.#hasFreePlace()) {
      return Promise.reject(busy('All workers are busy and the queue is full.', this.#retryHint()));
    }
    const { pauseMs, error } = this.#backoff;
    if (this.#workers.size === 0 && error !== null && pauseMs > PATIENCE_MS) {
      return Promise.reject(busy('The workers cannot be started.', Math.ceil(pauseMs), error));
    }
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
          this.#abandon(job);
          job.reject(signal.reason as Error);
        });
      this.#queue.push(job);
      this.#dispatch();
    });
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
    for (const job of this.#queue.splice(0)) job.reject(shuttingDown());
    for (const worker of this.#workers) if (worker.state === 'booting') this.#dismiss(worker, 'SIGKILL');
    if (this.#opening !== null) {
      this.#opening.promise.catch(() => {}); // perhaps nobody waits for it
      this.#opening.reject(shuttingDown());
    }
    if (this.#running() > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        timer = setTimeout(resolve, this.#options.drainMs);
      });
      clearTimeout(timer);
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

  #hasFreePlace(): boolean {
    return this.#queue.length === 0 && this.#leastBusy() !== undefined;
  }

  #leastBusy(): PooledWorker<Response> | undefined {
    let best: PooledWorker<Response> | undefined;
    for (const worker of this.#workers) {
      if (worker.state !== 'ready' || worker.jobs.size >= this.#options.window) continue;
      if (best === undefined || worker.jobs.size < best.jobs.size) best = worker;
    }
    return best;
  }

  #retryHint(): number {
    const waiting = this.#queue.length + this.#running();
    return Math.ceil(
      Math.min(30_000, Math.max(100, (this.#meanMs * waiting) / Math.max(1, this.#options.size) / 2)),
    );
  }

  #dispatch(): void {
    if (this.#closing !== null) return;
    for (;;) {
      const worker = this.#queue.length > 0 ? this.#leastBusy() : undefined;
      if (worker === undefined) break;
      const job = this.#queue.shift();
      if (job !== undefined) worker.give(job);
    }
    this.#grow();
  }

  /** Starts processes that are wanted. Before the first success, and after a failure, one at a time. */
  #grow(): void {
    const { size, idleMs } = this.#options;
    const workers = [...this.#workers];
    const someIdle = workers.some((worker) => worker.state === 'booting' || worker.jobs.size === 0);
    const wanted =
      idleMs === 0 ? size : this.#queue.length > 0 && !someIdle ? workers.length + 1 : workers.length;
    if (workers.length >= Math.min(size, Math.max(wanted, this.#queue.length > 0 ? 1 : 0))) return;
    const { pauseMs } = this.#backoff;
    if (pauseMs > 0) {
      if (this.#queue.length > 0) this.#retryAfter(pauseMs);
      return;
    }
    if (this.#backoff.isFailing && this.#queue.length === 0) return;
    const cautious = this.#backoff.isFailing || !workers.some((worker) => worker.state === 'ready');
    if (cautious && workers.some((worker) => worker.state === 'booting')) return;
    this.#spawn();
    if (!cautious) this.#grow();
  }

  #retryAfter(pauseMs: number): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#dispatch(), pauseMs + 1);
  }

  #spawn(): void {
    const worker = PooledWorker.start(this.#options, this.#events, (error) =>
      this.#cannotStart(0, this.#failure(error.message)),
    );
    if (worker !== null) this.#workers.add(worker);
  }

  #receive(worker: PooledWorker<Response>, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        worker.becameReady();
        this.#backoff.succeeded();
        this.#emit({
          type: 'ready',
          pid: worker.pid ?? 0,
          bootMs: worker.readyAt - worker.startedAt,
          value: message.value,
        });
        this.#opening?.resolve(message.value);
        this.#dispatch();
        worker.watch();
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

  #timeOut(worker: PooledWorker<Response>, job: PoolJob<Response>): void {
    worker.jobs.delete(job.id);
    job.reject(
      new AppError('REQUEST_TIMEOUT', 'The work took too long and was stopped.', {
        details: { timeoutMs: this.#options.timeoutMs },
      }),
    );
    const innocent: PoolJob<Response>[] = [];
    if (this.#closing === null) {
      for (const other of worker.jobs.values()) if (!other.retried) innocent.push(other);
      for (const other of innocent) {
        other.retried = true;
        worker.jobs.delete(other.id);
      }
    }
    this.#queue.unshift(...innocent);
    this.#lose(worker, `a job took longer than ${this.#options.timeoutMs} ms`);
  }

  /** A worker died, or has to: fails the jobs that are in it and has it replaced. */
  #lose(worker: PooledWorker<Response>, reason: string): void {
    if (worker.state === 'over') return;
    const { stderr } = worker;
    const cause = this.#failure(reason, stderr);
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
    this.#emit({ type: 'lost', pid: worker.pid ?? 0, reason, jobs: jobs.length, stderr });
    for (const job of jobs)
      job.reject(busy('The worker that held this request ended.', RETRY_AFTER_DEATH_MS, cause));
    this.#dispatch();
    this.#checkDrained();
  }

  #failure(reason: string, stderr = ''): AppError {
    return new AppError(this.#options.failureCode, `A worker process ended: ${reason}.`, {
      details: { reason, stderr },
    });
  }

  #failBoot(worker: PooledWorker<Response>, error: AppError): void {
    this.#dismiss(worker, 'SIGKILL');
    this.#cannotStart(worker.pid ?? 0, error);
  }

  #cannotStart(pid: number, error: AppError): void {
    this.#emit({ type: 'unable', pid, error, retryInMs: this.#backoff.failed(error) });
    if (this.#workers.size > 0) return; // others serve what waits
    for (const job of this.#queue.splice(0)) job.reject(error);
    this.#opening?.reject(error);
    this.#opening = null;
    this.#checkDrained();
  }

  /** Takes a worker out of the pool and ends its process: by closing the pipe, or at once by a signal. */
  #dismiss(worker: PooledWorker<Response>, signal?: 'SIGKILL'): void {
    if (worker.state === 'over') return;
    worker.end(signal);
    this.#workers.delete(worker);
    const leaving: Promise<void> = worker.gone.then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** The caller no longer wants this job: out of the queue, or, when a worker has it, the worker may skip it. */
  #abandon(job: PoolJob<Response>): void {
    const place = this.#queue.indexOf(job);
    if (place >= 0) this.#queue.splice(place, 1);
    for (const worker of this.#workers) if (worker.jobs.has(job.id)) worker.cancel(job.id);
  }

  #checkDrained(): void {
    if (this.#drained !== null && this.#running() === 0) this.#drained();
  }

  #emit(event: WorkerEvent): void {
    this.#options.onEvent?.(event);
  }
}

function busy(message: string, retryAfterMs: number, cause?: AppError): AppError {
  return new AppError('SERVER_BUSY', message, { details: { retryAfterMs }, cause });
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'The server is stopping.');
}
