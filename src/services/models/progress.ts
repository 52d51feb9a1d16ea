import type { ModelJobReport, ModelProgress, ModelStage } from '../jobs.js';

/** Progress of a job that has not begun. */
export const notBegun = (
  stage: ModelStage,
  { modelId, precision }: Pick<ModelProgress, 'modelId' | 'precision'>,
): ModelProgress => ({
  modelId,
  precision,
  stage,
  done: 0,
  total: null,
  bytesPerSecond: null,
  secondsLeft: null,
  switchJobId: null,
});

/** Interval between reports of a download, since each is broadcast. */
const EVERY_MS = 250;

/** Reports the progress of a model to its job, until `stop()`. */
export class ModelReporter {
  readonly #report: ModelJobReport;
  readonly #now: () => number;
  #progress: ModelProgress;
  #toldAt = -Infinity;
  /** Reports held-back progress even if nothing follows. */
  #timer: NodeJS.Timeout | null = null;
  /** When the download began in this run, and the bytes that existed then. */
  #began: { readonly at: number; readonly bytes: number } | null = null;
  /** Bytes of the files before the current one. */
  #before = 0;
  #file = '';
  #fileBytes = 0;

  constructor(report: ModelJobReport, begin: ModelProgress, now = () => performance.now()) {
    this.#report = report;
    this.#now = now;
    this.#progress = begin;
  }

  /** @param total of this file */
  downloading(file: string, done: number, total: number | null): void {
    if (file !== this.#file) {
      this.#before += this.#fileBytes;
      this.#file = file;
    }
    this.#fileBytes = done;
    const now = this.#now();
    this.#began ??= { at: now, bytes: done };
    const all = this.#before + done;
    const whole = total === null ? null : this.#before + total;
    const seconds = (now - this.#began.at) / 1000;
    const bytesPerSecond = seconds > 0 ? (all - this.#began.bytes) / seconds : 0;
    const secondsLeft = whole === null || bytesPerSecond <= 0 ? null : (whole - all) / bytesPerSecond;
    this.#tell({ stage: 'DOWNLOADING', done: all, total: whole, bytesPerSecond, secondsLeft }, all === whole);
  }

  step(stage: Exclude<ModelStage, 'DOWNLOADING' | 'DONE'>, done = 0, total: number | null = null): void {
    const isFirst = this.#progress.stage !== stage;
    if (isFirst) this.#began = { at: this.#now(), bytes: done };
    const { at, bytes } = this.#began ?? { at: this.#now(), bytes: 0 };
    const rate = (done - bytes) / (this.#now() - at);
    const secondsLeft = total === null || !(rate > 0) ? null : (total - done) / rate / 1000;
    this.#tell({ stage, done, total, bytesPerSecond: null, secondsLeft }, isFirst || done === total);
  }

  done(modelId: string): void {
    this.#tell({ stage: 'DONE', modelId, done: 1, total: 1, bytesPerSecond: null, secondsLeft: 0 }, true);
  }

  switching(switchJobId: string): void {
    this.#tell({ switchJobId }, true);
  }

  #tell(fields: Partial<ModelProgress>, atOnce: boolean): void {
    const isOther = fields.stage !== undefined && fields.stage !== this.#progress.stage;
    this.#progress = { ...this.#progress, ...fields };
    const waitMs = this.#toldAt + EVERY_MS - this.#now();
    if (atOnce || isOther || waitMs <= 0) this.#tellNow();
    else this.#timer ??= setTimeout(() => this.#tellNow(), waitMs).unref();
  }

  #tellNow(): void {
    this.stop();
    this.#toldAt = this.#now();
    this.#report.model(this.#progress);
  }

  /** Stops reporting, since the job has ended. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
