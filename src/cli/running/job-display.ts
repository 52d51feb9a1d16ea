import type { Job } from '../../services/jobs.js';
import { printable } from '../output/format.js';
import { createProgress, type Progress } from '../output/progress.js';
import { describeFailure } from '../output/report-error.js';

/** Shows how far a job is, and each of its failures once. */
export class JobDisplay {
  readonly #progress: Progress;
  #told = 0;

  /** @param what of the progress bar */
  constructor(what: string) {
    this.#progress = createProgress(what);
  }

  /** @param failures all that are known so far */
  failures(failures: Job['failures']): void {
    for (const failure of failures.slice(this.#told))
      this.#progress.say(`${printable(failure.path)}: ${describeFailure(failure)}`);
    this.#told = Math.max(this.#told, failures.length);
  }

  counts({ done, total, failed }: Pick<Job, 'done' | 'total' | 'failed'>): void {
    if (total !== null) this.#progress.update({ done, total, failed });
  }

  stop(): void {
    this.#progress.stop();
  }
}
