import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time, in milliseconds, that background work holds the event loop before it lets others in. */
const SLICE_MS = 2;

/** Tells long work on the serving thread when to stand aside: `if (pacer.due) await pacer.rest()`. */
export class Pacer {
  #since = performance.now();

  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  async rest(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
