import { beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { Sqlite } from '../../src/lib/sqlite.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let path: string;
let writer: Sqlite;
let reader: Sqlite;

beforeEach(async () => {
  path = join(await temporaryDir(), 'rows.db');
  writer = new Sqlite(path);
  writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, data BLOB)');
  reader = new Sqlite(path);
  reader.exec('PRAGMA query_only = ON');
});

describe('a select', () => {
  test('gives rows by name: integers as numbers, blobs as Buffers', () => {
    writer.write('INSERT INTO rows VALUES (?, ?, ?)', [7, '七', Uint8Array.of(1, 2)]);
    expect(reader.select('SELECT name AS title, id, data FROM rows')).toEqual([
      { title: '七', id: 7, data: Buffer.of(1, 2) },
    ]);
  });

  test('stays prepared for other arguments, and for columns that come later', () => {
    for (const id of [1, 2]) writer.write('INSERT INTO rows (id, name) VALUES (?, ?)', [id, `name ${id}`]);
    const byId = 'SELECT name FROM rows WHERE id = ?';
    expect([1, 2, 3].map((id) => reader.select(byId, [id]))).toEqual([
      [{ name: 'name 1' }],
      [{ name: 'name 2' }],
      [],
    ]);
    writer.exec('ALTER TABLE rows ADD COLUMN more TEXT');
    expect(reader.select(byId, [1])).toEqual([{ name: 'name 1' }]);
  });

  test('sees what another connection has committed, and nothing of what it has not', () => {
    const count = (): unknown => reader.select('SELECT count(*) AS count FROM rows')[0];
    writer.exec('BEGIN IMMEDIATE');
    writer.run('INSERT INTO rows (id) VALUES (?)', [1]);
    expect(count()).toEqual({ count: 0 });
    writer.commit();
    expect(count()).toEqual({ count: 1 });
  });

  test('that failed works the next time', () => {
    expect(() => reader.select('SELECT abs(?) AS value', [BigInt('-9223372036854775808')])).toThrow();
    expect(reader.select('SELECT abs(?) AS value', [-3])).toEqual([{ value: 3 }]);
  });

  test('keeps a bounded number of statements', () => {
    for (let i = 0; i < 300; i++) expect(reader.select(`SELECT ${i} AS value`)).toEqual([{ value: i }]);
    expect(reader.select('SELECT 0 AS value')).toEqual([{ value: 0 }]);
  });
});
