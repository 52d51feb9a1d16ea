/**
 * Many may be inside together, or one alone. One that wants to be alone is let in as soon as those inside have left;
 * later tasks wait, so that a steady stream of them cannot keep it out.
 */
export class Gate {
  #inside = 0;
  /** Settles when the last of those alone, or waiting to be, has left; null when there is none. */
  #alone: Promise<void> | null = null;
  #emptied: (() => void) | null = null;

  /** Runs `task` beside others. Must not be called from within a task of either kind. */
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
