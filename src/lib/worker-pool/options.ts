import type { AppError, ErrorCode } from '../../errors.js';

export interface WorkerPoolOptions<Ready = unknown> {
  /** JavaScript file that calls `serveJobs`. */
  readonly entry: URL;
  /** Maximum number of worker processes. */
  readonly size: number;
  /** Maximum number of jobs waiting for a free slot in a worker; more are refused with SERVER_BUSY. */
  readonly maxQueue: number;
  /** Time that one job may take in its worker, without earlier jobs there. Then the worker is killed. */
  readonly timeoutMs: number;
  /** Code of the errors for a crash or an unexpected exception in a worker. */
  readonly failureCode: ErrorCode;
  /** Its result is passed to a worker when it starts. */
  readonly init?: () => unknown;
  /** Jobs given to one worker at a time, so that it can prepare the next ones meanwhile. */
  readonly window?: number;
  /** Idle time after which a process is ended. 0: all processes are started at once and kept. */
  readonly idleMs?: number;
  /** Time a process may take until it is ready. */
  readonly bootTimeoutMs?: number;
  /** How long `close()` lets running jobs finish. */
  readonly drainMs?: number;
  /** Lower priority of the processes: when others compete for the cores, they get about a tenth. */
  readonly background?: boolean;
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
  /** Complete environment of the workers; inherited by default. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: WorkerEvent<Ready>) => void;
}

export type WorkerEvent<Ready = unknown> =
  /** `value`: what the worker reported when it was ready. */
  | { readonly type: 'ready'; readonly pid: number; readonly bootMs: number; readonly value: Ready }
  /**
   * A worker that served died or was killed for a timeout. `stderr`: the last it wrote. `note`: the last it had said it
   * was about to do.
   */
  | {
      readonly type: 'lost';
      readonly pid: number;
      readonly reason: string;
      readonly jobs: number;
      readonly stderr: string;
      readonly note: unknown;
    }
  | { readonly type: 'unable'; readonly pid: number; readonly error: AppError; readonly retryInMs: number };

export interface RunOptions {
  /** Sent without a copy: do not change it until the job is settled. */
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface JobResult<Response> {
  readonly value: Response;
  /** Time from `run()` until the job was given to a worker. */
  readonly queueMs: number;
}

export interface WorkerPoolStatus {
  readonly size: number;
  /** Processes that are ready. */
  readonly alive: number;
  readonly pids: readonly number[];
  readonly queued: number;
  readonly running: number;
  /** Maximum number of running and queued jobs. */
  readonly capacity: number;
  /** How often a ready worker was lost. */
  readonly restarts: number;
}
