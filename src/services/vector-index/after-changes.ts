export interface AfterChangesOptions {
  /** Quiet time after a change before the work is done, in milliseconds. */
  readonly afterMs: number;
  /** Longest time a change waits while others keep coming, in milliseconds. */
  readonly atMostMs: number;
  /** Rest after a run, as a multiple of its duration: during an import, a large gallery gets it less often. */
  readonly restPerRun: number;
}

/** Does some work a while after the last change, not too long after the first, and not too often. */
export class AfterChanges {
  readonly #options: AfterChangesOptions;
  readonly #work: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #firstChange: number | null = null;
  #notBefore = 0;
  #running = false;
  #stopped = false;

  /** `work` must not reject. */
  constructor(options: AfterChangesOptions, work: () => Promise<void>) {
    this.#options = options;
    this.#work = work;
  }

  changed(): void {
    if (this.#stopped) return;
    const now = performance.now();
    this.#firstChange ??= now;
    if (this.#running) return; // the timer is set when the run ends
    const due = Math.min(now + this.#options.afterMs, this.#firstChange + this.#options.atMostMs);
    clearTimeout(this.#timer ?? undefined);
    const run = (): void => {
      this.#run().catch(() => {}); // the work reports its failures
    };
    this.#timer = setTimeout(run, Math.max(due, this.#notBefore) - now);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer ?? undefined);
  }

  async #run(): Promise<void> {
    this.#firstChange = null;
    this.#running = true;
    const start = performance.now();
    await this.#work();
    const end = performance.now();
    this.#notBefore = end + this.#options.restPerRun * (end - start);
    this.#running = false;
    if (this.#firstChange !== null) this.changed();
  }
}
