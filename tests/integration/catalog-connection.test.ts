import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { Connection } from '../../src/services/catalog/connection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let connection: Connection;

beforeEach(async () => {
  connection = new Connection(join(await temporaryDir(), 'likeness.db'), false);
  connection.script('CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE)');
});

afterEach(() => connection.close());

const numbers = (): number[] =>
  connection.execute('SELECT n FROM numbers ORDER BY rowid').rows.map(([n]) => Number(n));
const insert = 'INSERT INTO numbers VALUES (?)';

test.each(['commit', 'rollback'] as const)(
  'a transaction at once waits for the one that is open, and comes before the next: after its %s',
  async (end) => {
    const open = connection.begin();
    open.execute(insert, [1]);
    const done: number[] = [];
    const both = [2, 3].map((n) =>
      connection.atOnce((execute) => void execute(insert, [n])).then(() => done.push(n)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
    open[end]();
    connection.begin().rollback(); // as Prisma may, in the same breath
    await Promise.all(both);
    expect(numbers()).toEqual(end === 'commit' ? [1, 2, 3] : [2, 3]);
  },
);

test('one that fails leaves nothing, and neither keeps out nor undoes those beside it', async () => {
  const open = connection.begin();
  open.execute(insert, [1]);
  const results = Promise.allSettled([
    connection.atOnce((execute) => [2, 1].map((n) => execute(insert, [n]).rowsAffected)),
    connection.atOnce((execute) => execute(insert, [3]).rowsAffected),
  ]);
  open.commit();
  expect(await results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 1 }]);
  expect(numbers()).toEqual([1, 3]);
});
