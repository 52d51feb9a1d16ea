import type { IndexLog } from './index-log.js';

/** Progress of building a graph; each tenth is logged once. */
export class BuildProgress {
  readonly #log: IndexLog;
  #part: number | null = null;

  constructor(log: IndexLog) {
    this.#log = log;
  }

  /** Share of the vectors in the graph, 0..1; null while none is being built. */
  get part(): number | null {
    return this.#part;
  }

  set part(part: number | null) {
    const tenth = Math.floor(10 * (part ?? 0));
    const isNew = tenth > Math.floor(10 * (this.#part ?? 0));
    this.#part = part;
    if (isNew && tenth < 10) this.#log.say({ percent: 10 * tenth }, 'The graph of the index is being built');
  }
}
