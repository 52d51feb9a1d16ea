import { Serial } from '../../lib/serial.js';
import type { Logger } from '../../logger.js';
import type { NewSearchRecord } from '../catalog/search-types.js';
import type { Catalog } from '../catalog/types.js';
import { AppError, messageOf, type ErrorCode } from '../../errors.js';

/** Records that may wait to be written. History is a convenience: if the disk cannot keep up, the oldest are dropped. */
const MAX_PENDING = 1000;
const PRUNE_EVERY = 500;
/** Writes are rare, since each is a transaction that waits for the disk on the serving thread. */
const WRITE_EVERY_MS = 1000;
/** Written in one transaction, so that it is known which records could not be written. */
const RECORDS_AT_ONCE = 100;
/** While the disk is full or another program has locked the database. */
const RETRY_AFTER_MS = 5000;

/**
 * Writes the search history in batches after the answers, so that no search waits for the disk.
 * `flush()` before a read makes every visitor's searches visible at once.
 */
export class SearchHistory {
  readonly #catalog: Catalog;
  readonly #limit: number;
  readonly #logger: Logger;
  #pending: NewSearchRecord[] = [];
  readonly #writing = new Serial();
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
    this.#schedule(WRITE_EVERY_MS);
  }

  #schedule(inMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = (): void => {
      this.flush().catch((error: unknown) =>
        this.#logger.error({ error: messageOf(error) }, 'search history'),
      );
    };
    setTimeout(flush, inMs).unref();
  }

  /**
   * Resolves when everything recorded so far has been written or has failed. What failed is kept for a retry if that may
   * help, and otherwise dropped. Never rejects.
   */
  flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    return this.#writing.run(() => this.#write(batch));
  }

  /** Drops some or all of a visitor's records that still wait to be written. @returns how many */
  forget(visitorId: string, ids?: readonly string[]): number {
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(
      (search) => search.visitorId !== visitorId || (ids !== undefined && !ids.includes(search.id)),
    );
    return before - this.#pending.length;
  }

  async #write(batch: readonly NewSearchRecord[]): Promise<void> {
    let written = 0;
    try {
      while (written < batch.length) {
        await this.#catalog.searches.record(batch.slice(written, written + RECORDS_AT_ONCE));
        written = Math.min(batch.length, written + RECORDS_AT_ONCE);
      }
      this.#sincePrune += batch.length;
      if (this.#sincePrune < PRUNE_EVERY) return;
      this.#sincePrune = 0;
      await this.#catalog.searches.prune(this.#limit);
    } catch (error) {
      const left = batch.slice(written);
      const later = error instanceof AppError && KEPT_FOR_LATER.has(error.code);
      if (later) this.#pending = [...left, ...this.#pending].slice(-MAX_PENDING);
      if (later && left.length > 0) this.#schedule(RETRY_AFTER_MS);
      this.#logger.error(
        { error: messageOf(error), searches: left.length, later },
        'search history could not be written',
      );
    }
  }
}

const KEPT_FOR_LATER: ReadonlySet<ErrorCode> = new Set(['SERVER_BUSY', 'STORAGE_FULL'] as const);
