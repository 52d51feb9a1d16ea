import type { ImageRow } from './types.js';

/** About 0.7 KB each with its tags. */
const MOST_ROWS = 100_000;

/**
 * Caches rows of pictures, for the one process that writes the database. Each change of a picture drops its row. Rows
 * read while anything changed are not kept, because they may be out of date.
 */
export class RowCache {
  readonly #most: number;
  /** In the order they were read. */
  readonly #rows = new Map<number, ImageRow>();
  /** The number of pictures; null while unknown. */
  #count: number | null = null;
  #changesUnderWay = 0;
  #changes = 0;

  /** @param most maximum number of rows kept; 0 for a process that reads what another one writes */
  constructor(most = MOST_ROWS) {
    this.#most = most;
  }

  /** @returns rows in the order of the ids, without those that `read` does not find */
  async byIds(
    ids: readonly number[],
    read: (missing: readonly number[]) => Promise<readonly ImageRow[]>,
  ): Promise<ImageRow[]> {
    // Read before awaiting: they may be dropped meanwhile.
    const held = ids.map((id) => this.#rows.get(id));
    const missing = ids.filter((_, i) => held[i] === undefined);
    if (missing.length === 0) return held.filter((row) => row !== undefined);
    const rows = await this.#read(
      () => read(missing),
      (found) => found.forEach((row) => this.#keep(row)),
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id, i) => held[i] ?? found.get(id)).filter((row) => row !== undefined);
  }

  async count(read: () => Promise<number>): Promise<number> {
    return this.#count ?? (await this.#read(read, (count) => (this.#count = count)));
  }

  /**
   * Runs a change of pictures.
   * @param idsOf the ids that change and already have a row, or a function that finds them in the result; if the change
   *   fails, the function cannot be called, and all rows are dropped
   */
  async change<Result>(
    idsOf: readonly number[] | ((result: Result) => readonly number[]),
    task: () => Promise<Result>,
  ): Promise<Result> {
    this.#changesUnderWay++;
    let ids = typeof idsOf === 'function' ? null : idsOf;
    try {
      const result = await task();
      if (typeof idsOf === 'function') ids = idsOf(result);
      return result;
    } finally {
      this.#changesUnderWay--;
      this.#changes++;
      this.#count = null;
      if (ids === null) this.#rows.clear();
      else for (const id of ids) this.#rows.delete(id);
    }
  }

  /** @param keep called if nothing changed during the read */
  async #read<Value>(read: () => Promise<Value>, keep: (value: Value) => void): Promise<Value> {
    const isQuiet = this.#changesUnderWay === 0;
    const changes = this.#changes;
    const value = await read();
    if (isQuiet && changes === this.#changes && this.#changesUnderWay === 0 && this.#most > 0) keep(value);
    return value;
  }

  #keep(row: ImageRow): void {
    if (this.#rows.size >= this.#most) {
      const [oldest] = this.#rows.keys();
      if (oldest !== undefined) this.#rows.delete(oldest);
    }
    this.#rows.set(row.id, row);
  }
}
