/** Runs asynchronous tasks one after the other, in order of arrival. A failure affects only its own task. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Tasks that run or wait. */
  get length(): number {
    return this.#waiting;
  }

  run<T>(task: () => T | Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#tail.then(task).finally(() => this.#waiting--);
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Resolves when all tasks added so far have ended, whatever their outcome. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
