import type { SqliteValue } from '../../lib/sqlite.js';
import { whenFree, type Connection } from './connection.js';
import type { Prisma } from './generated/client.js';

/**
 * Reads rows beside the connection that writes, past Prisma, whose work on a statement takes longer than SQLite's own. It
 * sees what is committed when it is asked, never a transaction that is still open.
 */
export class Reader {
  readonly #connection: Connection;

  /** @param connection of its own, opened for reading only */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Rows by the names of their columns: integers as numbers, times as the text they are stored as, blobs as Buffers. */
  rows<Row>(statement: Prisma.Sql): Promise<Row[]> {
    const values = statement.values as SqliteValue[];
    return whenFree(() => this.#connection.select<Row>(statement.sql, values));
  }

  close(): void {
    this.#connection.close();
  }
}
