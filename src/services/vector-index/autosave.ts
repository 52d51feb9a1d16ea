export interface AutosaveOptions {
  /** Quiet time after a change before it is saved, in milliseconds. */
  readonly afterMs: number;
  /** Longest time a change waits while others keep coming, in milliseconds. */
  readonly atMostMs: number;
}

/** Saving is kept below one part in so many of the time: a large gallery under import is saved less often. */
const REST_PER_SAVE = 20;

/** Decides when to save: some time after the last change, not too long after the first, not too often. */
export class Autosave {
  readonly #options: AutosaveOptions;
  readonly #save: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #firstChange: number | null = null;
  #notBefore = 0;
  #stopped = false;

  /** `save` must not reject. */
  constructor(options: AutosaveOptions, save: () => Promise<void>) {
    this.#options = options;
    this.#save = save;
  }

  changed(): void {
    if (this.#stopped) return;
    const now = performance.now();
    this.#firstChange ??= now;
    const due = Math.min(now + this.#options.afterMs, this.#firstChange + this.#options.atMostMs);
    clearTimeout(this.#timer ?? undefined);
    const run = (): void => {
      this.#run().catch(() => {}); // `save` says what fails
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
    const start = performance.now();
    await this.#save();
    const end = performance.now();
    this.#notBefore = end + REST_PER_SAVE * (end - start);
  }
}
