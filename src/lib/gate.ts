/**
 * Lets many tasks run together, or one alone. A task that wants to be alone starts as soon as the running ones have
 * ended; later tasks wait for it, so that a steady stream cannot keep it out.
 */
export class Gate {
  #inside = 0;
  /** Settles when the last task that is or wants to be alone has ended; null if there is none. */
  #alone: Promise<void> | null = null;
  #emptied: (() => void) | null = null;

  /** Runs `task` together with others. Must not be called from within a task of either kind. */
  async together<Result>(task: () => Promise<Result>): Promise<Result> {
    while (this.#alone !== null) await this.#alone;
    this.#inside++;
    try {
      return await task();
    } finally {
      if (--this.#inside === 0) this.#emptied?.();
    }
  }

  /** Runs `task` while nothing else runs. Must not be called from within a task of either kind. */
  async alone<Result>(task: () => Promise<Result>): Promise<Result> {
    while (this.#alone !== null) await this.#alone;
    let leave!: () => void;
    this.#alone = new Promise((resolve) => (leave = resolve));
    try {
      if (this.#inside > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
      return await task();
    } finally {
      this.#emptied = null;
      this.#alone = null;
      leave();
    }
  }
}
