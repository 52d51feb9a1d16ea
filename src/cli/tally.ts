import type { JobReport } from '../services/jobs.js';
import { describeFailure, failureOf, type Failure } from './report-error.js';
import { printable } from './format.js';
import { readFailure } from './read-failure.js';
import { createProgress, type Progress } from './progress.js';

export interface FailedItem extends Failure {
  readonly path: string;
}

/** Counts what a run over many pictures does and shows it: the command line's counterpart of a job. */
export class Tally implements JobReport {
  readonly signal: AbortSignal;
  readonly failures: FailedItem[] = [];
  readonly #progress: Progress;
  readonly #start = performance.now();
  #total = 0;
  #added = 0;
  #skipped = 0;

  /** @param what it is about, e.g. `importing` */
  constructor(what: string, signal: AbortSignal) {
    this.signal = signal;
    this.#progress = createProgress(what);
  }

  get counts(): { total: number; added: number; skipped: number; failed: number; seconds: number } {
    return {
      total: this.#total,
      added: this.#added,
      skipped: this.#skipped,
      failed: this.failures.length,
      seconds: (performance.now() - this.#start) / 1000,
    };
  }

  total(items: number): void {
    this.#total = items + this.failures.length; // what failed before it could be counted is counted, too
    this.#update();
  }

  added(): void {
    this.#added++;
    this.#update();
  }

  skipped(): void {
    this.#skipped++;
    this.#update();
  }

  /** One bad picture is told at once and does not stop the run. */
  failed(path: string, error: unknown): void {
    const failure = { path, ...failureOf(readFailure(error)) };
    this.failures.push(failure);
    this.#progress.say(`${printable(path)}: ${describeFailure(failure)}`);
    this.#update();
  }

  stop(): void {
    this.#progress.stop();
  }

  #update(): void {
    const failed = this.failures.length;
    this.#progress.update({ done: this.#added + this.#skipped + failed, total: this.#total, failed });
  }
}
