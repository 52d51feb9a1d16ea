import { describe, expect, test } from '@jest/globals';
import { afterMove, moveByOne, moveTo, type Move } from '../src/pages/gallery/album/moved-list';

const list = [...'abcdef'];
const after = (move: Move | null): string | null => move && afterMove(list, move, (id) => id).join('');

describe('pictures of an album', () => {
  test.each([
    ['c', 'earlier', 'acbdef'],
    ['c', 'later', 'abdcef'],
    ['cd', 'earlier', 'acdbef'],
    ['cd', 'later', 'abecdf'],
    ['ce', 'earlier', 'acebdf'],
    ['ce', 'later', 'abdfce'],
    ['a', 'earlier', null],
    ['ac', 'earlier', null],
    ['f', 'later', null],
    ['e', 'later', 'abcdfe'],
    ['', 'later', null],
  ] as const)('%s %s', (moved, direction, expected) => {
    expect(after(moveByOne(list, [...moved], direction, true))).toBe(expected);
  });

  test('go to the place of another one', () => {
    expect(after(moveTo(list, 4, 1, true))).toBe('aebcdf');
    expect(after(moveTo(list, 1, 4, true))).toBe('acdebf');
    expect(after(moveTo(list, 0, 5, true))).toBe('bcdefa');
    expect(moveTo(list, 2, 2, true)).toBeNull();
  });

  test('do not go behind what has been loaded, where more follows', () => {
    expect(moveByOne(list, ['e'], 'later', false)).toBeNull();
    expect(moveTo(list, 0, 5, false)).toBeNull();
    expect(after(moveByOne(list, ['d'], 'later', false))).toBe('abcedf');
  });
});
