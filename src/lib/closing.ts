/** A stack of things to close; the last one opened is closed first. */
export class Closing {
  readonly #steps: (() => Promise<void>)[] = [];
  #closed: Promise<void> | null = null;

  add<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.#steps.push(() => part.close());
    return part;
  }

  step(close: () => Promise<void>): void {
    this.#steps.push(close);
  }

  /** Runs every step once, however often it is called; throws the first failure after all have run. */
  close(): Promise<void> {
    return (this.#closed ??= this.#run());
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
