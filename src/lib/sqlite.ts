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

/** Maximum number of prepared statements: far more than are in use, except for varying filters. */
const MAX_SELECTS = 100;

interface Select {
  readonly statement: Database.Statement;
  readonly columns: readonly string[];
}

/**
 * One connection to an SQLite file; the only user of libsql. Everything runs on the calling thread.
 *
 * It protects against two faults of libsql. Text that is not well-formed ends the process. And a prepared statement that
 * finds the database locked is not reset: it stays active until it is garbage-collected, every later COMMIT fails, and a
 * later write outside a transaction reports success but is lost. So only `exec`, which resets its statements, requests
 * a write lock, and writes run under that lock (`write`).
 */
export class Sqlite {
  readonly #db: Database.Database;
  readonly #selects = new Map<string, Select>();
  #sound = true;

  /**
   * Creates the file if it is missing.
   * @param waitMs how long a statement blocks the thread while another process holds the lock it needs
   * @throws SqliteError
   */
  constructor(path: string, waitMs = 0) {
    this.#db = new Database(path, { timeout: waitMs });
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  /** False once a statement may be unfinished: then only `close` is safe. */
  get sound(): boolean {
    return this.#sound;
  }

  /** Statements without parameters and results. @throws SqliteError */
  exec(sql: string): void {
    assertStorable(sql);
    this.#db.exec(sql);
  }

  /** One statement that reads, or whose lock is already held. @throws SqliteError */
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
   * Rows of a reading statement as objects by column name; integers are numbers, blobs Buffers. The statement stays
   * prepared. @throws SqliteError
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

  /** Ends the open transaction, if there is one. */
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

/** Whether another connection holds the needed lock. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(primaryCode(error));

/** Whether SQLite reports a full disk. */
export const isFull = (error: unknown): boolean => primaryCode(error) === FULL;

/** SQLite's primary result code; -1 if it is not an error of SQLite. */
function primaryCode(error: unknown): number {
  if (!(error instanceof Error) || !('rawCode' in error)) return -1;
  return Number(error.rawCode) & PRIMARY;
}

/** The last line of defence; input is normally refused where it enters, with its name (`assertText`). */
function assertStorable(text: string): void {
  if (!text.isWellFormed()) throw new UnstorableText();
}

/** Text that is not well-formed must not reach the database. */
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
