import type { SqliteValue } from '../../lib/sqlite.js';
import { whenFree, type Connection } from './connection.js';
import type { Prisma } from './generated/client.js';

/**
 * Reads rows without Prisma, whose overhead per statement exceeds SQLite's own work, and on a connection of its own. It
 * sees only committed data, never an open transaction.
 */
export class Reader {
  readonly #connection: Connection;

  /** @param connection used by nothing else, opened for reading only */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Rows as objects by column name: integers as numbers, times as the stored text, blobs as Buffers. */
  rows<Row>(statement: Prisma.Sql): Promise<Row[]> {
    const values = statement.values as SqliteValue[];
    return whenFree(() => this.#connection.select<Row>(statement.sql, values));
  }

  close(): void {
    this.#connection.close();
  }
}
