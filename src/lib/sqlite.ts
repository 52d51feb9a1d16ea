import { Buffer } from 'node:buffer';
import Database from 'libsql';

export type SqliteValue = string | number | bigint | boolean | ArrayBuffer | Uint8Array | null;

export interface SqliteResult {
  readonly columns: readonly string[];
  /** Declared types; '' for an expression. */
  readonly columnTypes: readonly string[];
  /** Integers are bigint, blobs ArrayBuffer. */
  readonly rows: readonly (readonly unknown[])[];
  /** 0 for a statement that returns rows. */
  readonly rowsAffected: number;
}

/** Prepared statements kept: many more than there are in use, unless filters make new ones. */
const MAX_SELECTS = 100;

interface Select {
  readonly statement: Database.Statement;
  readonly columns: readonly string[];
}

/**
 * One connection to an SQLite file; the only user of libsql. Everything happens on the calling thread.
 *
 * Two things that libsql does not forgive are kept from it. A text that is not well-formed ends the process. And a
 * prepared statement that finds the database locked is not reset: it stays under way until the garbage collector
 * finds it, every later COMMIT fails, and a later write outside of a transaction is reported done and is not. So a
 * write lock is only ever asked for by `exec`, which resets what it ran, and writes run under it (`write`).
 */
export class Sqlite {
  readonly #db: Database.Database;
  readonly #selects = new Map<string, Select>();
  #sound = true;

  /**
   * Makes the file when it is not there.
   * @param waitMs how long a statement blocks the thread while another process holds the lock it needs
   * @throws SqliteError
   */
  constructor(path: string, waitMs = 0) {
    this.#db = new Database(path, { timeout: waitMs });
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  /** False once a statement may have been left unfinished: then only `close` can be trusted. */
  get sound(): boolean {
    return this.#sound;
  }

  /** Statements without parameters and results. @throws SqliteError */
  exec(sql: string): void {
    assertStorable(sql);
    this.#db.exec(sql);
  }

  /** One statement that reads, or whose lock is held already. @throws SqliteError */
  run(sql: string, args: readonly SqliteValue[] = []): SqliteResult {
    assertStorable(sql);
    const values = args.map(toSql);
    try {
      return this.#run(sql, values);
    } catch (error) {
      if (isBusy(error)) this.#sound = false;
      throw error;
    }
  }

  #run(sql: string, values: unknown[]): SqliteResult {
    const statement = this.#db.prepare(sql);
    if (!statement.reader) {
      const { changes } = statement.run(values);
      return { columns: [], columnTypes: [], rows: [], rowsAffected: changes };
    }
    const columns = statement.safeIntegers(true).raw(true).columns();
    return {
      columns: columns.map(({ name }) => name),
      columnTypes: columns.map(({ type }) => type ?? ''),
      rows: (statement.all(values) as unknown[][]).map((row) => row.map(fromSql)),
      rowsAffected: 0,
    };
  }

  /**
   * Rows of a statement that reads, by the names of their columns; integers are numbers, blobs Buffers. The statement
   * stays prepared for the next time. @throws SqliteError
   */
  select<Row>(sql: string, args: readonly SqliteValue[] = []): Row[] {
    const values = args.map(toSql);
    const select = this.#selects.get(sql) ?? this.#prepareSelect(sql);
    try {
      const rows = select.statement.all(values) as unknown[][];
      return rows.map(
        (row) => Object.fromEntries(select.columns.map((column, i) => [column, row[i]])) as Row,
      );
    } catch (error) {
      this.#selects.delete(sql);
      if (isBusy(error)) this.#sound = false;
      throw error;
    }
  }

  #prepareSelect(sql: string): Select {
    assertStorable(sql);
    const statement = this.#db.prepare(sql).raw(true);
    const select = { statement, columns: statement.columns().map(({ name }) => name) };
    if (this.#selects.size >= MAX_SELECTS) {
      const [oldest] = this.#selects.keys();
      if (oldest !== undefined) this.#selects.delete(oldest);
    }
    this.#selects.set(sql, select);
    return select;
  }

  /** One statement in a transaction of its own. @throws SqliteError */
  write(sql: string, args: readonly SqliteValue[] = []): SqliteResult {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = this.run(sql, args);
      this.commit();
      return result;
    } finally {
      this.rollback();
    }
  }

  /** @throws SqliteError; the transaction is then still open, or SQLite has ended it */
  commit(): void {
    try {
      this.exec('COMMIT');
    } catch (error) {
      if (isBusy(error)) this.#sound = false;
      throw error;
    }
  }

  /** Ends the transaction that is open, if there is one. */
  rollback(): void {
    if (!this.inTransaction) return;
    try {
      this.exec('ROLLBACK');
    } catch {
      this.#sound = false;
    }
  }

  close(): void {
    this.#selects.clear();
    if (this.#db.open) this.#db.close();
  }
}

const PRIMARY = 0xff;
const BUSY = 5;
const LOCKED = 6;
const FULL = 13;

/** Another connection holds a lock that is needed. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(primaryCode(error));

/** The disk, as far as SQLite can tell. */
export const isFull = (error: unknown): boolean => primaryCode(error) === FULL;

/** SQLite's result code without its extension; -1 for what is no error of SQLite. */
function primaryCode(error: unknown): number {
  if (!(error instanceof Error) || !('rawCode' in error)) return -1;
  return Number(error.rawCode) & PRIMARY;
}

/** The last line of defence: input is refused where it enters, with its name (`assertText`). */
function assertStorable(text: string): void {
  if (!text.isWellFormed()) throw new UnstorableText();
}

/** A text that is not well-formed was about to be given to the database. */
export class UnstorableText extends Error {
  override readonly name = 'UnstorableText';

  constructor() {
    super('Expected well-formed Unicode text');
  }
}

function toSql(value: SqliteValue): unknown {
  if (typeof value === 'string') assertStorable(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError('SQLite stores finite numbers only');
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return value instanceof ArrayBuffer ? Buffer.from(value) : value;
}

const fromSql = (value: unknown): unknown => (value instanceof Buffer ? value.buffer : value);
