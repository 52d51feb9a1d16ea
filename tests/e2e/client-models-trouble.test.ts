import { expect, test } from '@jest/globals';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeInBrowser } from '../helpers/chromium.js';
import { accessibilityProblems, chooseFiles, overflow } from '../helpers/client.js';
import { always, card, get, small, smallIs, useModelsClient } from '../helpers/models-page.js';
import { tinyModelBytes, writeTinyModel } from '../helpers/tiny-model.js';

const PHONE = { width: 390, height: 800 };
const GET_AGAIN = 'Try again: get DINOv2 small …';

/** What goes wrong with a model, or is given up, and how one goes on from there. */
describeInBrowser('a model from the page', () => {
  const models = useModelsClient(4);
  const { client, serve, hold } = models;

  test('for which the disk has no room is not begun: make room, and try again', async () => {
    serve({ chunked: true, size: 9e14 }); // the hub announces more than any disk of this machine has
    const { page } = await client.visit('/models', { viewport: PHONE });
    await get(page, undefined, { use: false });
    await small(page).getByRole('alert').getByText('The server’s disk is full.').waitFor();
    await smallIs(page, 'not downloaded');
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    serve();
    await get(page, GET_AGAIN, { use: false });
    await smallIs(page, 'installed');
    expect(await small(page).getByRole('alert').count()).toBe(0);
    await small(page)
      .getByRole('button', { name: /^Remove / })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await smallIs(page, 'not downloaded');
  });

  test('whose download is cut in the middle goes on from there by a click', async () => {
    serve({ trouble: ['break', ...always({ status: 403 })] });
    const { page } = await client.visit('/models');
    await get(page, undefined, { use: false });
    await small(page).getByRole('alert').getByText('The download broke off or was refused.').waitFor();
    await smallIs(page, 'partly downloaded');
    await small(page)
      .getByText(/^[\d.]+ MB of [\d.]+ MB downloaded; it continues from there\.$/)
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    serve();
    models.hub.storageRequests.length = 0;
    await get(page, 'Resume DINOv2 small …', { use: false });
    await smallIs(page, 'installed');
    expect(await small(page).getByRole('alert').count()).toBe(0);
    expect(models.hub.storageRequests.map(({ range }) => range)).toEqual([
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
    ]);
  });

  test('to which a change is cancelled leaves the one before it in use', async () => {
    const { page } = await client.visit('/models', { viewport: PHONE });
    const release = await hold('embed-worker');
    await small(page).getByRole('button', { name: /^Use / }).click();
    await smallIs(page, 'being prepared');
    await small(page)
      .getByRole('button', { name: /^Cancel: / })
      .click();
    await small(page).getByRole('button', { name: 'Stopping …' }).waitFor();
    expect(await overflow(page)).toBe(0);
    await release();
    await page.getByText('Stopped. Built-in model stays in use; the vectors made so far are kept.').waitFor();
    await smallIs(page, 'installed');
    await card(page, 'Built-in model').getByText('in use', { exact: true }).waitFor();
    await small(page).getByRole('button', { name: /^Use / }).waitFor();
  });

  test('to which a change fails leaves the one before it in use: try again, or give it up', async () => {
    const { models: folder } = client.places;
    const broken = await writeTinyModel(folder, { id: 'no-model', definition: { name: 'No model' } });
    await writeFile(join(broken, 'model.onnx'), 'nothing of the kind');
    const { page } = await client.visit('/models');
    await page.getByRole('button', { name: 'Use No model', exact: true }).click();
    const alert = card(page, 'No model').getByRole('alert');
    await alert.getByText('The change failed; Built-in model stays in use.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // Now it is one.
    await writeFile(join(broken, 'model.onnx'), tinyModelBytes());
    await page.getByRole('button', { name: 'Try again: use No model' }).click();
    await card(page, 'No model').getByText('in use', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Use Built-in model' }).click();
    await card(page, 'Built-in model').getByText('in use', { exact: true }).waitFor();
  });

  test('that was uploaded is given up while it is looked at, and nothing is left of it', async () => {
    const { page } = await client.visit('/models#file', { viewport: PHONE });
    const before = await readdir(client.places.models);
    const file = {
      name: 'carried.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(tinyModelBytes()),
    };
    const choose = page.getByRole('button', { name: 'Choose files' });
    await chooseFiles(page, () => choose.click(), file);
    const release = await hold('probe-worker');
    await page.getByRole('button', { name: /^Send / }).click();
    const section = page.locator('#file');
    await section.getByRole('progressbar', { name: 'Uploaded model' }).waitFor();
    await section.getByText('Checking', { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await section.getByRole('button', { name: 'Cancel: Uploaded model' }).click();
    await section.getByRole('button', { name: 'Stopping …' }).waitFor();
    expect(await overflow(page)).toBe(0);
    await release();
    await page.getByText('Stopped. Nothing of the upload is left on the server.').waitFor();
    await section.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await readdir(client.places.models)).toEqual(before);
    // The same file may be sent again.
    await chooseFiles(page, () => choose.click(), file);
    await page.getByRole('checkbox', { name: 'Use it as soon as it is installed' }).uncheck();
    await page.getByRole('button', { name: /^Send / }).click();
    await card(page, 'ONNX export carried.onnx').getByText('installed', { exact: true }).waitFor();
  });

  test('that is uploaded while another one comes waits its turn, and can be given up meanwhile', async () => {
    serve({ trouble: always('stall') });
    const { page } = await client.visit('/models');
    const another = /^Get DINOv2 .* in another precision …$/;
    await page.getByRole('button', { name: another }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: 'Use it as soon as it is installed' }).uncheck();
    await dialog.getByRole('button', { name: /^Get [\d.]+ / }).click();
    await small(page)
      .getByRole('progressbar', { name: /^Download of / })
      .waitFor();
    const section = page.locator('#file');
    await chooseFiles(page, () => section.getByRole('button', { name: 'Choose files' }).click(), {
      name: 'waits.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(tinyModelBytes()),
    });
    await page.getByRole('button', { name: /^Send / }).click();
    await section.getByText('Waiting', { exact: true }).waitFor();
    await section.getByRole('button', { name: 'Cancel: Uploaded model' }).click();
    await page.getByText('Stopped. Nothing of the upload is left on the server.').waitFor();
    await small(page)
      .getByRole('button', { name: /^Cancel: / })
      .click();
    await page.getByText('Stopped. What was downloaded is kept, and it continues from there.').waitFor();
    await page.getByRole('button', { name: another }).waitFor();
    expect(await readdir(client.places.models)).not.toContain('waits');
  });
});
