import { AppError } from '../../errors.js';
import type { FlatStore } from './flat-store.js';
import { Pacer } from '../../lib/pacer.js';
import { Serial } from '../../lib/serial.js';
import { scanRows, type Visitor } from './scan-rows.js';
import { TopNeighbours } from './top-neighbours.js';
import type { Neighbour } from './vector-index.js';

/**
 * This many multiplications take 2 to 3 ms in JavaScript, as long as a graph search in a large gallery; a fifth of that
 * with WebAssembly.
 */
export const QUICK_PRODUCTS = 2_500_000;
/** Maximum number of waiting long scans; one of 100,000 x 768 takes about 0.1 s. */
const MAX_WAITING = 256;

/**
 * Compares every vector, or every allowed one. Long scans yield to the event loop every few milliseconds, and run one
 * after the other: in parallel, each would block every turn of the loop for its own slice. A scan may miss or see
 * vectors that are added or removed while it yields; it sees all others.
 */
export class ExactSearch {
  readonly #store: FlatStore;
  readonly #quickProducts: number;
  readonly #queue = new Serial();

  /** @param quickProducts scans with at most this many multiplications run at once */
  constructor(store: FlatStore, quickProducts = QUICK_PRODUCTS) {
    this.#store = store;
    this.#quickProducts = quickProducts;
  }

  /** @throws AppError SERVER_BUSY if too many scans wait */
  async nearest(query: Float32Array, k: number, allowed?: ReadonlySet<number>): Promise<Neighbour[]> {
    const top = new TopNeighbours(k);
    await this.#scan(query, allowed, {
      wants: (cosine, error) => cosine + error >= top.least,
      visit: (label, cosine) => top.offer(label, cosine),
    });
    return top.sorted();
  }

  /** @throws AppError SERVER_BUSY if too many scans wait */
  async countAbove(query: Float32Array, minCosine: number, allowed?: ReadonlySet<number>): Promise<number> {
    let count = 0;
    await this.#scan(query, allowed, {
      wants: (cosine, error) => {
        if (Math.min(1, cosine - error) < minCosine) return cosine + error >= minCosine;
        count++;
        return false;
      },
      visit: (_label, cosine) => {
        if (cosine >= minCosine) count++;
      },
    });
    return count;
  }

  /** @throws AppError SERVER_BUSY if too many scans wait */
  async cosines(query: Float32Array, labels: ReadonlySet<number>): Promise<Map<number, number>> {
    const cosines = new Map<number, number>();
    await this.#scan(query, labels, {
      visit: (label, cosine) => cosines.set(label, cosine),
    });
    return cosines;
  }

  /** Resolves when no scan is running. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #scan(
    query: Float32Array,
    allowed: ReadonlySet<number> | undefined,
    visitor: Visitor,
  ): Promise<void> {
    const steps = scanRows(this.#store, query, visitor, allowed);
    const products = (allowed?.size ?? this.#store.rowCount) * query.length;
    if (products <= this.#quickProducts) {
      while (!steps.next().done);
      return;
    }
    if (this.#queue.length >= MAX_WAITING) {
      throw new AppError('SERVER_BUSY', 'Too many exact searches are waiting.', {
        details: { retryAfterMs: 1000 },
      });
    }
    await this.#queue.run(async () => {
      const unpin = this.#store.pin();
      try {
        const pacer = new Pacer();
        while (!steps.next().done) if (pacer.due) await pacer.rest();
      } finally {
        unpin();
      }
    });
  }
}
