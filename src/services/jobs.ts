import { randomUUID } from 'node:crypto';
import { AppError, messageOf, type ErrorCode } from '../errors.js';
import { storageFull } from '../lib/storage-full.js';
import type { Logger } from '../logger.js';
import { Serial } from '../lib/serial.js';
import { Topic } from '../lib/topic.js';
import type { ModelDescription } from './embedding/types.js';
import { addLeftOut, type LeftOut, type LeftOutReason } from './gallery/import/left-out.js';

export type JobKind =
  | 'IMPORT_FOLDER'
  | 'LIBRARY_SCAN'
  | 'LIBRARY_REMOVAL'
  | 'EMBED_MISSING'
  | 'SAMPLE_GALLERY'
  | 'READ_FACTS'
  | 'MODEL_SWITCH'
  | 'MODEL_PULL'
  | 'MODEL_UPLOAD';
export type JobState = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

export interface JobFailure {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Stages of making a model, in this order; a published int8 export is not converted. */
export type ModelStage = 'DOWNLOADING' | 'CALIBRATING' | 'CONVERTING' | 'CHECKING' | 'DONE';

/** Progress of a model that is being pulled, or made from an upload. */
export interface ModelProgress {
  /** The id that it will have; null until known. */
  readonly modelId: string | null;
  /** The precision that it will have; null for an ONNX export, which keeps its own. */
  readonly precision: ModelDescription['precision'] | null;
  readonly stage: ModelStage;
  /** Within the stage: bytes while downloading, then pictures or steps. `total` is null if unknown. */
  readonly done: number;
  readonly total: number | null;
  /** While downloading. */
  readonly bytesPerSecond: number | null;
  /** Until the end of the stage. */
  readonly secondsLeft: number | null;
  /** The change of model that started after the installation; null until then, or if none was requested. */
  readonly switchJobId: string | null;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  /** Items known so far; null while they are still being counted. */
  readonly total: number | null;
  /** Items finished, whatever the outcome. */
  readonly done: number;
  readonly added: number;
  readonly skipped: number;
  /** How many skipped pictures got tags that they lacked. */
  readonly tagged: number;
  /** How many skipped pictures had a missing or damaged file that was restored. */
  readonly repaired: number;
  readonly failed: number;
  /** Files and folders that were left out; not part of `total`. */
  readonly leftOut: LeftOut;
  /** The first failures, at most `MAX_FAILURES`. */
  readonly failures: readonly JobFailure[];
  /** Items per second since the start. */
  readonly rate: number;
  readonly secondsLeft: number | null;
  /** For a job that makes a model; otherwise null. */
  readonly model: ModelProgress | null;
  /** Why it failed: an error code, and a sentence. */
  readonly code: string | null;
  readonly message: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export interface StartedJob {
  readonly job: Job;
  /** Its last state; never rejects. */
  readonly finished: Promise<Job>;
}

const MAX_FAILURES = 100;
const KEPT = 50;
const MAX_WAITING = 20;

/** What was changed in a picture that was already in the gallery. */
export interface SkippedChanges {
  /** Whether it got tags that it lacked. */
  readonly tagged?: boolean;
  /** Whether its missing or damaged file was restored. */
  readonly repaired?: boolean;
}

/** How a running job reports its progress. */
export interface JobReport {
  readonly signal: AbortSignal;
  /** Sets the number of items; those that failed before they could be counted are added. */
  total(items: number): void;
  added(): void;
  /** @param changes what was changed in it */
  skipped(changes?: SkippedChanges): void;
  leftOut(reason: LeftOutReason, count: number): void;
  failed(path: string, error: unknown): void;
}

/** Additional reports of a job that makes a model. */
export interface ModelJobReport extends JobReport {
  model(progress: ModelProgress): void;
}

/**
 * A change of model may take hours and works with low priority, a download waits for the network: reading facts takes its
 * time: imports do not wait for any of them, nor these for imports or for each other.
 */
type Lane = 'main' | 'switch' | 'models' | 'facts';

function laneOf(kind: JobKind): Lane {
  switch (kind) {
    case 'MODEL_SWITCH':
      return 'switch';
    case 'READ_FACTS':
      return 'facts';
    case 'MODEL_PULL':
    case 'MODEL_UPLOAD':
      return 'models';
    default:
      return 'main';
  }
}

/** Background jobs: one runs at a time in each lane, the others wait; progress is broadcast. */
export class Jobs {
  readonly updates = new Topic<Job>();
  readonly #logger: Logger;
  readonly #jobs = new Map<string, Job>();
  readonly #abort = new AbortController();
  /** Cancels a job that has not ended, by its id. */
  readonly #cancels = new Map<string, AbortController>();
  readonly #lanes: Record<Lane, Serial> = {
    main: new Serial(),
    switch: new Serial(),
    models: new Serial(),
    facts: new Serial(),
  };
  #waiting = 0;

