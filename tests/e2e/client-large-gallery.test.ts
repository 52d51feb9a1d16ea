import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import { picturesLoaded, useClient, watchLayoutShift } from '../helpers/client.js';
import { fillGallery } from '../helpers/large-gallery.js';

const COUNT = 10_000;
/** A screen of cells, those kept ready above and below, and the row that has the keyboard. */
const MOST_CELLS = 400;

const opening = (page: Page, n: number): Locator =>
  page.getByRole('button', { name: `Open Picture ${n}`, exact: true });

describeInBrowser('the gallery page with 10,000 pictures', () => {
  const client = useClient({
    prepare: ({ data, models }) => fillGallery(data, models, 'tiny', COUNT),
  });

  test('is scrolled to its end with few cells on the page, and nothing moves by itself', async () => {
    const window = await client.visit('about:blank');
    const { page } = window;
    const layoutShift = await watchLayoutShift(page);
    await page.goto('/gallery');
    await page.getByText('10,000 pictures').waitFor();
    await opening(page, COUNT).locator('.thumbnail.loaded').waitFor();
    const cells = page.locator('.gallery-cell');
    let most = await cells.count();

    // As with a wheel, then as by dragging the scroll bar, then to the very end.
    await page.mouse.move(640, 400);
    for (let turn = 0; turn < 40; turn++) {
      await page.mouse.wheel(0, 600);
      most = Math.max(most, await cells.count());
    }
    for (let part = 1; part < 20; part++) {
      await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${part / 20})`);
      most = Math.max(most, await cells.count());
    }
    await page.keyboard.press('End');
    await opening(page, 1).locator('.thumbnail.loaded').waitFor();
    most = Math.max(most, await cells.count());
    await picturesLoaded(page.locator('.gallery-cell img'));
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThan(MOST_CELLS);
    expect(await page.locator('.gallery-cell.skeleton').count()).toBe(0);
    expect(await layoutShift()).toBeLessThan(0.05);

    await page.keyboard.press('Home');
    await opening(page, COUNT).waitFor();
  });

  test('comes back to where it was', async () => {
    const { page } = await client.visit('/gallery');
    await opening(page, COUNT).waitFor();
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)');
    await page.locator('.gallery-cell .thumbnail.loaded').first().waitFor();
    const before = await page.evaluate<number>('scrollY');
    const name = await page.locator('.gallery-open').nth(60).getAttribute('aria-label');
    await page.getByRole('link', { name: 'Status', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: name ?? '', exact: true }).waitFor();
    expect(await page.evaluate<number>('scrollY')).toBe(before);
  });

  test('the keyboard reaches the end, and all of it can be selected', async () => {
    const { page } = await client.visit('/gallery');
    await opening(page, COUNT).focus();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Select all 10,000' }).click();
    await page.getByText('10,000 selected').waitFor();
    await page.keyboard.press('Escape');
    await opening(page, COUNT).focus();
    await page.keyboard.press('Control+End');
    await page.locator('.gallery-open[aria-label="Open Picture 1"]:focus').waitFor();
  });
});
