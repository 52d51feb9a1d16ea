import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Longest time, in milliseconds, that background work blocks the event loop before it yields. */
const SLICE_MS = 2;

/** Tells long work on the serving thread when to yield: `if (pacer.due) await pacer.rest()`. */
export class Pacer {
  readonly #restMs: number;
  #since = performance.now();

  /** @param restPerSlice rest as a multiple of the time worked; 0 yields for one turn of the event loop only */
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
