import { describe, expect, test } from '@jest/globals';
import { GAP, gridLayout, keyTarget, shownWidth } from '../src/pages/gallery/grid/grid-layout';

describe('the grid of the gallery', () => {
  test('fills every width with square cells of equal size, and never fewer than three', () => {
    for (let width = 300; width <= 4000; width += 7) {
      const { columns, cell } = gridLayout(width);
      expect(columns).toBeGreaterThanOrEqual(3);
      expect(columns * cell + (columns - 1) * GAP).toBeCloseTo(width, 6);
    }
  });

  test('has larger cells on a large display, and cells that can be hit on a very small one', () => {
    expect(gridLayout(390).columns).toBe(3);
    expect(gridLayout(2560).cell).toBeGreaterThanOrEqual(200);
    expect(gridLayout(100).cell).toBe(40);
  });

  test('asks for pictures as wide as they are shown: a wide one is cut at its sides', () => {
    expect(shownWidth(200, 100, 100)).toBe('200px');
    expect(shownWidth(200, 100, 300)).toBe('200px');
    expect(shownWidth(200, 300, 100)).toBe('600px');
    expect(shownWidth(201, 100, 100)).toBe('220px');
    expect(shownWidth(200, 100, 0)).toBe('20000px');
  });
});

describe('a key', () => {
  // 0 1 2 3
  // 4 5 6 7
  // 8 9
  const grid = { columns: 4, count: 10, rowsPerPage: 2 };
  const leads = (key: string, from: number, control = false): number | null =>
    keyTarget(key, control, from, grid);

  test.each([
    ['ArrowRight', 3, 4],
    ['ArrowRight', 9, null],
    ['ArrowLeft', 4, 3],
    ['ArrowLeft', 0, null],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 6, 9], // below is nothing, but there is another row
    ['ArrowDown', 8, null],
    ['ArrowUp', 5, 1],
    ['ArrowUp', 2, null],
    ['Home', 6, 4],
    ['End', 5, 7],
    ['End', 8, 9],
    ['PageDown', 1, 9],
    ['PageDown', 3, 9],
    ['PageUp', 9, 1],
    ['PageUp', 6, 2],
    ['Enter', 5, null],
  ])('%s leads from %i to %p', (key, from, to) => {
    expect(leads(key, from)).toBe(to);
  });

  test('with control goes to either end of all', () => {
    expect(leads('Home', 6, true)).toBe(0);
    expect(leads('End', 1, true)).toBe(9);
  });

  test('leads to a place that there is, or nowhere', () => {
    for (const key of [
      'ArrowRight',
      'ArrowLeft',
      'ArrowDown',
      'ArrowUp',
      'Home',
      'End',
      'PageDown',
      'PageUp',
    ])
      for (let columns = 1; columns <= 5; columns++)
        for (let count = 1; count <= 12; count++)
          for (let from = 0; from < count; from++) {
            const to = keyTarget(key, false, from, { columns, count, rowsPerPage: 2 });
            if (to !== null) expect(to >= 0 && to < count).toBe(true);
          }
  });
});
