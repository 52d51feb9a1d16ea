import { spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AppError, type ErrorCode } from '../errors.js';
import { onAbort } from './on-abort.js';
import { encodeFrame, FrameReader } from './frames.js';
import { fromFailure, PIPE_DESCRIPTOR, type FromWorker, type ToWorker } from './worker-protocol.js';

export interface WorkerPoolOptions {
  /** JavaScript file that calls `serveJobs`. */
  readonly entry: URL;
  /** Most worker processes at a time. */
  readonly size: number;
  /** Jobs waiting for a free place in a worker; one more is refused with SERVER_BUSY. */
  readonly maxQueue: number;
  /** Time one job may take in its worker, not counting the jobs before it there. Then the worker is killed. */
  readonly timeoutMs: number;
  /** Code of the errors that stand for a crash or an unforeseen throw in a worker. */
  readonly failureCode: ErrorCode;
  /** Handed to each worker when it starts. */
  readonly init?: unknown;
  /** Jobs given to one worker at a time, so that it can prepare the next ones while it works on one. */
  readonly window?: number;
  /** Ends a process that had nothing to do for so long. 0: all processes are started at once and kept. */
  readonly idleMs?: number;
  /** Time a process may take until it is ready. */
  readonly bootTimeoutMs?: number;
  /** How long `close()` lets running jobs finish. */
  readonly drainMs?: number;
  /** Lower priority of the processes: beside others that want the cores they get about a tenth. */
  readonly background?: boolean;
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
  /** Whole environment of the workers; inherited when left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  /** `value`: what the worker said when it was ready. */
  | { readonly type: 'ready'; readonly pid: number; readonly bootMs: number; readonly value: unknown }
  /** A worker that served died or was killed for a timeout. `stderr`: the last it wrote. */
  | {
      readonly type: 'lost';
      readonly pid: number;
      readonly reason: string;
      readonly jobs: number;
      readonly stderr: string;
    }
  | { readonly type: 'unable'; readonly pid: number; readonly error: AppError; readonly retryInMs: number };

export interface RunOptions {
  /** Sent as it is, not copied: leave it alone until the job is settled. */
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface JobResult<Response> {
  readonly value: Response;
  /** From `run()` to the moment the job was given to a worker. */
  readonly queueMs: number;
}

export interface WorkerPoolStatus {
  readonly size: number;
  /** Processes that are ready. */
  readonly alive: number;
  readonly pids: readonly number[];
  readonly queued: number;
  readonly running: number;
  /** Jobs that can be held at a time, running and queued. */
  readonly capacity: number;
  /** How often a worker that served was lost. */
  readonly restarts: number;
}

interface Job<Response> {
  readonly id: number;
  readonly request: unknown;
  readonly body: Uint8Array | undefined;
  readonly enqueuedAt: number;
  sentAt: number;
  /** Was in a worker that was killed for another job; it gets no third try. */
  retried: boolean;
  /** Settles the promise once; later calls do nothing. */
  readonly resolve: (result: JobResult<Response>) => void;
  readonly reject: (error: Error) => void;
}

interface Worker<Response> {
  readonly process: ChildProcess;
  readonly pipe: Duplex;
  readonly startedAt: number;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** In the order they were sent, which is the order in which a worker works. */
  readonly jobs: Map<number, Job<Response>>;
  state: 'booting' | 'ready' | 'over';
  readyAt: number;
  stderr: string;
  bootTimer: NodeJS.Timeout | undefined;
  jobTimer: NodeJS.Timeout | undefined;
  idleTimer: NodeJS.Timeout | undefined;
  /** The job `jobTimer` runs for. */
  timed: Job<Response> | undefined;
}

const RETRY_AFTER_DEATH_MS = 500;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** A caller waits this long for the next try to start a worker; beyond it is told to come back. */
const PATIENCE_MS = 1_000;
/** A worker that dies without a job this soon after its start is taken for one that cannot start. */
const CRASH_LOOP_MS = 2_000;
/** How long a worker whose pipe was closed may take to go before it is killed. */
const END_GRACE_MS = 2_000;
const STDERR_TAIL = 2_000;

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
  readonly #workers = new Set<Worker<Response>>();
  /** Processes that were told to end or killed, until they are gone. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #queue: Job<Response>[] = [];
  #nextId = 1;
  #restarts = 0;
  #bootFailures = 0;
  #bootError: AppError | null = null;
  #notBefore = 0;
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
    const pauseMs = this.#notBefore - performance.now();
    if (this.#workers.size === 0 && this.#bootError !== null && pauseMs > PATIENCE_MS) {
      return Promise.reject(busy('The workers cannot be started.', Math.ceil(pauseMs), this.#bootError));
    }
    return new Promise((resolve, reject) => {
      const job: Job<Response> = {
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
      pids: workers.flatMap((worker) => worker.process.pid ?? []),
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

  #leastBusy(): Worker<Response> | undefined {
    let best: Worker<Response> | undefined;
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
      if (job !== undefined) this.#give(worker, job);
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
    const pauseMs = this.#notBefore - performance.now();
    if (pauseMs > 0) {
      if (this.#queue.length > 0) this.#retryAfter(pauseMs);
      return;
    }
    if (this.#bootFailures > 0 && this.#queue.length === 0) return;
    const cautious = this.#bootFailures > 0 || !workers.some((worker) => worker.state === 'ready');
    if (cautious && workers.some((worker) => worker.state === 'booting')) return;
    this.#spawn();
    if (!cautious) this.#grow();
  }

  #retryAfter(pauseMs: number): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#dispatch(), pauseMs + 1);
  }

  #spawn(): void {
    const { entry, argv = [], execArgv = [], env, init, bootTimeoutMs } = this.#options;
    const child = spawn(process.execPath, [...execArgv, fileURLToPath(entry), ...argv], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env }),
    });
    // Without file descriptors to spare there are no pipes, whatever the types say; only 'error' follows then.
    const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[PIPE_DESCRIPTOR] as Duplex | undefined;
    if (pipe === undefined) {
      child.once('error', (error) => this.#cannotStart(0, this.#failure(error.message)));
      return;
    }
    if (this.#options.background === true) stepBack(child.pid);
    const worker: Worker<Response> = {
      process: child,
      pipe,
      startedAt: performance.now(),
      gone: new Promise((resolve) => {
        child.once('close', () => resolve());
        child.once('error', () => child.pid === undefined && resolve());
      }),
      jobs: new Map(),
      state: 'booting',
      readyAt: 0,
      stderr: '',
      bootTimer: undefined,
      jobTimer: undefined,
      idleTimer: undefined,
      timed: undefined,
    };
    this.#workers.add(worker);
    worker.bootTimer = setTimeout(
      () => this.#lose(worker, `not ready after ${bootTimeoutMs} ms`),
      bootTimeoutMs,
    );

    const reader = new FrameReader((message) => this.#receive(worker, message as FromWorker));
    worker.pipe.on('data', (chunk: Buffer) => reader.push(chunk));
    worker.pipe.on('error', () => {}); // a broken pipe is followed by the process's 'close'
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      worker.stderr = (worker.stderr + text).slice(-STDERR_TAIL);
    });
    child.once('error', (error) => this.#lose(worker, error.message));
    // 'close', not 'exit': what the worker wrote before it died is read by then
    child.once('close', (code, signal) =>
      this.#lose(worker, signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
    this.#send(worker, { type: 'init', value: init });
  }

  #send(worker: Worker<Response>, message: ToWorker, body?: Uint8Array): void {
    worker.pipe.cork();
    for (const chunk of encodeFrame(message, body)) worker.pipe.write(chunk);
    worker.pipe.uncork();
  }

  #give(worker: Worker<Response>, job: Job<Response>): void {
    clearTimeout(worker.idleTimer);
    job.sentAt = performance.now();
    worker.jobs.set(job.id, job);
    this.#watch(worker);
    this.#send(worker, { type: 'job', id: job.id, request: job.request }, job.body);
  }

  #receive(worker: Worker<Response>, message: FromWorker): void {
    if (worker.state === 'over') return;
    switch (message.type) {
      case 'ready':
        clearTimeout(worker.bootTimer);
        worker.state = 'ready';
        worker.readyAt = performance.now();
        this.#bootFailures = 0;
        this.#bootError = null;
        this.#notBefore = 0;
        this.#emit({
          type: 'ready',
          pid: worker.process.pid ?? 0,
          bootMs: worker.readyAt - worker.startedAt,
          value: message.value,
        });
        this.#opening?.resolve(message.value);
        this.#dispatch();
        this.#watch(worker);
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
        this.#watch(worker);
        if (message.type === 'failed') job.reject(fromFailure(message.failure, this.#options.failureCode));
        else job.resolve({ value: message.response as Response, queueMs: job.sentAt - job.enqueuedAt });
        this.#dispatch();
        this.#checkDrained();
        break;
      }
    }
  }

  /** Keeps the clock on the worker's oldest job, and on its idleness when there is none. */
  #watch(worker: Worker<Response>): void {
    const { timeoutMs, idleMs } = this.#options;
    const oldest = worker.jobs.values().next().value;
    if (oldest !== worker.timed) {
      clearTimeout(worker.jobTimer);
      worker.timed = oldest;
      if (oldest !== undefined) worker.jobTimer = setTimeout(() => this.#timeOut(worker, oldest), timeoutMs);
    }
    if (oldest === undefined && idleMs > 0) {
      clearTimeout(worker.idleTimer);
      worker.idleTimer = setTimeout(() => this.#dismiss(worker), idleMs).unref();
    }
  }

  #timeOut(worker: Worker<Response>, job: Job<Response>): void {
    worker.jobs.delete(job.id);
    job.reject(
      new AppError('REQUEST_TIMEOUT', 'The work took too long and was stopped.', {
        details: { timeoutMs: this.#options.timeoutMs },
      }),
    );
    const innocent: Job<Response>[] = [];
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
  #lose(worker: Worker<Response>, reason: string): void {
    if (worker.state === 'over') return;
    const stderr = worker.stderr.trim();
    const cause = this.#failure(reason, stderr);
    const served = worker.state === 'ready';
    const hadJobs = worker.jobs.size > 0 || worker.timed !== undefined;
    if (!served || (!hadJobs && performance.now() - worker.readyAt < CRASH_LOOP_MS)) {
      if (served) this.#restarts++;
      this.#failBoot(worker, cause);
      return;
    }
    this.#restarts++;
    const jobs = [...worker.jobs.values()];
    this.#dismiss(worker, 'SIGKILL');
    this.#emit({ type: 'lost', pid: worker.process.pid ?? 0, reason, jobs: jobs.length, stderr });
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

  #failBoot(worker: Worker<Response>, error: AppError): void {
    this.#dismiss(worker, 'SIGKILL');
    this.#cannotStart(worker.process.pid ?? 0, error);
  }

  #cannotStart(pid: number, error: AppError): void {
    const pauseMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#bootFailures);
    this.#bootFailures++;
    this.#bootError = error;
    this.#notBefore = performance.now() + pauseMs;
    this.#emit({ type: 'unable', pid, error, retryInMs: pauseMs });
    if (this.#workers.size > 0) return; // others serve what waits
    for (const job of this.#queue.splice(0)) job.reject(error);
    this.#opening?.reject(error);
    this.#opening = null;
    this.#checkDrained();
  }

  /** Takes a worker out of the pool and ends its process: by closing the pipe, or at once by a signal. */
  #dismiss(worker: Worker<Response>, signal?: 'SIGKILL'): void {
    if (worker.state === 'over') return;
    worker.state = 'over';
    clearTimeout(worker.bootTimer);
    clearTimeout(worker.jobTimer);
    clearTimeout(worker.idleTimer);
    this.#workers.delete(worker);
    const kill = () => worker.process.kill('SIGKILL');
    const timer = setTimeout(kill, END_GRACE_MS);
    if (signal !== undefined) kill();
    worker.pipe.end();
    const leaving: Promise<void> = worker.gone.then(() => {
      clearTimeout(timer);
      this.#leaving.delete(leaving);
    });
    this.#leaving.add(leaving);
  }

  /** The caller no longer wants this job: out of the queue, or, when a worker has it, the worker may skip it. */
  #abandon(job: Job<Response>): void {
    const place = this.#queue.indexOf(job);
    if (place >= 0) this.#queue.splice(place, 1);
    for (const worker of this.#workers)
      if (worker.jobs.has(job.id)) this.#send(worker, { type: 'cancel', id: job.id });
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

/** At once, so that every thread it starts inherits it: on Linux a thread's priority is its own. */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone, which is told otherwise; or not allowed: a courtesy only.
  }
}
