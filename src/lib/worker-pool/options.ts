import type { AppError, ErrorCode } from '../../errors.js';

export interface WorkerPoolOptions<Ready = unknown> {
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
  /** What it gives is handed to a worker when it starts. */
  readonly init?: () => unknown;
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
  readonly onEvent?: (event: WorkerEvent<Ready>) => void;
}

export type WorkerEvent<Ready = unknown> =
  /** `value`: what the worker said when it was ready. */
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
