import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { Refusal, type Connection } from './connection.js';

/**
 * Prisma's own table, so that Prisma's tools accept our databases. `prisma migrate` itself needs a binary that has to
 * be downloaded; applying a folder of SQL files in order does not.
 */
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  TEXT PRIMARY KEY NOT NULL,
    "checksum"            TEXT NOT NULL,
    "finished_at"         DATETIME,
    "migration_name"      TEXT NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      DATETIME,
    "started_at"          DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
  )`;

interface Migration {
  /** Folder name: `<14 digits>_<what it does>`; their order is the order of application. */
  readonly name: string;
  readonly sql: string;
  /** Hex sha256 of migration.sql, as Prisma records it. */
  readonly checksum: string;
}

export interface MigrateOptions {
  readonly connection: Connection;
  /** The file, for messages. */
  readonly path: string;
  readonly migrationsDir: string;
  readonly logger: Logger;
  /** Only checks whether the database has this version. */
  readonly readOnly: boolean;
}

/**
 * Applies the pending migrations, forward only. Each migration and its record are one transaction.
 *
 * @throws AppError DATABASE_TOO_NEW when a newer version has migrated it; STORAGE_FAILED when a migration was edited
 * after it was applied, has failed, or fails now (earlier ones stay applied), when the file contains another program's
 * tables, and for a reader when migrations are pending
 */
export async function migrate({
  connection,
  path,
  migrationsDir,
  logger,
  readOnly,
}: MigrateOptions): Promise<void> {
  const migrations = await readMigrations(migrationsDir);
  const applied = appliedMigrations(connection, path);
  assertKnown(applied, migrations, path);
  const pending = migrations.filter(({ name }) => !applied.has(name));
  if (pending.length === 0) return;
  if (readOnly) {
    throw storageFailed(
      `The database is of an older version: ${path}. Start the server once to bring it up to date.`,
      { path },
    );
  }
  connection.execute(CREATE_TABLE);
  for (const migration of pending) {
    apply(connection, migration, path);
    logger.info({ migration: migration.name }, 'database migrated');
  }
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && /^\d{14}_\w+$/.test(entry.name));
  const read = names.map(async ({ name }) => {
    const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
  return (await Promise.all(read)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Applied {
  readonly checksum: string;
  readonly finished: boolean;
}

function appliedMigrations(connection: Connection, path: string): Map<string, Applied> {
  const { rows: tables } = connection.execute(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'",
  );
  if (!tables.some(([name]) => name === '_prisma_migrations')) {
    if (tables.length === 0) return new Map();
    throw storageFailed(`This is not a database of Likeness: ${path}. Choose another file.`, { path });
  }
  const { rows } = connection.execute(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return new Map(
    rows.map(([name, checksum, finishedAt]) => [
      name as string,
      { checksum: checksum as string, finished: finishedAt !== null },
    ]),
  );
}

function assertKnown(applied: Map<string, Applied>, migrations: readonly Migration[], path: string): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const [name, { checksum, finished }] of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new AppError(
        'DATABASE_TOO_NEW',
        `The database was written by a newer version of Likeness (${name}): ${path}. Update Likeness, or use another database.`,
        { details: { path, migration: name } },
      );
    }
    if (!finished) {
      throw storageFailed(
        `Migration ${name} has failed on this database: ${path}. Restore it from a backup.`,
        {
          path,
          migration: name,
        },
      );
    }
    if (checksum !== migration.checksum) {
      throw storageFailed(
        `Migration ${name} was edited after it was applied to ${path}. Restore the file; put changes into a new migration.`,
        { path, migration: name },
      );
    }
  }
}

/** A failure rolls back. */
function apply(connection: Connection, { name, sql, checksum }: Migration, path: string): void {
  const now = new Date().toISOString();
  const record = `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES ('${randomUUID()}', '${checksum}', '${name}', '${now}', '${now}', 1)`;
  connection.execute('PRAGMA foreign_keys = OFF'); // tables may be rebuilt; cannot be set within a transaction
  try {
    connection.script(`BEGIN IMMEDIATE;\n${sql}\n;${record};\nCOMMIT;`);
  } catch (error) {
    if (error instanceof Refusal) throw error; // locked, or disk full: the same migration may succeed later
    throw storageFailed(`Migration ${name} failed and was rolled back: ${messageOf(error)} (${path})`, {
      path,
      migration: name,
      cause: error,
    });
  } finally {
    connection.execute('PRAGMA foreign_keys = ON');
  }
}

function storageFailed(message: string, { cause, ...details }: Record<string, unknown>): AppError {
  return new AppError('STORAGE_FAILED', message, { details, cause });
}
