import type { Logger } from '../logger.js';
import type { Catalog, NewSearchRecord } from './catalog/types.js';
import { messageOf } from '../errors.js';

/** Records that may wait to be written. History is a convenience: when the disk cannot keep up, the oldest are let go. */
const MAX_PENDING = 1000;
const PRUNE_EVERY = 500;
/** Each write is a transaction that waits for the disk on the serving thread: few of them. */
const WRITE_EVERY_MS = 1000;

/**
 * Writes the search history behind the answers, in batches, so that no search waits for the disk.
 * `flush()` before a read gives every visitor their own searches back at once.
 */
export class SearchHistory {
  readonly #catalog: Catalog;
  readonly #limit: number;
  readonly #logger: Logger;
  #pending: NewSearchRecord[] = [];
  #writing: Promise<void> = Promise.resolve();
  #scheduled = false;
  #sincePrune = 0;

  constructor(options: { catalog: Catalog; limit: number; logger: Logger }) {
    this.#catalog = options.catalog;
    this.#limit = options.limit;
    this.#logger = options.logger;
  }

  record(search: NewSearchRecord): void {
    if (this.#limit === 0) return;
    if (this.#pending.length >= MAX_PENDING) this.#pending.shift();
    this.#pending.push(search);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /** Resolves when everything recorded so far is written (or, on a failing disk, logged and given up). */
  flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    this.#writing = this.#writing.then(() => this.#write(batch));
    return this.#writing;
  }

  async #write(batch: readonly NewSearchRecord[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      await this.#catalog.recordSearches(batch);
      this.#sincePrune += batch.length;
      if (this.#sincePrune < PRUNE_EVERY) return;
      this.#sincePrune = 0;
      await this.#catalog.pruneSearches(this.#limit);
    } catch (error) {
      this.#logger.error(
        { error: messageOf(error), searches: batch.length },
        'search history could not be written',
      );
    }
  }
}
