import { beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Page } from 'playwright-core';
import { describeInBrowser, type TestWindow } from '../helpers/chromium.js';
import { accessibilityProblems, chooseFiles, overflow, picture, useClient } from '../helpers/client.js';
import { addToGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { becomes } from '../helpers/wait-for.js';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const BANNER =
  'The server does not answer. Check that it is running and reachable; this page continues by itself';

describeInBrowser('when the server goes away and returns', () => {
  const client = useClient({ prepare: async () => ({ PORT: String(await freePort()) }) });

  const bannerShown = (page: Page): Promise<void> => page.getByText(BANNER).waitFor();
  const bannerGone = (page: Page): Promise<void> => page.getByText(BANNER).waitFor({ state: 'detached' });

  /** What the browser itself says of requests without an answer; in which words depends on where the connection broke. */
  const expectFailedRequests = (window: TestWindow): Promise<void> =>
    window.expectProblem(/resource: net::ERR_|WebSocket connection|dynamically imported|503/);

  let seed = 0;
  let title = '';
  beforeEach(async () => {
    title = `Picture ${++seed}`;
    await addToGallery(client.server.url, await jpeg(seed), { title });
  });

  test('the gallery says so, and has missed nothing afterwards', async () => {
    const window = await client.visit('/gallery');
    const { page } = window;
    await page.getByRole('button', { name: `Open ${title}`, exact: true }).waitFor();
    await client.server.kill9();
    await bannerShown(page);
    // What was loaded stays.
    expect(await page.getByRole('button', { name: `Open ${title}`, exact: true }).isVisible()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 640 });
    // The grid follows its new width a frame later.
    await becomes(() => overflow(page), 0);
    await client.server.restart();
    await addToGallery(client.server.url, await jpeg(500), { title: 'Added meanwhile' });
    await page.getByRole('button', { name: 'Open Added meanwhile' }).waitFor();
    await bannerGone(page);
    await addToGallery(client.server.url, await jpeg(501), { title: 'Added afterwards' });
    await page.getByRole('button', { name: 'Open Added afterwards' }).waitFor();
    await expectFailedRequests(window);
  });

  test('uploads wait, and go on', async () => {
    const window = await client.visit('/gallery');
    const { page } = window;
    await page.getByRole('button', { name: `Open ${title}`, exact: true }).waitFor();
    // What opens later is fetched when somebody first touches the page.
    const dialogs = ['dialog', 'card'].map((name) => page.waitForResponse(`**/assets/upload-${name}-*.js`));
    await page.mouse.move(200, 200);
    for (const dialog of dialogs) await (await dialog).finished();
    await client.server.kill9();
    await bannerShown(page);
    const add = (): Promise<void> => page.getByRole('button', { name: 'Add pictures', exact: true }).click();
    await chooseFiles(page, add, [await picture(510), await picture(511), await picture(512)]);
    await page.getByRole('dialog').getByRole('button', { name: 'Add 3 pictures' }).click();
    await page.getByText('The server does not answer. This continues when it is back.').waitFor();
    await client.server.restart();
    await page.getByText('3 added').first().waitFor();
    await page.getByRole('button', { name: 'Open picture-512', exact: true }).waitFor();
    await expectFailedRequests(window);
  });

  test('a search shows its picture, and has its matches when there is an answer', async () => {
    const window = await client.visit('/');
    const { page } = window;
    await page.locator('.newest-item').first().waitFor();
    expect(await client.server.stop()).toBe(0);
    const choose = (): Promise<void> => page.getByRole('button', { name: 'Choose a picture' }).click();
    await chooseFiles(page, choose, await picture(seed, 'mine.jpg'));
    await page.getByRole('img', { name: 'The query picture: mine.jpg' }).waitFor();
    await page.getByText('The search continues by itself when it is back.').waitFor();
    await bannerShown(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    await client.server.restart();
    await page.locator('.result-title').first().waitFor();
    expect(await page.locator('.result-title').first().textContent()).toBe(title);
    await bannerGone(page);
    await expectFailedRequests(window);
  });

  test('a page whose files had not come yet comes by itself', async () => {
    const window = await client.visit('/');
    const { page } = window;
    await page.locator('.newest-item').first().waitFor();
    await client.server.kill9();
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await page.getByRole('alert').getByText('This part of the page failed.').waitFor();
    await bannerShown(page);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await client.server.restart();
    await page.getByRole('button', { name: `Open ${title}`, exact: true }).waitFor();
    await bannerGone(page);
    await expectFailedRequests(window);
  });

  test('pages that were opened before say what they knew, or that they know nothing', async () => {
    const window = await client.visit('/status');
    const { page } = window;
    const heading = (name: string): Promise<void> =>
      page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    const open = async (name: string): Promise<void> => {
      await page.getByRole('link', { name, exact: true }).click();
      await heading(name);
    };
    await page.getByText('Ready', { exact: true }).waitFor();
    for (const name of ['History', 'Atlas', 'Gallery']) await open(name);
    await page.getByRole('button', { name: `Open ${title}`, exact: true }).waitFor();
    await client.server.kill9();
    await open('Status');
    await page.getByText('No answer; last known state').waitFor();
    await open('History');
    await page.getByText('No searches yet').or(page.getByRole('alert')).first().waitFor();
    await open('Atlas');
    const notice = page.getByText('The server did not answer.');
    await notice.waitFor();
    await client.server.restart();
    await notice.waitFor({ state: 'detached' });
    await bannerGone(page);
    await open('Status');
    await page.getByText('Ready', { exact: true }).waitFor();
    await expectFailedRequests(window);
  });
});
