import { resolve } from 'node:path';
import { createClient, type Client, type Transaction } from '@libsql/client';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { check } from '../../lib/check.js';

/** The file that `file:<path>` names, absolute. A relative path is relative to the working directory. */
export function databasePath(databaseUrl: string): string {
  check(/^file:(?!:memory:)./.test(databaseUrl), 'databaseUrl', 'file:<path>');
  return resolve(databaseUrl.slice('file:'.length));
}

/**
 * The one connection of a catalog. As shipped, the client gives its connection away with every transaction and opens
 * another: PRAGMAs are lost, and the old ones stay open until they are garbage. The adapter's own lock keeps every
 * other statement out while a transaction is open, so one connection is enough; and a transaction takes the write
 * lock at its start, so that it cannot fail for a stale read half-way.
 *
 * Integers come back exact (`bigint`); a locked database is waited for, since the CLI may read beside the server.
 */
export function openConnection(path: string): Client {
  const client = createClient({ url: `file:${encodeURIComponent(path)}`, intMode: 'bigint', timeout: 5000 });
  client.transaction = () => begin(client);
  return client;
}

/** Prisma's libsql adapter over a connection that is open already. Prisma closes it. */
export class ConnectionAdapter extends PrismaLibSql {
  readonly #connection: Client;

  constructor(connection: Client) {
    super({ url: ':memory:' }); // never opened
    this.#connection = connection;
  }

  override createClient(): Client {
    return this.#connection;
  }
}

async function begin(client: Client): Promise<Transaction> {
  await client.execute('BEGIN IMMEDIATE');
  let closed = false;
  const rollback = async (): Promise<void> => {
    closed = true;
    await client.execute('ROLLBACK');
  };
  return {
    get closed() {
      return closed;
    },
    execute: (statement) => client.execute(statement),
    batch: (statements) => client.batch(statements),
    executeMultiple: (sql) => client.executeMultiple(sql),
    async commit() {
      try {
        await client.execute('COMMIT');
        closed = true;
      } catch (error) {
        await rollback().catch(() => {}); // SQLite may have rolled back already, on a full disk for one
        throw error;
      }
    },
    rollback,
    close() {
      if (!closed) void rollback().catch(() => {});
    },
  };
}
