import { describe, expect, test } from '@jest/globals';
import { encodeCursor } from '../../src/lib/cursor.js';
import { pageOfList, type ListOrder } from '../../src/lib/list-page.js';
import { expectedPage, randomRequest, seenPage, toRequest, type ModelEntry } from '../helpers/page-model.js';
import { seededRandom } from '../helpers/pictures.js';

interface Entry {
  readonly id: string;
  readonly key: string;
}

const order = (keys: ListOrder<Entry>['keys']): ListOrder<Entry> => ({
  name: 'ENTRIES',
  keys,
  positionOf: (entry) => entry,
});

const SORTED: Record<ListOrder<Entry>['keys'], Entry[]> = {
  ascending: ['1a', '1b', '1c', '2a', '3a', '3b', '4a'].map((id) => ({ id, key: id.charAt(0) })),
  descending: ['4a', '3a', '3b', '2a', '1a', '1b', '1c'].map((id) => ({ id, key: id.charAt(0) })),
};

describe.each(['ascending', 'descending'] as const)('a page of a list with %s keys', (keys) => {
  const sorted = SORTED[keys];
  const entries: ModelEntry<string>[] = sorted.map((entry, i) => ({
    id: entry.id,
    cursor: encodeCursor('ENTRIES', entry),
    gone: i % 3 === 1,
  }));

  test('is what the specification says, whatever order the list is in', () => {
    const random = seededRandom(7);
    const there = sorted.filter((_, i) => !entries[i]?.gone).sort(() => random() - 0.5);
    for (let i = 0; i < 500; i++) {
      const request = randomRequest(random, entries.length);
      const page = pageOfList(there, order(keys), toRequest(entries, request));
      expect({ request, page: seenPage(page) }).toEqual({ request, page: expectedPage(entries, request) });
    }
  });
});

test('a cursor of another listing is refused', () => {
  const cursor = encodeCursor('OTHERS', { key: '1', id: 'a' });
  for (const path of ['after', 'before'])
    expect(() => pageOfList([], order('ascending'), { first: 1, [path]: cursor })).toThrow(
      `Expected a cursor of this listing for ${path}`,
    );
});
