import { spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from './frames.js';
import type { PoolJob } from './job-queue.js';
import type { WorkerPoolOptions } from './options.js';
import { PIPE_DESCRIPTOR, type FromWorker, type ToWorker } from './worker-protocol.js';

/** How long a worker may take to exit after its pipe was closed, before it is killed. */
const END_GRACE_MS = 2_000;
const STDERR_TAIL = 2_000;

export type PooledWorkerOptions = Required<Pick<WorkerPoolOptions, 'bootTimeoutMs' | 'idleMs'>> &
  Pick<WorkerPoolOptions, 'entry' | 'timeoutMs' | 'init' | 'background' | 'argv' | 'execArgv' | 'env'>;

/** Events that a worker reports to its pool, which decides what to do. */
export interface PooledWorkerEvents<Response> {
  onMessage(worker: PooledWorker<Response>, message: FromWorker): void;
  /** It died, or was not ready in time. */
  onLost(worker: PooledWorker<Response>, reason: string): void;
  /** Its oldest job took too long. */
  onTimeout(worker: PooledWorker<Response>, job: PoolJob<Response>): void;
  /** It has been idle for `idleMs`. */
  onIdle(worker: PooledWorker<Response>): void;
}

/** One process of a pool, with its pipe, timers and jobs. */
export class PooledWorker<Response> {
  /** In the order they were sent, in which the worker processes them. */
  readonly jobs = new Map<number, PoolJob<Response>>();
  readonly startedAt = performance.now();
  /** Resolves when the process has exited. */
  readonly gone: Promise<void>;
  readyAt = 0;
  /** What it last announced to be about to do; null if nothing. */
  note: unknown = null;
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  readonly #options: PooledWorkerOptions;
  readonly #events: PooledWorkerEvents<Response>;
  #state: 'booting' | 'ready' | 'over' = 'booting';
  #stderr = '';
  #bootTimer: NodeJS.Timeout | undefined;
  #jobTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  /** The job that `#jobTimer` limits. */
  #timed: PoolJob<Response> | undefined;

  /**
   * Starts a process.
   * @param onImpossible called later if the process cannot be started; then null is returned
   */
  static start<Response>(
    options: PooledWorkerOptions,
    events: PooledWorkerEvents<Response>,
    onImpossible: (error: Error) => void,
  ): PooledWorker<Response> | null {
    const { entry, argv = [], execArgv = [], env } = options;
    const child = spawn(process.execPath, [...execArgv, fileURLToPath(entry), ...argv], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env }),
    });
    // Without free file descriptors there are no pipes, contrary to the types; only 'error' follows then.
    const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[PIPE_DESCRIPTOR] as Duplex | undefined;
    if (pipe === undefined) {
      child.once('error', onImpossible);
      return null;
    }
    if (options.background === true) stepBack(child.pid);
    return new PooledWorker(child, pipe, options, events);
  }

  private constructor(
    child: ChildProcess,
    pipe: Duplex,
    options: PooledWorkerOptions,
    events: PooledWorkerEvents<Response>,
  ) {
    this.#process = child;
    this.#pipe = pipe;
    this.#options = options;
    this.#events = events;
    this.gone = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => child.pid === undefined && resolve());
    });
    const { bootTimeoutMs, init } = options;
    const lost = (reason: string): void => {
      if (this.#state !== 'over') events.onLost(this, reason);
    };
    this.#bootTimer = setTimeout(() => lost(`not ready after ${bootTimeoutMs} ms`), bootTimeoutMs);

    const reader = new FrameReader((message) => {
      if (this.#state !== 'over') events.onMessage(this, message as FromWorker);
    });
    pipe.on('data', (chunk: Buffer) => reader.push(chunk));
    pipe.on('error', () => {}); // the process's 'close' follows a broken pipe
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
    });
    child.once('error', (error) => lost(error.message));
    // 'close', not 'exit': by then everything that the worker wrote has been read
    child.once('close', (code, signal) => lost(signal === null ? `exit code ${code}` : `signal ${signal}`));
    this.#send({ type: 'init', value: init?.() });
  }

  get state(): 'booting' | 'ready' | 'over' {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Its last output on standard error. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  /** Whether it has a job, or had one at the last check. */
  get hasWork(): boolean {
    return this.jobs.size > 0 || this.#timed !== undefined;
  }

  becameReady(): void {
    clearTimeout(this.#bootTimer);
    this.#state = 'ready';
    this.readyAt = performance.now();
  }

  give(job: PoolJob<Response>): void {
    clearTimeout(this.#idleTimer);
    job.sentAt = performance.now();
    this.jobs.set(job.id, job);
    this.watch();
    this.#send({ type: 'job', id: job.id, request: job.request }, job.body);
  }

  /** Sends a notice to its service, in order with its jobs. */
  tell(value: unknown): void {
    this.#send({ type: 'notice', value });
  }

  /** The worker may skip a job. */
  cancel(id: number): void {
    this.#send({ type: 'cancel', id });
  }

  /** Runs the timer for its oldest job, or for its idleness if there is none. */
  watch(): void {
    const { timeoutMs, idleMs } = this.#options;
    const oldest = this.jobs.values().next().value;
    if (oldest !== this.#timed) {
      clearTimeout(this.#jobTimer);
      this.#timed = oldest;
      if (oldest !== undefined)
        this.#jobTimer = setTimeout(() => this.#events.onTimeout(this, oldest), timeoutMs);
    }
    if (oldest === undefined && idleMs > 0) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = setTimeout(() => this.#events.onIdle(this), idleMs).unref();
    }
  }

  /** Ends the process by closing the pipe, or at once by a signal. It reports no more events. */
  end(signal?: 'SIGKILL'): void {
    this.#state = 'over';
    clearTimeout(this.#bootTimer);
    clearTimeout(this.#jobTimer);
    clearTimeout(this.#idleTimer);
    const kill = (): boolean => this.#process.kill('SIGKILL');
    const timer = setTimeout(kill, END_GRACE_MS);
    if (signal !== undefined) kill();
    this.#pipe.end();
    this.gone.then(
      () => clearTimeout(timer),
      () => {}, // never rejects
    );
  }

  #send(message: ToWorker, body?: Uint8Array): void {
    this.#pipe.cork();
    for (const chunk of encodeFrame(message, body)) this.#pipe.write(chunk);
    this.#pipe.uncork();
  }
}

/** Lowers the priority at once, so that every thread it starts inherits it: on Linux each thread has its own. */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone, which is reported elsewhere, or this is not permitted: it is only a courtesy.
  }
}