  constructor(options: { logger: Logger }) {
    this.#logger = options.logger;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  list(): Job[] {
    return [...this.#jobs.values()];
  }

  /**
   * Queues a job; `finished` resolves with its last state and never rejects.
   * @param model initial progress of a job that makes a model
   * @throws AppError SERVER_BUSY if too many wait, SHUTTING_DOWN
   */
  start(
    kind: JobKind,
    run: (report: ModelJobReport) => Promise<void>,
    model: ModelProgress | null = null,
  ): { job: Job; finished: Promise<Job> } {
    if (this.#abort.signal.aborted) throw new AppError('SHUTTING_DOWN', 'The server is stopping.');
    if (this.#waiting >= MAX_WAITING) {
      throw new AppError('SERVER_BUSY', 'Too many jobs are waiting.', { details: { retryAfterMs: 10_000 } });
    }
    const job: Job = {
      id: randomUUID(),
      kind,
      state: 'QUEUED',
      total: null,
      done: 0,
      added: 0,
      skipped: 0,
      tagged: 0,
      repaired: 0,
      failed: 0,
      leftOut: [],
      failures: [],
      rate: 0,
      secondsLeft: null,
      model,
      code: null,
      message: null,
      createdAt: new Date(),
      finishedAt: null,
    };
    this.#put(job);
    this.#waiting++;
    this.#cancels.set(job.id, new AbortController());
    const finished = this.#lanes[laneOf(kind)].run(async () => {
      await this.#run(job.id, run);
      return this.#jobs.get(job.id) ?? job;
    });
    return { job, finished };
  }

  /**
   * Cancels a job. It ends after its current step, or at once if it is waiting. Does nothing if it has ended.
   */
  cancel(id: string): void {
    this.#cancels.get(id)?.abort();
    const job = this.#jobs.get(id);
    if (job?.state !== 'QUEUED') return;
    this.#cancels.delete(id);
    this.#put({ ...job, state: 'CANCELLED', finishedAt: new Date() });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.idle()));
    this.updates.close();
  }

  async #run(id: string, run: (report: ModelJobReport) => Promise<void>): Promise<void> {
    this.#waiting--;
    const cancel = this.#cancels.get(id);
    if (cancel === undefined) return; // cancelled while it waited
    const signal = AbortSignal.any([this.#abort.signal, cancel.signal]);
    const start = performance.now();
    const change = (fields: Partial<Job>): void => {
      const next = { ...(this.#jobs.get(id) as Job), ...fields };
      const seconds = (performance.now() - start) / 1000;
      const rate = seconds > 0 ? next.done / seconds : 0;
      const secondsLeft = next.model
        ? next.model.secondsLeft
        : next.total === null || rate === 0
          ? null
          : Math.max(0, (next.total - next.done) / rate);
      this.#put({ ...next, rate, secondsLeft });
    };
    const count = (field: 'added' | 'skipped' | 'failed', fields: Partial<Job> = {}): void => {
      const job = this.#jobs.get(id) as Job;
      change({ [field]: job[field] + 1, done: job.done + 1, ...fields });
    };
    const end = (state: JobState, failure: Pick<JobFailure, 'code' | 'message'> | null = null): void => {
      this.#cancels.delete(id);
      change({ state, ...failure, finishedAt: new Date() });
    };
    if (signal.aborted) return end('CANCELLED');
    change({ state: 'RUNNING' });
    try {
      await run({
        signal,
        total: (items) => change({ total: items + (this.#jobs.get(id) as Job).failed }),
        added: () => count('added'),
        skipped: ({ tagged = false, repaired = false } = {}) => {
          const job = this.#jobs.get(id) as Job;
          count('skipped', {
            tagged: job.tagged + Number(tagged),
            repaired: job.repaired + Number(repaired),
          });
        },
        leftOut: (reason, items) =>
          change({ leftOut: addLeftOut((this.#jobs.get(id) as Job).leftOut, reason, items) }),
        failed: (path, error) => {
          const failures = (this.#jobs.get(id) as Job).failures;
          const failure = { path, ...failureOf(error) };
          count('failed', failures.length < MAX_FAILURES ? { failures: [...failures, failure] } : {});
        },
        model: (model) => change({ model }),
      });
      end(signal.aborted ? 'CANCELLED' : 'DONE');
    } catch (error) {
      if (signal.aborted && error === signal.reason) return end('CANCELLED');
      this.#logger.error({ job: id, error: messageOf(error) }, 'job failed');
      end('FAILED', failureOf(error));
    }
  }

  #put(job: Job): void {
    this.#jobs.set(job.id, Object.freeze(job));
    this.updates.publish(job);
    for (const old of this.#jobs.values()) {
      if (this.#jobs.size <= KEPT) break;
      if (old.finishedAt !== null) this.#jobs.delete(old.id);
    }
  }
}

/** AppErrors keep their code and message, other errors do not. */
function failureOf(thrown: unknown): { code: ErrorCode | 'INTERNAL_SERVER_ERROR'; message: string } {
  const error = storageFull(thrown) ?? thrown;
  return error instanceof AppError
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL_SERVER_ERROR', message: 'An unexpected failure; the log says more.' };
}
