import { beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  bring,
  chooseFiles,
  damaged,
  holdRequests,
  overflow,
  picture,
  useClient,
} from '../helpers/client.js';
import { addToGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';

/** Two cores may be busy with other suites. */
jest.setTimeout(90_000);

const GALLERY_SIZE = 12;

const results = (page: Page) => page.locator('.result:has(.similarity)');
const choose = async (page: Page, seed: number, name?: string): Promise<void> =>
  chooseFiles(
    page,
    () => page.getByRole('button', { name: 'Choose a picture' }).click(),
    await picture(seed, name),
  );

describeInBrowser('the search page', () => {
  const client = useClient();

  beforeAll(async () => {
    for (let seed = 0; seed < GALLERY_SIZE; seed++)
      await addToGallery(client.server.url, await jpeg(seed), {
        title: `Picture ${seed}`,
        tags: [seed < 6 ? 'low' : 'high'],
      });
  });

  test('searches by a chosen file; its address survives a reload, and another browser finds the same', async () => {
    const { page } = await client.visit();
    await choose(page, 3);
    await results(page).first().waitFor();
    expect(await results(page).count()).toBe(GALLERY_SIZE);
    const best = results(page).first();
    expect(await best.textContent()).toContain('Picture 3');
    expect(await best.textContent()).toContain('100.0%');
    expect(page.url()).toMatch(/\?search=[\w-]{36}/);
    const titles = await results(page).locator('.result-title').allTextContents();

    await page.reload();
    await results(page).first().waitFor();
    expect(await results(page).locator('.result-title').allTextContents()).toEqual(titles);
    await page.locator('.query-preview').first().waitFor();

    const other = await client.visit(new URL(page.url()).pathname + new URL(page.url()).search);
    await results(other.page).first().waitFor();
    expect(await results(other.page).locator('.result-title').allTextContents()).toEqual(titles);
  });

  test('shows what is dropped before the server has been asked, and what is pasted', async () => {
    const { page } = await client.visit();
    await page.locator('.newest-item').first().waitFor();
    const release = await holdRequests(page, '**/graphql', ({ headers }) =>
      (headers['content-type'] ?? '').startsWith('multipart/'),
    );
    await bring(page, 'drop', [await picture(50, 'dropped.jpg')], async () => {
      await page.getByText('Drop the picture to search').waitFor();
    });
    await page
      .getByRole('img', { name: /dropped\.jpg/ })
      .first()
      .waitFor();
    expect(await results(page).count()).toBe(0);
    release();
    await results(page).first().waitFor();
    await bring(page, 'paste', [await picture(51, 'pasted.jpg')]);
    await page
      .getByRole('img', { name: /pasted|Pasted/ })
      .first()
      .waitFor();
    await results(page).first().waitFor();
  });

  test('goes on from a match, and back again; settings are in the address', async () => {
    const { page } = await client.visit('/?image=4&k=6');
    await results(page).first().waitFor();
    expect(await results(page).count()).toBeLessThanOrEqual(6);
    const first = page.url();
    await page
      .getByRole('link', { name: /^More like this/ })
      .nth(1)
      .click();
    await page.waitForFunction(`location.href !== ${JSON.stringify(first)}`);
    await results(page).first().waitFor();
    await page.goBack();
    await page.waitForURL(first);
    await results(page).first().waitFor();

    await page.goto('/?image=4&k=12&tags=high');
    await results(page).first().waitFor();
    expect(await results(page).count()).toBe(GALLERY_SIZE / 2);
    await page.getByRole('slider', { name: 'Minimum similarity' }).focus();
    await page.keyboard.press('End');
    await page.getByText(/No match has a similarity of/).waitFor();
    await page.waitForURL(/min=/);
  });

  test('opens matches large, by keyboard, and gives the focus back', async () => {
    const { page } = await client.visit('/?image=2');
    await results(page).first().waitFor();
    await page
      .getByRole('button', { name: /^Open / })
      .or(page.getByRole('link', { name: /^Open / }))
      .first()
      .focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    const name = await dialog.textContent();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      ([selector, before]) => document.querySelector(selector as string)?.textContent !== before,
      ['[role=dialog]', name] as const,
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('says what the server made of the picture', async () => {
    const { page } = await client.visit();
    await choose(page, 7, 'analysed.jpg');
    await results(page).first().waitFor();
    const side = page.locator('.search-side');
    await side.locator('.stage-bar').waitFor();
    const text = await side.textContent();
    expect(text).toContain('320 × 240');
    expect(text).toContain('JPEG');
    expect(text).toContain('48 components');
    await side.locator('.swatch').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('tells in both languages what is wrong with a file', async () => {
    for (const [locale, button, sentence] of [
      ['en-GB', 'Choose a picture', /damaged or incomplete/],
      ['zh-CN', '选择图片', /已损坏或不完整/],
    ] as const) {
      const { page } = await client.visit('/', { locale });
      const file = await damaged(60, 'broken.jpg');
      await chooseFiles(page, () => page.getByRole('button', { name: button }).click(), file);
      await page.getByRole('alert').filter({ hasText: sentence }).waitFor();
    }
  });

  test('adds the query to the gallery, once', async () => {
    const { page } = await client.visit();
    await choose(page, 70);
    await results(page).first().waitFor();
    await page.getByRole('button', { name: 'Add to gallery' }).click();
    await page.getByText('Added. It can be found from now on.').waitFor();
    await page.goto('/');
    await choose(page, 70);
    await page.getByText('This file is in the gallery already.').waitFor();
    expect(await page.getByRole('button', { name: 'Add to gallery' }).count()).toBe(0);
  });

  test('fits a phone, in the dark', async () => {
    const { page } = await client.visit('/?image=2', {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    await results(page).first().waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
