import type { Client, ResultSet, Transaction } from '@libsql/client';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import type { SqliteValue } from '../../lib/sqlite.js';
import { whenFree, type Connection } from './connection.js';

/** Prisma's libsql adapter over a connection that is already open. Prisma closes it. */
export class ConnectionAdapter extends PrismaLibSql {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super({ url: ':memory:' }); // never opened
    this.#connection = connection;
  }

  override createClient(): Client {
    return clientOf(this.#connection);
  }

  /** A call that finds the database locked waits outside the adapter's own lock, so that reads continue. */
  override async connect(): ReturnType<PrismaLibSql['connect']> {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    const executeRaw = adapter.executeRaw.bind(adapter);
    const startTransaction = adapter.startTransaction.bind(adapter);
    adapter.queryRaw = (query) => whenFree(() => queryRaw(query));
    adapter.executeRaw = (query) => whenFree(() => executeRaw(query));
    adapter.startTransaction = (level) => whenFree(() => startTransaction(level));
    return adapter;
  }
}

/** The part of libsql's client that the adapter uses. */
type UsedClient = Pick<Client, 'execute' | 'transaction' | 'executeMultiple' | 'close'>;
type UsedTransaction = Pick<Transaction, 'execute' | 'commit' | 'rollback'>;
type Statement = { readonly sql: string; readonly args: SqliteValue[] };

function clientOf(connection: Connection): Client {
  const client: UsedClient = {
    execute: async (statement: unknown) => {
      const { sql, args } = statement as Statement;
      return connection.execute(sql, args) as unknown as ResultSet;
    },
    executeMultiple: async (script) => connection.script(script),
    transaction: async () => {
      const open = connection.begin();
      const transaction: UsedTransaction = {
        execute: async (statement: unknown) => {
          const { sql, args } = statement as Statement;
          return open.execute(sql, args) as unknown as ResultSet;
        },
        commit: async () => open.commit(),
        rollback: async () => open.rollback(),
      };
      return transaction as Transaction;
    },
    close: () => connection.close(),
  };
  return client as Client;
}
