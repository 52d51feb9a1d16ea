import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Longest time, in milliseconds, that background work holds the event loop before it lets others in. */
const SLICE_MS = 2;

/** Tells long work on the serving thread when to stand aside: `if (pacer.due) await pacer.rest()`. */
export class Pacer {
  readonly #restMs: number;
  #since = performance.now();

  /** @param restPerSlice rests for this many times as long as it works; 0 to rest for a turn of the event loop only */
  constructor(restPerSlice = 0) {
    this.#restMs = restPerSlice * SLICE_MS;
  }

  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  async rest(): Promise<void> {
    await (this.#restMs === 0 ? nextTurn() : sleep(this.#restMs));
    this.#since = performance.now();
  }
}
