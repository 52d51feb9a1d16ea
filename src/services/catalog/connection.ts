import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import {
  isBusy,
  isFull,
  Sqlite,
  UnstorableText,
  type SqliteResult,
  type SqliteValue,
} from '../../lib/sqlite.js';
import { diskFull } from '../../lib/storage-full.js';

/** How long a write waits for a database that another process has locked. */
const WAIT_MS = 4000;
/** Between two attempts; the event loop runs meanwhile. */
const PAUSE_MS = 50;

/** The file that `file:<path>` names, absolute. A relative path is relative to the working directory. */
export function databasePath(databaseUrl: string): string {
  check(/^file:(?!:memory:)./.test(databaseUrl), 'databaseUrl', 'file:<path>');
  return resolve(databaseUrl.slice('file:'.length));
}

/**
 * A failure that Prisma passes on unchanged. It treats every error with a code, such as an AppError, as one of the
 * driver's and rewrites its message.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly reason: AppError) {
    super(reason.message);
  }
}

/**
 * A connection to the catalog's database. There is one for writing and one for reading committed data (`Reader`). One
 * writer is enough: the adapter's lock keeps Prisma's other statements out while a transaction is open, and `atOnce`
 * waits for its end. A transaction takes the write lock at its start, so that it cannot fail half-way because of a stale
 * read. Nothing here waits for a lock: `whenFree` does, without blocking the thread.
 */
export class Connection {
  readonly #path: string;
  readonly #readOnly: boolean;
  #db: Sqlite;
  /** Called when the open transaction has ended. None of them throws. */
  readonly #atEnd: (() => void)[] = [];

  /** @throws as `execute` */
  constructor(path: string, readOnly: boolean) {
    this.#path = path;
    this.#readOnly = readOnly;
    try {
      this.#db = this.#open();
    } catch (error) {
      throw refused(error);
    }
  }

  /** @throws Refusal SERVER_BUSY, STORAGE_FULL, BAD_USER_INPUT; SqliteError */
  execute(sql: string, args: readonly SqliteValue[] = []): SqliteResult {
    return this.#attempt((db) => (READS.test(sql) ? db.run(sql, args) : db.write(sql, args)));
  }

  /** The rows of a reading statement. @throws as `execute` */
  select<Row>(sql: string, args: readonly SqliteValue[]): Row[] {
    return this.#attempt((db) => db.select<Row>(sql, args));
  }

  /** Runs a script that ends every transaction it begins. @throws as `execute` */
  script(sql: string): void {
    this.#attempt((db) => {
      try {
        db.exec(sql);
      } finally {
        db.rollback();
      }
    });
  }

  /** Begins a transaction; SQLite throws if another one is open. @throws as `execute` */
  begin(): OpenTransaction {
    this.#attempt((db) => db.exec('BEGIN IMMEDIATE'));
    const db = this.#db;
    let failed = false;
    const within = <Result>(task: () => Result): Result => {
      // SQLite may end a transaction itself, for example on a full disk: later statements must not run outside it.
      if (failed || !db.inTransaction) throw new Error('The transaction has been rolled back.');
      try {
        return task();
      } catch (error) {
        failed = true;
        throw refused(error);
      }
    };
    const end = (): void => {
      db.rollback();
      while (!db.inTransaction && this.#atEnd.length > 0) this.#atEnd.shift()?.();
    };
    return {
      execute: (sql, args) => within(() => db.run(sql, args)),
      commit: () => {
        try {
          within(() => db.commit());
        } finally {
          end();
        }
      },
      rollback: end,
    };
  }

  /**
   * Runs a synchronous task in a transaction, after any open transaction has ended. Nothing else can run meanwhile, so it
   * needs no lock.
   * @throws what the task throws (then nothing is changed), and as `execute`
   */
  async atOnce<Result>(task: (execute: OpenTransaction['execute']) => Result): Promise<Result> {
    const transact = async (): Promise<Result> => {
      const { execute, commit, rollback } = this.begin();
      try {
        const result = task(execute);
        commit();
        return result;
      } finally {
        rollback();
      }
    };
    if (!this.#db.inTransaction) return transact();
    return new Promise((resolve) => this.#atEnd.push(() => resolve(transact())));
  }

  close(): void {
    this.#db.close();
  }

  /** Runs outside a transaction. */
  #attempt<Result>(task: (db: Sqlite) => Result): Result {
    try {
      if (!this.#db.sound) {
        this.#db.close();
        this.#db = this.#open();
      }
      return task(this.#db);
    } catch (error) {
      throw refused(error);
    }
  }

  #open(): Sqlite {
    const db = new Sqlite(this.#path);
    try {
      if (this.#readOnly) db.exec('PRAGMA query_only = ON');
      db.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384'); // KiB
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

/** Everything else needs the write lock. */
const READS = /^\s*(SELECT|VALUES|PRAGMA|EXPLAIN)\b/i;

export interface OpenTransaction {
  /** @throws as `Connection.execute`; the transaction can then only be rolled back */
  readonly execute: (sql: string, args?: readonly SqliteValue[]) => SqliteResult;
  /** @throws as `Connection.execute`; it is then rolled back */
  readonly commit: () => void;
  readonly rollback: () => void;
}

function refused(error: unknown): unknown {
  if (error instanceof UnstorableText) {
    const details = { rule: 'well-formed Unicode text' };
    return new Refusal(new AppError('BAD_USER_INPUT', error.message, { details }));
  }
  if (isBusy(error)) {
    const details = { retryAfterMs: 1000 };
    const message = 'Another program has locked the database.';
    return new Refusal(new AppError('SERVER_BUSY', message, { details, cause: error }));
  }
  return isFull(error) ? new Refusal(diskFull(error)) : error;
}

/** Retries a task for a while if the database is locked; other work continues between two attempts. */
export async function whenFree<Result>(task: () => Result | Promise<Result>): Promise<Result> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      const busy = error instanceof Refusal && error.reason.code === 'SERVER_BUSY';
      if (!busy || performance.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
