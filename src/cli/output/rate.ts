const WINDOW_MS = 15_000;
/** A shorter span is not measured. */
const SHORTEST_MS = 500;

/**
 * The current rate: items per second over the last 15 seconds. After many known pictures, which cost almost nothing,
 * the mean since the start would be far off for a long time.
 */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly done: number }[] = [];

  /** @param atMs of a monotonic clock */
  record(done: number, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < 100) return; // enough resolution, and few samples
    this.#samples.push({ atMs, done });
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) > WINDOW_MS)
      this.#samples.shift();
  }

  /** Items per second; 0 while unknown. */
  rate(done: number, atMs: number): number {
    const first = this.#samples[0];
    if (first === undefined || atMs - first.atMs < SHORTEST_MS) return 0;
    return ((done - first.done) * 1000) / (atMs - first.atMs);
  }
}
