import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type Row } from '@libsql/client';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { silentLogger } from '../../src/logger.js';
import { addImages, MIGRATIONS_DIR, openTestCatalog } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

const NEXT = '29990101000000_next';

let dir: string;
let migrationsDir: string;

/** Each test has migrations of its own to add to and to spoil. */
beforeEach(async () => {
  dir = await temporaryDir();
  migrationsDir = join(dir, 'migrations');
  await cp(MIGRATIONS_DIR, migrationsDir, { recursive: true });
});

const open = (readOnly = false): Promise<Catalog> =>
  openCatalog({
    databaseUrl: `file:${join(dir, 'likeness.db')}`,
    migrationsDir,
    logger: silentLogger,
    readOnly,
  });

const openAndClose = async (): Promise<void> => (await open()).close();

async function addMigration(sql: string, name = NEXT): Promise<string> {
  await mkdir(join(migrationsDir, name));
  const file = join(migrationsDir, name, 'migration.sql');
  await writeFile(file, sql);
  return file;
}

async function query(sql: string): Promise<Row[]> {
  const client = createClient({ url: `file:${join(dir, 'likeness.db')}` });
  try {
    return (await client.execute(sql)).rows;
  } finally {
    client.close();
  }
}

const columnsOf = async (table: string): Promise<unknown[]> =>
  (await query(`SELECT name FROM pragma_table_info('${table}')`)).map(({ name }) => name);

const migrationNames = async (): Promise<string[]> =>
  (await readdir(migrationsDir)).filter((name) => /^\d/.test(name)).sort();

test('a new database gets every migration, recorded as Prisma does', async () => {
  await openAndClose();
  const rows = await query('SELECT * FROM _prisma_migrations ORDER BY migration_name');
  expect(rows.map((row) => row['migration_name'])).toEqual(await migrationNames());
  const [row] = rows;
  const sql = await readFile(join(migrationsDir, row?.['migration_name'] as string, 'migration.sql'));
  expect(row).toMatchObject({
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    checksum: createHash('sha256').update(sql).digest('hex'),
    finished_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    rolled_back_at: null,
    applied_steps_count: 1,
  });
});

test('the database has the tables and columns of the Prisma schema', async () => {
  await openAndClose();
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  const models = [...schema.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)].map(([, body]) => body as string);
  expect(models.length).toBeGreaterThan(5);
  for (const body of models) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1] as string;
    const fields = [...body.matchAll(/^ {2}(\w+) +(?:Int|String|DateTime|Float|Bytes|Boolean)\b/gm)].map(
      ([, name]) => name,
    );
    expect((await columnsOf(table)).sort()).toEqual(fields.sort());
  }
});

test('a second start does nothing', async () => {
  await openAndClose();
  const before = await query('SELECT * FROM _prisma_migrations');
  await openAndClose();
  expect(await query('SELECT * FROM _prisma_migrations')).toEqual(before);
});

test('an older database keeps its rows and gets what is new, in order, also a rebuilt table', async () => {
  const catalog = await openTestCatalog(dir);
  await addImages(catalog, ['a'], { tags: ['t'] });
  await catalog.close();
  await addMigration("INSERT INTO meta VALUES ('order', '2');\n-- last line without end", `${NEXT}_b`);
  await addMigration(
    `CREATE TABLE "new_images" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "sha256" TEXT, "title" TEXT, "titleKey" TEXT,
       "width" INTEGER, "height" INTEGER, "format" TEXT, "bytes" INTEGER, "createdAt" DATETIME,
       "stored" BOOLEAN, "missing" BOOLEAN, "version" INTEGER, "takenLocal" TEXT, "takenOffset" INTEGER, "takenKey" TEXT,
       "takenFrom" TEXT, "camera" TEXT, "lens" TEXT, "exposureTime" REAL, "fNumber" REAL, "iso" INTEGER, "focalLength" REAL,
       "latitude" REAL, "longitude" REAL, "altitude" REAL, "rating" INTEGER, "favorite" BOOLEAN, "factsRead" INTEGER,
       "titleOrder" TEXT);
     INSERT INTO "new_images" SELECT * FROM "images";
     DROP TABLE "images";
     ALTER TABLE "new_images" RENAME TO "images";
     CREATE TABLE "later" ("a" TEXT PRIMARY KEY);`,
    `${NEXT}_a`,
  );
  const again = await open();
  expect(await again.facts.get('order')).toBe('2');
  expect(await again.images.list({ first: 2, orderBy: 'NEWEST' })).toMatchObject({
    edges: [{ node: { title: 'a', tags: ['t'] } }], // dropping the table did not cascade
  });
  await again.close();
  expect(await columnsOf('later')).toEqual(['a']);
});

describe('refused', () => {
  test('a migration that was edited after it was applied', async () => {
    await openAndClose();
    const file = await addMigration('CREATE TABLE "x" ("a" TEXT);');
    await openAndClose();
    await appendFile(file, '-- edited');
    await expect(open()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('edited'),
      details: { migration: NEXT },
    });
  });

  test('a database that a newer version has migrated, by writers and readers', async () => {
    await addMigration('CREATE TABLE "x" ("a" TEXT);');
    await openAndClose();
    await rm(join(migrationsDir, NEXT), { recursive: true });
    for (const readOnly of [false, true]) {
      await expect(open(readOnly)).rejects.toMatchObject({
        code: 'DATABASE_TOO_NEW',
        details: { migration: NEXT },
      });
    }
  });

  test('an older database, by readers only', async () => {
    await openAndClose();
    await addMigration('CREATE TABLE "x" ("a" TEXT);');
    await expect(open(true)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('older version'),
    });
    expect(await columnsOf('x')).toEqual([]);
    await openAndClose();
    expect(await columnsOf('x')).toEqual(['a']);
  });

  test("a migration that Prisma's own engine left half done", async () => {
    await openAndClose();
    await query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(open()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('has failed'),
    });
  });

  test("a database with somebody else's tables", async () => {
    await query('CREATE TABLE "theirs" ("a" TEXT)');
    await expect(open()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('not a database of Likeness'),
    });
    expect(await columnsOf('images')).toEqual([]);
  });
});

test('a migration that fails is rolled back whole, what came before it stays, and a mended one is applied', async () => {
  await addMigration('CREATE TABLE "first" ("a" TEXT);', '29980101000000_fine');
  const file = await addMigration('CREATE TABLE "half" ("a" TEXT);\nINSERT INTO nowhere VALUES (1);');
  await expect(open()).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringMatching(/rolled back: .*nowhere/),
    details: { migration: NEXT },
  });
  expect(await columnsOf('first')).toEqual(['a']);
  expect(await columnsOf('half')).toEqual([]);
  const applied = await query('SELECT migration_name FROM _prisma_migrations');
  expect(applied).toHaveLength((await migrationNames()).length - 1); // all but the one that fails
  await writeFile(file, 'CREATE TABLE "half" ("b" TEXT);');
  await openAndClose();
  expect(await columnsOf('half')).toEqual(['b']);
});
