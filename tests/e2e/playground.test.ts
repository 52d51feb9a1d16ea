import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import { addPictures, chooseFiles, picture, useClient } from '../helpers/client.js';
import { addToGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { waitFor } from '../helpers/wait-for.js';

/** Every window fails its test when it asks another host, or says something on its console. */
describeInBrowser('the playground', () => {
  const client = useClient();

  beforeAll(async () => {
    await addPictures(client.server.url, 3);
  });

  async function open(): Promise<Page> {
    const { page } = await client.visit('/graphql', { viewport: { width: 1400, height: 1000 } });
    expect(new URL(page.url()).pathname).toBe('/playground/');
    await page.getByText('Reloaded doc successfully').waitFor(); // it has read the schema
    return page;
  }
  const run = (page: Page, what: string): Promise<void> => page.getByText(`(Send ${what})`).click();
  const result = (page: Page): ReturnType<Page['locator']> => page.locator('app-query-result');

  test('searches by a file that is added as its example says', async () => {
    const page = await open();
    await page.getByText('Variables', { exact: true }).click();
    await page.getByText('Add files', { exact: true }).click();
    const row = page.locator('app-variable-file-item');
    expect(await row.locator('input[type=text]').inputValue()).toBe('file'); // as the example's variable
    await chooseFiles(page, () => row.getByText('Select files').click(), await picture(1));
    await run(page, 'query SearchByFile');
    const found = result(page).getByText('"Picture 1"');
    await found.waitFor();
    const text = (await result(page).innerText()).replace(/\s+/g, ' ');
    expect(text).toMatch(
      /"rank": 1, "similarity": "?(1|0\.9999\d*)"?, "image": { "id": "2", "title": "Picture 1"/,
    );
  });

  test('shows the events of a subscription', async () => {
    const page = await open();
    const connection = page.waitForEvent('websocket');
    await run(page, 'subscription GalleryChanges');
    const socket = await connection;
    expect(new URL(socket.url()).host).toBe(new URL(client.server.url).host);

    // Nothing tells when the server has the subscription: what is added later is seen.
    let seed = 50;
    const events = result(page).getByText(/"Seen at once \d+"/);
    await waitFor('an event', async () => {
      await addToGallery(client.server.url, await jpeg(seed), { title: `Seen at once ${seed++}` });
      return (await events.count()) > 0;
    });
    expect((await result(page).innerText()).replace(/\s+/g, ' ')).toContain('"kind": "ADDED"');
  });

  test('has no advertisement, no account, and no framework that presents itself', async () => {
    const page = await open();
    expect(await page.getByText(/sign in|log ?in|altair cloud|upgrade|donate/i).count()).toBe(0);
    for (const path of ['/playground/', '/playground/main.js', '/playground/iframe-sandbox/index.html']) {
      const { status, headers } = await fetch(`${client.server.url}${path}`);
      expect([path, status, headers.get('x-powered-by')]).toEqual([path, 200, null]);
      expect(headers.get('content-security-policy')).not.toBeNull();
    }
  });
});
