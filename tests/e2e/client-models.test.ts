import { expect, test } from '@jest/globals';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  chooseFiles,
  holdUploads,
  overflow,
  picture,
  pressUntil,
  useClient,
  watchLayoutShift,
} from '../helpers/client.js';
import { dataOf, request } from '../helpers/graphql.js';
import { always, card, get, small, smallIs, useModelsClient } from '../helpers/models-page.js';
import { TINY_DIMENSION, tinyModelBytes, writeTinyModel } from '../helpers/tiny-model.js';

const PICTURES = 6;

describeInBrowser('models from the page', () => {
  const models = useModelsClient(PICTURES);
  const { client, serve, hold } = models;

  test('the built-in model says what it cannot do, in one line that stays away once it is dismissed', async () => {
    const { page } = await client.visit('/history');
    const shift = await watchLayoutShift(page);
    await page.goto('/');
    const line = page.getByRole('complementary', { name: 'About the model' });
    await line
      .getByText('The built-in model finds copies and similar looks, but seldom the same things.')
      .waitFor();
    await line.getByRole('link', { name: /^Get DINOv2 \(\d+ MB\)$/ }).waitFor();
    await page.locator('.newest-item .thumbnail.loaded').first().waitFor();
    // The line about files grows by the limit, in its middle; a line that came later would move everything.
    expect(await shift()).toBeLessThan(0.001);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Search by Picture 2' }).click();
    await page.locator('.result-title').first().waitFor();
    await line.getByRole('link', { name: 'No network? Bring a file' }).click();
    await page.locator('h2:focus', { hasText: 'Bring a file' }).waitFor();
    await page.goBack();
    await line.getByRole('link', { name: /^Get DINOv2/ }).click();
    await page.waitForURL('**/models?model=dinov2-small');
    await page.locator('.model-highlight h3:focus', { hasText: 'DINOv2 small' }).waitFor();
    await page.goto('/');
    await line.getByRole('button', { name: 'Do not show this again' }).click();
    await line.waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.newest-item').first().waitFor();
    expect(await page.locator('.model-hint').count()).toBe(0);
    expect(models.hub.requests).toEqual([]);
  });

  test('shows what serves and what can be had, and asks nobody before a click; by keyboard', async () => {
    const { page } = await client.visit('/status');
    await page.getByRole('link', { name: 'Choose another model …' }).click();
    await card(page, 'Built-in model').getByText('in use', { exact: true }).waitFor();
    await smallIs(page, 'not downloaded');
    const facts = await small(page).locator('dl').textContent();
    expect(facts).toMatch(/To download\d+ MB – \d+ MB/);
    expect(facts).toContain('measured once it is installed');
    expect(facts).toContain('384 numbers');
    expect(facts).toContain('Apache-2.0');
    const estimate = `^Changing to it would take about .+ for your ${PICTURES} pictures \\(an estimate\\)\\.$`;
    await small(page).getByText(new RegExp(estimate)).waitFor();
    await page.getByText('Larger ones, and ones with registers').click();
    await card(page, 'DINOv2 giant').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.locator('h1').click();
    await pressUntil(page, 'Tab', 'Get DINOv2 small …');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Get DINOv2 small' });
    await dialog.getByText(`all pictures of the gallery (${PICTURES})`).waitFor();
    await dialog.getByText(/That takes about .+ \(an estimate\)/).waitFor();
    await dialog.getByRole('radio', { name: /^int8/ }).check();
    await dialog.getByRole('checkbox', { name: /^Calibrate with pictures/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Get …' }).waitFor();
    expect(models.hub.requests).toEqual([]);
  });

  test('a download that is not what was announced, or is refused, says what to do', async () => {
    const { page } = await client.visit('/models');
    serve({ sha256: '0'.repeat(64) });
    await get(page);
    await small(page).getByRole('alert').getByText('The download is not what the hub announced').waitFor();
    await smallIs(page, 'not downloaded');
    expect(await accessibilityProblems(page)).toEqual([]);
    serve({ trouble: always({ status: 403 }) });
    await get(page, 'Try again: get DINOv2 small …');
    await small(page).getByRole('alert').getByText('The download broke off').waitFor();
    await small(page).getByText('What the server says').click();
  });

  test('a download is watched, cancelled, seen elsewhere, and goes on where it was', async () => {
    serve({ trouble: always('stall') });
    const { page } = await client.visit('/models');
    const other = await client.visit('/models');
    await smallIs(other.page, 'not downloaded');
    await get(page);
    const bar = small(page).getByRole('progressbar', { name: 'Download of DINOv2 small' });
    await bar.waitFor();
    await small(page)
      .getByText(/^[\d.]+ MB of [\d.]+ MB$/)
      .waitFor();
    await small(page)
      .getByText(/^[\d.]+ [kMG]B a second · \d+ sec left$/)
      .waitFor();
    await smallIs(page, 'downloading');
    await smallIs(other.page, 'downloading');
    await page.goto('/status');
    await page.getByRole('article', { name: 'Model download' }).first().getByText('Downloading').waitFor();
    await page.goto('/models');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel: DINOv2 small' }).click();
    await smallIs(page, 'partly downloaded');
    await small(page).getByText('it continues from there').waitFor();
    await smallIs(other.page, 'partly downloaded');
    serve();

    // In steps: here without a change, then the change, while it is searched.
    await page.getByRole('button', { name: 'Resume DINOv2 small …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: 'Use it as soon as it is installed' }).uncheck();
    await dialog.getByText('Installing it changes nothing yet.').waitFor();
    await dialog.getByRole('button', { name: /^Get / }).click();
    await smallIs(page, 'installed');
    await small(page).getByText(`for the ${PICTURES} pictures without a vector`).waitFor();

    const release = await hold('embed-worker');
    await small(page).getByRole('button', { name: /^Use / }).click();
    await smallIs(page, 'being prepared');
    await small(page)
      .getByRole('progressbar', { name: /^Change to / })
      .waitFor();
    await card(page, 'Built-in model').getByText('in use', { exact: true }).waitFor();
    await other.page.goto('/');
    await other.page.getByRole('link', { name: 'Search by Picture 1' }).click();
    await other.page.locator('.result-title').first().waitFor();
    await other.page.goto('/');
    // A file has to go through the model: the old one still does that.
    const choose = other.page.getByRole('button', { name: 'Choose a picture' });
    await chooseFiles(other.page, () => choose.click(), await picture(2));
    await other.page.locator('.result').first().getByText('Picture 2', { exact: true }).waitFor();
    await release();
    await smallIs(page, 'in use');
    await page.getByText(/^DINOv2 .* is in use now\.$/).waitFor();
    await other.page.goto('/models');
    await smallIs(other.page, 'in use');
  });

  test('goes back in an instant, and removes a model once that is confirmed', async () => {
    const { page } = await client.visit('/models');
    await smallIs(page, 'in use');
    expect(
      await small(page)
        .getByRole('button', { name: /^Remove/ })
        .count(),
    ).toBe(0);
    await card(page, 'Built-in model')
      .getByText('Instant: every picture already has a vector from it.')
      .waitFor();
    await page.getByRole('button', { name: 'Use Built-in model' }).click();
    await smallIs(page, 'installed');
    await small(page)
      .getByRole('button', { name: /^Remove / })
      .click();
    const dialog = page.getByRole('dialog', { name: /^Remove / });
    await dialog.getByText('This cannot be undone.').waitFor();
    await dialog.getByRole('checkbox', { name: `Also its vectors (${PICTURES} pictures)` }).check();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText(/ was removed, which freed /).waitFor();
    await smallIs(page, 'not downloaded');
  });

  test('takes a model by file: a wrong one is refused in words, a right one serves', async () => {
    const { page } = await client.visit('/models#file');
    const choose = page.getByRole('button', { name: 'Choose files' });
    const file = (name: string, bytes: Uint8Array) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    });
    await chooseFiles(page, () => choose.click(), file('photo.jpg', Buffer.from('no')));
    await page.getByText('No model can be made from these files').waitFor();
    await chooseFiles(
      page,
      () => choose.click(),
      file('half.safetensors', models.weights.subarray(0, 1_000_000)),
    );
    await page.getByRole('button', { name: /^Send / }).click();
    await page.getByText('No model can be made from this file, or it is damaged.').waitFor();

    await chooseFiles(page, () => choose.click(), file('model.onnx', tinyModelBytes()));
    await page.getByLabel('Name').fill('carried');
    expect(await accessibilityProblems(page)).toEqual([]);
    const release = await holdUploads(page);
    await page.getByRole('button', { name: /^Send / }).click();
    await page.getByText(/^Sending: /).waitFor();
    await page.locator('#file').getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Sending was stopped').waitFor();
    release();
    await page.getByRole('button', { name: /^Send / }).click();
    const carried = page.getByRole('article').filter({ hasText: `${TINY_DIMENSION} numbers` });
    await carried.locator('.model-state').getByText('in use', { exact: true }).waitFor();
  });

  test('speaks Chinese, also on a phone', async () => {
    const { page } = await client.visit('/models', {
      locale: 'zh-CN',
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    await smallIs(page, '未下载');
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: '下载 DINOv2 small…' }).click();
    await page.getByRole('dialog', { name: '下载 DINOv2 small' }).getByText('随后在后台').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('without a network it says so, and how to bring a file', async () => {
    await models.hub.close();
    const { page } = await client.visit('/models', { viewport: { width: 360, height: 740 } });
    await get(page);
    const alert = small(page).getByRole('alert');
    const told = alert.getByText('The server cannot reach the hub.');
    await told.waitFor();
    // Who opens the page later sees it, too: nothing came, and the job says what it was to be.
    await page.reload();
    await told.waitFor();
    await page.getByRole('button', { name: 'Try again: get DINOv2 small …' }).waitFor();
    await alert.getByRole('link', { name: 'Bring a file' }).click();
    await page.locator('h2:focus', { hasText: 'Bring a file' }).waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

describeInBrowser('models of a server with an administrator', () => {
  const TOKEN = 'the-token-of-the-tests';
  const client = useClient({
    env: { ADMIN_TOKEN: TOKEN, MODEL: 'auto' },
    prepare: async ({ models }) => {
      await writeTinyModel(models, { id: 'builtin-first' });
    },
  });

  test('are changed with the token, which is kept for the tab', async () => {
    const { page } = await client.visit('/models');
    await page.getByRole('button', { name: 'Remove Tiny …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'For administrators' });
    await dialog.getByLabel('Administrator token').fill('wrong');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('This is not the server’s token.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Administrator token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByText('Tiny was removed').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await page.getByText('You have entered the administrator’s token.').waitFor({ state: 'detached' });
    const stays = await request<{ models: { id: string }[] }>(client.server.url, '{ models { id } }');
    expect(dataOf(stays).models.map(({ id }) => id)).not.toContain('tiny');
  });
});

describeInBrowser('models of a server whose settings name one', () => {
  const client = useClient({ env: { MODEL: 'tiny' } });

  test('can be got and not changed, and the page says so before', async () => {
    const { page } = await client.visit('/models');
    await page.getByText('The model of this server is fixed by its setting MODEL.').waitFor();
    await page.getByRole('button', { name: 'Get DINOv2 small …' }).click();
    const use = page.getByRole('dialog').getByLabel('Use it as soon as it is installed');
    expect(await use.isChecked()).toBe(false);
    expect(await use.isDisabled()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
