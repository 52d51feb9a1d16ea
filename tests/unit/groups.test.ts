import { expect, test } from '@jest/globals';
import { Deferred } from '../../src/lib/deferred.js';
import { Groups } from '../../src/lib/groups.js';

const ANY_TIME = 2 ** 30;

interface Work {
  readonly items: readonly string[];
  /** Until then the group is worked on. */
  readonly done: Deferred<void>;
}

/** Groups whose works wait to be let go; items that begin with `bad` fail. */
function open(options: { lingerMs?: number; most?: number } = {}) {
  const works: Work[] = [];
  const groups = new Groups<string, string>({
    lingerMs: ANY_TIME,
    most: 100,
    ...options,
    work: async (items) => {
      const done = new Deferred<void>();
      works.push({ items, done });
      await done.promise;
      return items.map((item) =>
        item.startsWith('bad')
          ? { status: 'rejected', reason: new Error(item) }
          : { status: 'fulfilled', value: `${item} done` },
      );
    },
  });
  /** A task under way; what it adds comes when it is told. */
  const begin = (): ((item: string) => Promise<string>) => {
    const item = new Deferred<string>();
    const outcome = groups.expecting(async () => groups.add(await item.promise));
    outcome.catch(() => {});
    return async (value) => {
      item.resolve(value);
      return outcome;
    };
  };
  return { groups, works, begin };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const itemsOf = (works: readonly Work[]): (readonly string[])[] => works.map(({ items }) => items);

test('one that is alone is worked on at once', async () => {
  const { works, begin } = open();
  const outcome = begin()('a');
  await turn();
  expect(itemsOf(works)).toEqual([['a']]);
  works[0]!.done.resolve();
  expect(await outcome).toBe('a done');
});

test('several that come one after the other wait for each other, and each is told when its group is done', async () => {
  const { works, begin } = open();
  const [a, bad, c, d] = [begin(), begin(), begin(), begin()];
  const told: string[] = [];
  const tell = (outcome: Promise<string>): Promise<unknown> =>
    outcome.then(
      (value) => told.push(value),
      (error: Error) => told.push(`failed: ${error.message}`),
    );
  const all = [tell(a('a'))];
  await turn();
  expect(works).toEqual([]);
  all.push(tell(bad('bad')));
  await turn();
  expect(itemsOf(works)).toEqual([['a', 'bad']]);
  all.push(tell(c('c')), tell(d('d')));
  await turn();
  expect(told).toEqual([]); // nothing is done yet
  expect(works).toHaveLength(1); // one group at a time
  works[0]!.done.resolve();
  await turn();
  expect(told).toEqual(['a done', 'failed: bad']);
  expect(itemsOf(works)).toEqual([
    ['a', 'bad'],
    ['c', 'd'],
  ]);
  works[1]!.done.resolve();
  await Promise.all(all);
  expect(told).toEqual(['a done', 'failed: bad', 'c done', 'd done']);
});

test('those that wait are worked on when the others will not come, or do not come in time', async () => {
  const { groups, works, begin } = open();
  const never = [new Deferred<void>(), new Deferred<void>(), new Deferred<void>()];
  const without = never.map(({ promise }) => groups.expecting(() => promise));
  begin()('a').catch(() => {});
  await turn();
  expect(works).toEqual([]);
  never.forEach(({ resolve }) => resolve());
  await Promise.all(without);
  expect(itemsOf(works)).toEqual([['a']]);

  const soon = open({ lingerMs: 0 });
  soon.begin();
  soon.begin();
  soon
    .begin()('b')
    .catch(() => {});
  while (soon.works.length === 0) await turn();
  expect(itemsOf(soon.works)).toEqual([['b']]);
});

test('a group has a most, and the rest follows it', async () => {
  const { works, begin } = open({ most: 2 });
  const outcomes = ['first', 'b', 'c', 'd'].map((item) => begin()(item));
  for (let group = 0; group < 2; group++) {
    while (works.length === group) await turn();
    works[group]!.done.resolve();
  }
  await Promise.all(outcomes);
  expect(itemsOf(works)).toEqual([
    ['first', 'b'],
    ['c', 'd'],
  ]);
});

test('when the work itself fails, that became of all', async () => {
  const groups = new Groups<string, string>({
    lingerMs: ANY_TIME,
    most: 2,
    work: () => Promise.reject(new Error('away')),
  });
  const outcomes = ['a', 'b'].map((item) => groups.expecting(() => groups.add(item)));
  expect(await Promise.allSettled(outcomes)).toEqual(
    outcomes.map(() => ({ status: 'rejected', reason: new Error('away') })),
  );
});
