const WINDOW_MS = 15_000;
/** Less than this tells nothing. */
const SHORTEST_MS = 500;

/**
 * How fast things go now: items a second over the last quarter of a minute. The mean since the start would be far off
 * for long after a stretch of pictures that are known already and cost next to nothing.
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

  /** Items a second; 0 as long as nothing is known. */
  rate(done: number, atMs: number): number {
    const first = this.#samples[0];
    if (first === undefined || atMs - first.atMs < SHORTEST_MS) return 0;
    return ((done - first.done) * 1000) / (atMs - first.atMs);
  }
}
