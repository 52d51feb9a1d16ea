import { expect, test } from '@jest/globals';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import { accessibilityProblems, overflow, pressUntil, useClient } from '../helpers/client.js';
import { jpeg } from '../helpers/pictures.js';
import { becomes } from '../helpers/wait-for.js';

const TOKEN = 'the-token-of-the-tests';
const PHONE = { width: 390, height: 800 };

const card = (page: Page, name: string): Locator => page.getByRole('article', { name, exact: true });
const is = (page: Page, name: string, state: string): Promise<void> =>
  card(page, name).locator('.library-state').getByText(state, { exact: true }).waitFor();
const titles = (page: Page): Promise<string[]> =>
  page.locator('.gallery-caption > :first-child').allTextContents();

/** In a tab that has no token yet. */
async function enterToken(page: Page, token = TOKEN): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'For administrators' });
  await dialog.getByLabel('Administrator token').fill(token);
  await dialog.getByRole('button', { name: 'Continue' }).click();
}

/** The page of the libraries as an administrator sees it. */
async function asAdministrator(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue as administrator …' }).click();
  await enterToken(page);
  await page.getByText('You have entered the administrator’s token.').waitFor();
}

/** In this order: each test starts from the state that the one before has left. */
describeInBrowser('libraries from the page', () => {
  let photos = '';
  const client = useClient({
    env: { ADMIN_TOKEN: TOKEN },
    prepare: async ({ data }) => {
      photos = join(data, 'photos');
      await mkdir(join(photos, 'trip', 'raw'), { recursive: true });
      await mkdir(join(photos, 'more'));
      for (const [i, name] of ['trip/sea.jpg', 'trip/wood.jpg', 'trip/raw/x.jpg', 'more/lake.jpg'].entries())
        await writeFile(join(photos, name), await jpeg(300 + i));
      await writeFile(join(photos, 'trip', 'broken.jpg'), 'no picture at all');
      return { IMPORT_ROOTS: photos };
    },
  });

  test('are for administrators; a folder becomes one by keyboard, and one that is refused is no wrong token', async () => {
    const { page } = await client.visit('/status');
    await page.getByRole('link', { name: 'Libraries (followed folders) …' }).click();
    await page.getByText('Only administrators can see the libraries').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await asAdministrator(page);
    await page.getByText('No libraries yet').waitFor();
    await page.locator('h1').click();
    await pressUntil(page, 'Tab', 'Add a library …');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a library' });
    await page.keyboard.type('/etc');
    await page.keyboard.press('Enter');
    await dialog.getByText('IMPORT_ROOTS=/etc npm start').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Folder', { exact: true }).fill(join(photos, 'trip'));
    await dialog.getByLabel('Name').fill('Trips');
    await dialog.getByRole('combobox', { name: 'Tags for new pictures' }).fill('family');
    await dialog.getByLabel('Leave out').fill('raw/\n');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Trips has been scanned.').waitFor();
    await is(page, 'Trips', 'up to date');
    const facts = await card(page, 'Trips').locator('dl').textContent();
    expect(facts).toMatch(/Picture files2Not taken1Last whole scan.+Changesnoticed at once/);
    expect(facts).toContain('Tags for new picturesfamilyLeft outraw/');
    await card(page, 'Trips').getByText('1 file could not be taken').click();
    await card(page, 'Trips').getByText('not a picture of a known format').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // The same folder again: it says why not, and asks for no other token.
    await page.getByRole('button', { name: 'Add a library …' }).click();
    await dialog.getByLabel('Folder', { exact: true }).fill(join(photos, 'trip'));
    await page.keyboard.press('Enter');
    await dialog.getByText('This folder cannot become a library').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Show in the gallery: Trips' }).click();
    await becomes(async () => (await titles(page)).sort(), ['sea', 'wood']);
  });

  test('a picture whose file is gone is marked, and lists by missing files and by library follow', async () => {
    const { page } = await client.visit('/libraries', { viewport: PHONE, colorScheme: 'dark' });
    await asAdministrator(page);
    await page.getByRole('link', { name: 'Show in the gallery: Trips' }).click();
    await becomes(() => page.locator('.thumbnail.loaded').count(), 2);
    const missing = page.getByRole('checkbox', { name: 'Only pictures whose file is missing' });
    await missing.check();
    await page.waitForURL('**/gallery?library=library-1&missing=true');
    await page.getByText('No picture matches these filters').waitFor();
    await rename(join(photos, 'trip', 'sea.jpg'), join(photos, 'sea.jpg'));
    await page.getByRole('button', { name: 'Open sea, file missing' }).waitFor();
    await page.getByText('1 picture found').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await rename(join(photos, 'sea.jpg'), join(photos, 'trip', 'sea.jpg'));
    await page.getByText('No picture matches these filters').waitFor();
    await missing.uncheck();
    await page.getByLabel('In the library').selectOption('Trips');
    await page.getByText('2 pictures found').waitFor();
    await page.evaluate('scrollTo(0, 0)'); // further down, new pictures wait until they are asked for
    await writeFile(join(photos, 'trip', 'city.jpg'), await jpeg(310));
    await page.getByRole('button', { name: 'Open city', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove all filters' }).click();
    await page.waitForURL('**/gallery');
  });

  test('a folder that is not what it was says so, in Chinese too; the right one is taken as it is', async () => {
    const trip = join(photos, 'trip');
    await rename(trip, `${trip}.away`);
    const { page } = await client.visit('/libraries', { viewport: PHONE, locale: 'zh-CN' });
    await page.getByRole('button', { name: '以管理员身份继续…' }).click();
    const token = page.getByRole('dialog', { name: '需要管理员权限' });
    await token.getByLabel('管理员令牌').fill(TOKEN);
    await page.keyboard.press('Enter');
    await is(page, 'Trips', '不可用');
    const alert = card(page, 'Trips').getByRole('alert');
    await alert.getByText('找不到这个文件夹。').waitFor();
    expect(await alert.getByRole('button').count()).toBe(0);
    await rename(`${trip}.away`, trip);
    await rm(join(trip, '.likeness-library'));
    await alert.getByText('文件夹中的 .likeness-library 文件不见了。').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await alert.getByRole('button', { name: '按现状使用…：Trips' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '使用', exact: true }).click();
    await page.getByText('“Trips”已扫描完毕。').waitFor();
    await is(page, 'Trips', '已同步');
    expect(await card(page, 'Trips').locator('dl').textContent()).not.toContain('缺失');
  });

  test('the import dialog has a folder followed; its scan is watched and given up; removed, the files stay', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('3 pictures').waitFor();
    await page.getByRole('button', { name: 'More ways to add pictures' }).click();
    await page.getByRole('button', { name: 'Import a folder on the server …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a folder on the server' });
    await dialog.getByLabel('Folder', { exact: true }).fill(join(photos, 'more'));
    await dialog.getByRole('checkbox', { name: /^Leave the pictures where they are/ }).check();
    const thaw = await client.server.freeze('embed-worker');
    try {
      await dialog.getByRole('button', { name: 'Follow', exact: true }).click();
      await enterToken(page, 'wrong');
      await page.getByText('This is not the server’s token.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await enterToken(page);
      await page.getByRole('article', { name: 'Library scan' }).getByText('running').waitFor();
      await page.getByRole('button', { name: 'More ways to add pictures' }).click();
      await page.getByRole('button', { name: 'Libraries (followed folders) …' }).click();
      await is(page, 'more', 'being scanned');
      const scan = card(page, 'more').getByRole('article', { name: 'Library scan' });
      await scan.getByRole('progressbar', { name: 'Library scan' }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await scan.getByRole('button', { name: 'Cancel the scan of more' }).click();
      await scan.getByRole('button', { name: 'Stopping …' }).waitFor();
    } finally {
      thaw();
    }
    await is(page, 'more', 'up to date');
    await page.getByRole('button', { name: 'Remove more …' }).click();
    await page
      .getByRole('dialog', { name: 'Remove more from the gallery?' })
      .getByRole('button', { name: 'Remove', exact: true })
      .click();
    await page.getByText('more was removed from the gallery; its files stay.').waitFor();
    await card(page, 'more').waitFor({ state: 'detached' });
    expect(await card(page, 'Trips').count()).toBe(1);
  });
});
