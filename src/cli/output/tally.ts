import type { JobReport, SkippedChanges } from '../../services/jobs.js';
import { addLeftOut, type LeftOut, type LeftOutReason } from '../../services/gallery/import/left-out.js';
import { ERRORS, type ErrorCode } from '../../errors.js';
import { isFatal } from '../../lib/is-fatal.js';
import { describeFailure, failureOf, type Failure } from './report-error.js';
import { printable } from './format.js';
import { readFailure } from '../running/read-failure.js';
import type { Progress } from './progress.js';
import { SOME_FAILED } from '../exit-codes.js';

export interface FailedItem extends Failure {
  readonly path: string;
}

/** After this many consecutive failures not caused by the picture (a full disk, say), the run is given up. */
const HOPELESS = 20;

/** Counts what a run over many pictures does and shows it: the command line's counterpart of a job. */
export class Tally implements JobReport {
  readonly signal: AbortSignal;
  readonly failures: FailedItem[] = [];
  readonly #progress: Progress;
  readonly #start = performance.now();
  #total = 0;
  #added = 0;
  #skipped = 0;
  #tagged = 0;
  #leftOut: LeftOut = [];
  #repaired = 0;
  #inARow = 0;
  readonly #giveUp = new AbortController();

  /** @param signal aborted when the user interrupts */
  constructor(progress: Progress, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#giveUp.signal]);
    this.#progress = progress;
  }

  /**
   * The exit code of the run: 0 if all went well, 3 if pictures failed, that of the failure if the run was given up
   * because of it.
   */
  get exitCode(): number {
    const last = this.failures.at(-1);
    if (last === undefined) return 0;
    return this.#giveUp.signal.aborted ? ERRORS[last.code as ErrorCode].exitCode : SOME_FAILED;
  }

  get counts() {
    return {
      total: this.#total,
      added: this.#added,
      skipped: this.#skipped,
      tagged: this.#tagged,
      leftOut: this.#leftOut,
      repaired: this.#repaired,
      failed: this.failures.length,
      /** Not reached before the run ended. */
      left: this.#total - this.#added - this.#skipped - this.failures.length,
      seconds: (performance.now() - this.#start) / 1000,
    };
  }

  total(items: number): void {
    this.#total = items + this.failures.length; // including what failed before it could be counted
    this.#update();
  }

  added(): void {
    this.#added++;
    this.#inARow = 0;
    this.#update();
  }

  skipped({ tagged = false, repaired = false }: SkippedChanges = {}): void {
    this.#skipped++;
    if (tagged) this.#tagged++;
    if (repaired) this.#repaired++;
    if (repaired) this.#inARow = 0;
    this.#update();
  }

  leftOut(reason: LeftOutReason, count: number): void {
    this.#leftOut = addLeftOut(this.#leftOut, reason, count);
  }

  /** A bad picture is reported at once and does not stop the run. */
  failed(path: string, error: unknown): void {
    const failure = { path, ...failureOf(readFailure(error)) };
    this.failures.push(failure);
    this.#progress.say(`${printable(path)}: ${describeFailure(failure)}`);
    this.#update();
    this.#inARow = isOurs(failure.code) ? this.#inARow + 1 : 0;
    if (this.#giveUp.signal.aborted) return;
    if (isFatal(error) || this.#inARow === HOPELESS) {
      this.#progress.say(
        isFatal(error)
          ? 'Giving up: the others would fail like this one.'
          : `Giving up: ${HOPELESS} in a row have failed like this.`,
      );
      this.#giveUp.abort();
    }
  }

  stop(): void {
    this.#progress.stop();
  }

  #update(): void {
    const failed = this.failures.length;
    this.#progress.update({ done: this.#added + this.#skipped + failed, total: this.#total, failed });
  }
}

/** The end of a summary. */
export const describeLeft = (left: number): string =>
  left === 0 ? '' : `, ${left} left: run it again to continue`;

const isOurs = (code: string): boolean =>
  Object.hasOwn(ERRORS, code) && ERRORS[code as ErrorCode].audience === 'operator';
