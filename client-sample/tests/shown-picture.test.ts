import { describe, expect, test } from '@jest/globals';
import { tagAddress } from '../src/lib/tag-address';
import { withShown } from '../src/navigation/use-shown';
import { isNew } from '../src/pages/gallery/first-steps/is-new';
import { shownNow } from '../src/pages/gallery/shown-picture';

describe('the picture shown large', () => {
  const ids = ['9', '8', '7'];
  const nothing = { id: null, index: -1 };

  test('is the one that the address names, in the list or alone', () => {
    expect(shownNow(null, nothing, ids, 3)).toEqual(nothing);
    expect(shownNow('8', nothing, ids, 3)).toEqual({ id: '8', index: 1 });
    expect(shownNow('5', nothing, ids, 3)).toEqual({ id: '5', index: -1 });
    expect(shownNow('5', { id: '8', index: 1 }, ids, 3)).toEqual({ id: '5', index: -1 });
  });

  test('gives way to the one in its place when it leaves the list', () => {
    expect(shownNow('6', { id: '6', index: 1 }, ids, 3)).toEqual({ id: '8', index: 1 });
    expect(shownNow('6', { id: '6', index: 3 }, ids, 3)).toEqual({ id: '7', index: 2 });
    expect(shownNow('6', { id: '6', index: 0 }, [], 0)).toEqual(nothing);
  });

  test('stays while the list has not been loaded as far as its place', () => {
    expect(shownNow('6', { id: '6', index: 200 }, ids, 300)).toEqual({ id: '6', index: -1 });
  });
});

test('an address gets and loses the picture that is shown, and keeps the rest', () => {
  expect(withShown('?tag=red&sort=title', '7')).toBe('?tag=red&sort=title&show=7');
  expect(withShown('?tags=a,b&show=7', '8')).toBe('?tags=a,b&show=8');
  expect(withShown('?show=7', null)).toBe('');
});

test('the address of a tag holds whatever is in the tag', () => {
  expect(tagAddress('50% & more')).toBe('/gallery?tag=50%25+%26+more');
});

test('a gallery is new as long as it holds samples only', () => {
  expect(isNew([], 0, [])).toBe(true);
  expect(isNew(['1', '2'], 2, ['1', '2'])).toBe(true);
  expect(isNew(['2'], 1, ['1', '2'])).toBe(true);
  expect(isNew(['3', '2'], 2, ['1', '2'])).toBe(false);
  expect(isNew(['2'], 3, ['1', '2'])).toBe(false);
});
