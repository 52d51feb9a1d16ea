import { expect, test } from '@jest/globals';
import { Deferred } from '../../src/lib/deferred.js';
import { RowCache } from '../../src/services/catalog/row-cache.js';
import type { ImageRow } from '../../src/services/catalog/types.js';
import { seededRandom } from '../helpers/pictures.js';
import { newImage } from '../helpers/temp-catalog.js';

const row = (id: number, title = `picture ${id}`): ImageRow => ({
  ...newImage(String(id), { title }),
  id,
  createdAt: new Date(0),
  stored: true,
  missing: false,
  version: 0,
  taken: { at: new Date(0), local: null, offsetMinutes: null, from: 'ADDED' },
  camera: null,
  lens: null,
  exposure: null,
  place: null,
  rating: null,
  favorite: false,
});

/** A table that counts what is read of it, and whose readers may be made to wait. */
class Table {
  readonly rows = new Map<number, ImageRow>();
  readonly asked: (readonly number[])[] = [];
  gate: Deferred<void> | null = null;

  constructor(...ids: readonly number[]) {
    for (const id of ids) this.rows.set(id, row(id));
  }

  readonly read = async (ids: readonly number[]): Promise<ImageRow[]> => {
    this.asked.push(ids);
    const found = ids.map((id) => this.rows.get(id)).filter((one) => one !== undefined);
    await this.gate?.promise;
    return found;
  };

  readonly count = async (): Promise<number> => {
    const size = this.rows.size;
    await this.gate?.promise;
    return size;
  };
}

const titles = async (cache: RowCache, table: Table, ids: readonly number[]): Promise<string[]> =>
  (await cache.byIds(ids, table.read)).map(({ title }) => title);

test('a row is read once, and given in the order of the ids, once for each', async () => {
  const [cache, table] = [new RowCache(), new Table(1, 2, 3)];
  expect(await titles(cache, table, [3, 1, 9])).toEqual(['picture 3', 'picture 1']);
  expect(await titles(cache, table, [1, 2, 3, 1])).toEqual([
    'picture 1',
    'picture 2',
    'picture 3',
    'picture 1',
  ]);
  // What is not there is asked for again: it may have come.
  expect(await titles(cache, table, [9, 1])).toEqual(['picture 1']);
  expect(table.asked).toEqual([[3, 1, 9], [2], [9]]);
});

test('a change is seen by whoever asks after it', async () => {
  const [cache, table] = [new RowCache(), new Table(1, 2)];
  await titles(cache, table, [1, 2]);
  await cache.change([1], async () => table.rows.set(1, row(1, 'changed')));
  expect(await titles(cache, table, [1, 2])).toEqual(['changed', 'picture 2']);
  await cache.change([2], async () => table.rows.delete(2));
  expect(await titles(cache, table, [1, 2])).toEqual(['changed']);
  await expect(
    cache.change([1], async () => {
      table.rows.set(1, row(1, 'and failed'));
      throw new Error('Too late');
    }),
  ).rejects.toThrow('Too late');
  expect(await titles(cache, table, [1])).toEqual(['and failed']);
});

test('what was read before a change is not kept after it, however they overlap', async () => {
  const [cache, table] = [new RowCache(), new Table(1)];
  // The reading begins first and ends last.
  let reading = (table.gate = new Deferred<void>());
  const before = titles(cache, table, [1]);
  await cache.change([1], async () => table.rows.set(1, row(1, 'second')));
  reading.resolve();
  expect(await before).toEqual(['picture 1']);
  table.gate = null;
  expect(await titles(cache, table, [1])).toEqual(['second']);

  // The reading begins within the change and ends within it.
  await cache.change([1], async () => {
    expect(await titles(cache, table, [1])).toEqual(['second']);
    table.rows.set(1, row(1, 'third'));
  });
  expect(await titles(cache, table, [1])).toEqual(['third']);

  // The reading begins within the change and ends after it.
  reading = table.gate = new Deferred<void>();
  let within = Promise.resolve<string[]>([]);
  await cache.change([1], async () => {
    table.rows.delete(1);
    table.rows.set(1, row(1, 'fourth'));
    within = titles(cache, table, [1]);
  });
  reading.resolve();
  await within;
  table.gate = null;
  expect(await titles(cache, table, [1])).toEqual(['fourth']);
});

test('pictures are counted once until one comes or goes', async () => {
  const [cache, table] = [new RowCache(), new Table(1, 2)];
  expect(await cache.count(table.count)).toBe(2);
  table.rows.set(3, row(3));
  expect(await cache.count(table.count)).toBe(2); // nobody said that it came
  await cache.change([], async () => table.rows.set(4, row(4)));
  expect(await cache.count(table.count)).toBe(4);

  const counting = (table.gate = new Deferred<void>());
  await cache.change([], async () => {});
  const before = cache.count(table.count);
  await cache.change([4], async () => table.rows.delete(4));
  counting.resolve();
  expect(await before).toBe(4);
  table.gate = null;
  expect(await cache.count(table.count)).toBe(3);
});

test('no more rows are held than it may hold', async () => {
  const [cache, table] = [new RowCache(2), new Table(1, 2, 3)];
  for (const id of [1, 2, 3]) await titles(cache, table, [id]);
  table.asked.length = 0;
  expect(await titles(cache, table, [2, 3])).toEqual(['picture 2', 'picture 3']);
  expect(table.asked).toEqual([]);
  expect(await titles(cache, table, [1])).toEqual(['picture 1']);
  expect(table.asked).toEqual([[1]]);
});

test('nothing is held beside another process that writes', async () => {
  const [cache, table] = [new RowCache(0), new Table(1)];
  await titles(cache, table, [1]);
  expect(await cache.count(table.count)).toBe(1);
  table.rows.set(1, row(1, 'changed'));
  table.rows.set(2, row(2));
  expect(await titles(cache, table, [1])).toEqual(['changed']);
  expect(await cache.count(table.count)).toBe(2);
});

test('at any interleaving nobody sees a row of before a change that had ended when they asked', async () => {
  const random = seededRandom(5);
  const [cache, table] = [new RowCache(3), new Table(1, 2, 3, 4, 5)];
  const acknowledged = new Map<number, number>();
  const version = ({ title }: ImageRow): number => Number(title);
  for (const id of table.rows.keys()) {
    table.rows.set(id, row(id, '0'));
    acknowledged.set(id, 0);
  }
  const pause = async (): Promise<void> => {
    for (let turns = Math.floor(random() * 6); turns > 0; turns--) await Promise.resolve();
  };
  const reader = async (): Promise<void> => {
    for (let i = 0; i < 300; i++) {
      const ids = [1, 2, 3, 4, 5].filter(() => random() < 0.5);
      const least = new Map(acknowledged);
      const rows = await cache.byIds(ids, async (missing) => {
        await pause();
        const found = await table.read(missing);
        await pause();
        return found;
      });
      for (const one of rows) expect(version(one)).toBeGreaterThanOrEqual(least.get(one.id) ?? 0);
      await pause();
    }
  };
  const writer = async (id: number): Promise<void> => {
    for (let i = 1; i <= 200; i++) {
      await cache.change([id], async () => {
        await pause();
        table.rows.set(id, row(id, String(i)));
        await pause();
      });
      acknowledged.set(id, i);
      await pause();
    }
  };
  await Promise.all([reader(), reader(), reader(), ...[1, 2, 3, 4, 5].map(writer)]);
});
