import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import { accessibilityProblems, addPictures, overflow, useClient } from '../helpers/client.js';
import {
  dataOf,
  request,
  searchById,
  searchByImage,
  type ImageFields,
  type MatchFields,
  type SearchOptions,
  nodesOf,
  type Connection,
} from '../helpers/graphql.js';
import { holdTime } from '../helpers/page-time.js';
import { jpeg } from '../helpers/pictures.js';
import { writeTinyModel } from '../helpers/tiny-model.js';
import { becomes } from '../helpers/wait-for.js';

/** What makes a request one of the visitor of this window. */
async function visitorOf(context: BrowserContext): Promise<Record<string, string>> {
  const cookies = await context.cookies();
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}

const percent = (similarity: number): string => `${Math.round(similarity * 100)}%`;

describeInBrowser('the history page', () => {
  const client = useClient();
  let images: readonly ImageFields[] = [];

  beforeAll(async () => {
    images = await addPictures(client.server.url, 8);
  });

  const entries = (page: Page): Locator => page.getByRole('article', { name: /^Search by / });
  const removeButton = (page: Page, name: string): Locator =>
    page.getByRole('button', { name: `Remove the search by ${name} of ` });
  const count = (page: Page, text: string): Promise<void> =>
    page.getByRole('status').getByText(text, { exact: true }).waitFor();

  /** Searches of this window's visitor that were made elsewhere: by pictures of the gallery, the last one last. */
  async function searched(context: BrowserContext, seeds: readonly number[]): Promise<void> {
    const visitor = await visitorOf(context);
    for (const seed of seeds)
      dataOf(await searchById(client.server.url, images[seed]!.id, { topK: 4 }, visitor));
  }
  async function searchedByFile(
    context: BrowserContext,
    seed: number,
    options: SearchOptions = {},
  ): Promise<{ id: string; matches: readonly MatchFields[] }> {
    const answer = await searchByImage(
      client.server.url,
      await jpeg(seed),
      options,
      await visitorOf(context),
    );
    return dataOf(answer).searchByImage;
  }

  async function kept(context: BrowserContext): Promise<number> {
    const answer = await request<{ searchHistory: { totalCount: number } }>(
      client.server.url,
      '{ searchHistory(first: 1) { totalCount } }',
      {},
      await visitorOf(context),
    );
    return dataOf(answer).searchHistory.totalCount;
  }

  test('says that there is nothing yet, and leads to the search', async () => {
    const { page } = await client.visit('/history');
    await page.getByText('No searches yet').waitFor();
    await count(page, '0 searches');
    expect(await page.getByRole('button', { name: 'Clear history …' }).count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Search by a picture' }).click();
    await page.getByRole('heading', { level: 1, name: 'Which of my pictures look like this one?' }).waitFor();
  });

  test('shows searches of the page and of scripts: picture, time, best matches, newest first', async () => {
    const { page, context } = await client.visit();
    const began = Date.now();
    await page.getByRole('link', { name: 'Search by Picture 2' }).click();
    await page.locator('.result-title').first().waitFor();
    const menu = page.getByRole('navigation', { name: 'Pages' });
    await menu.getByRole('link', { name: 'History', exact: true }).click();
    await entries(page).first().waitFor();
    await count(page, '1 search');
    const { matches } = await searchedByFile(context, 100);
    await searchedByFile(context, 101, { minSimilarity: 1 });

    // What came since is there when one comes back to the page.
    await menu.getByRole('link', { name: 'Status', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    await page.goBack();
    await count(page, '3 searches');
    const names = await page.locator('.history-name').allTextContents();
    expect(names).toEqual(['A picture of yours', 'A picture of yours', 'Picture 2']);

    const [without, byFile, byImage] = await entries(page).all();
    await without!.getByText('Nothing was found, or what was found is no longer in the gallery.').waitFor();
    const shown = byFile!.getByRole('list', { name: 'Best matches' }).getByRole('link');
    expect((await shown.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual(
      matches.map(({ image, similarity }) => `More like ${image.title}, similarity ${percent(similarity)}`),
    );
    // A picture is not among its own matches.
    expect(await byImage!.getByRole('link', { name: /^More like Picture/ }).count()).toBeGreaterThan(0);
    expect(await byImage!.getByRole('link', { name: 'More like Picture 2,' }).count()).toBe(0);
    for (const entry of [without!, byFile!, byImage!]) {
      const time = Date.parse((await entry.getByRole('time').getAttribute('datetime'))!);
      // As the server writes it, to the second perhaps.
      expect(time).toBeGreaterThan(began - 1000);
      expect(time).toBeLessThanOrEqual(Date.now());
      const thumbnail = entry.locator('.history-query img');
      expect(await thumbnail.evaluate((img) => img.decode().then(() => img.naturalWidth))).toBeGreaterThan(0);
    }
    await byFile!.locator('.thumbnail.loaded').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a search can be made again, also one whose picture the browser does not have', async () => {
    const { page, context } = await client.visit();
    await searched(context, [3]);
    const { id, matches } = await searchedByFile(context, 102);
    await page.goto('/history');
    const titles = (): Promise<string[]> => page.locator('.result-title').allTextContents();
    await entries(page).first().getByRole('link', { name: 'Search again', exact: true }).click();
    await page.waitForURL(`**/?search=${id}`);
    await page.locator('.result-title').first().waitFor();
    expect((await titles()).slice(0, 3)).toEqual(matches.slice(0, 3).map(({ image }) => image.title));
    await page.goBack();
    await entries(page).nth(1).getByRole('link', { name: 'Search again by Picture 3' }).click();
    await page.waitForURL(`**/?image=${images[3]!.id}`);
    await page.getByRole('heading', { level: 1, name: 'Pictures like “Picture 3”' }).waitFor();
    await page.goBack();
    const best = matches[0]!.image;
    // It is not the first one any more: the search by Picture 3 is, as soon as the page has heard of it.
    await count(page, '3 searches');
    await page
      .getByRole('article', { name: /^Search by a picture of yours/i })
      .getByRole('link', { name: `More like ${best.title},` })
      .click();
    await page.waitForURL(`**/?image=${best.id}`);
    await page.locator('.result-title').first().waitFor();
  });

  test('of many searches the older ones come as one scrolls', async () => {
    const { page, context } = await client.visit('/', { viewport: { width: 360, height: 640 } });
    await searched(
      context,
      Array.from({ length: 60 }, (_, i) => i % images.length),
    );
    await page.goto('/history');
    await count(page, '60 searches');
    expect(await entries(page).count()).toBeLessThan(60);
    for (let before = 0; before < 60;) {
      await entries(page).last().scrollIntoViewIfNeeded();
      await entries(page).nth(Math.min(59, before)).waitFor();
      before = (await entries(page).count()) + 1;
    }
    await becomes(() => entries(page).count(), 60);
    expect(await page.getByRole('status', { name: 'Loading …' }).count()).toBe(0);
    const times = await page.getByRole('time').evaluateAll((all) => all.map((time) => time.dateTime));
    expect(times).toEqual([...times].sort().reverse());
    expect(await overflow(page)).toBe(0);
  });

  test('a removed search comes back when it is undone', async () => {
    const { page, context } = await client.visit();
    let sent = 0;
    page.on('request', (asked) => {
      if (/removeSearches/.test(asked.postData() ?? '')) sent++;
    });
    await searched(context, [0, 1]);
    await holdTime(page);
    await page.goto('/history');
    await removeButton(page, 'Picture 0').click();
    await page.getByText('Search removed.').waitFor();
    await count(page, '1 search');
    await becomes(() => entries(page).count(), 1);
    // The keyboard does not begin anew at the top of the document.
    await page.locator('h1:focus').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await count(page, '2 searches');
    await becomes(() => page.locator('.history-name').allTextContents(), ['Picture 1', 'Picture 0']);
    expect(sent).toBe(0);
    expect(await kept(context)).toBe(2);
  });

  test('a removed search is forgotten when nobody undoes it, and is there again when the server fails', async () => {
    const window = await client.visit();
    const { page, context } = window;
    await searched(context, [0, 1, 2]);
    const letTimePass = await holdTime(page);
    await page.goto('/history');
    let refused = false;
    await page.route('**/graphql', async (route) => {
      const refuse = !refused && /removeSearches/.test(route.request().postData() ?? '');
      refused ||= refuse;
      if (refuse) await route.abort();
      else await route.continue();
    });
    await removeButton(page, 'Picture 0').click();
    await count(page, '2 searches');
    await removeButton(page, 'Picture 2').click();
    await count(page, '1 search');
    await letTimePass();
    await page.getByText('The search was not removed.').waitFor();
    await client.server.until(async () => (await kept(context)) === 2);
    await count(page, '2 searches');
    await becomes(() => page.locator('.history-name').allTextContents(), ['Picture 1', 'Picture 0']);
    await window.expectProblem(/ERR_FAILED/);

    await page.goto('/history');
    await removeButton(page, 'Picture 0').click();
    await count(page, '1 search');
    await removeButton(page, 'Picture 1').click();
    await page.getByText('No searches yet').waitFor();
    expect(await kept(context)).toBe(2);
    await page.goto('about:blank'); // whoever leaves has no more time to undo it
    await client.server.until(async () => (await kept(context)) === 0);
  });

  test('is cleared once that is confirmed; nobody else sees it or loses theirs', async () => {
    const { page, context } = await client.visit();
    const other = await client.visit();
    await searched(context, [4, 5, 6]);
    await searched(other.context, [7]);
    await other.page.goto('/history');
    await count(other.page, '1 search');
    expect(await other.page.locator('.history-name').allTextContents()).toEqual(['Picture 7']);

    await page.goto('/history');
    const clear = page.getByRole('button', { name: 'Clear history …' });
    await clear.click();
    const dialog = page.getByRole('dialog', { name: 'Clear the history?' });
    await dialog
      .getByText('3 searches and the small pictures kept for them will be deleted for good')
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await kept(context)).toBe(3);
    await page.locator('button:focus', { hasText: 'Clear history …' }).waitFor();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Clear history', exact: true }).click();
    await page.getByText('No searches yet').waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(await kept(context)).toBe(0);
    await page.reload();
    await page.getByText('No searches yet').waitFor();
    expect(await kept(other.context)).toBe(1);
  });

  test('speaks Chinese, also on a phone', async () => {
    const { page, context } = await client.visit('/', {
      locale: 'zh-CN',
      viewport: { width: 360, height: 740 },
    });
    await searched(context, [0]);
    await searchedByFile(context, 103);
    await holdTime(page);
    await page.goto('/history');
    await page.getByRole('status').getByText('2 次搜索', { exact: true }).waitFor();
    const own = page.getByRole('article', { name: /以“你的图片”搜索/ });
    await own.getByRole('link', { name: '再次搜索', exact: true }).waitFor();
    expect(await overflow(page)).toBe(0);
    await own.getByRole('button', { name: /^移除 / }).click();
    await page.getByText('已移除该搜索记录。').waitFor();
    await page.getByRole('button', { name: '撤销' }).click();
    await page.getByRole('status').getByText('2 次搜索', { exact: true }).waitFor();
    await page.getByRole('button', { name: '清空历史…' }).click();
    await page.getByRole('dialog', { name: '清空搜索历史？' }).getByText('将永久删除 2 条').waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

describeInBrowser('the status page', () => {
  const PICTURES = 32;
  /** So that a step of what works can be stopped before the next ones: some 0.1 s a picture. */
  const SLOWNESS = 200;
  /** A name that `auto` chooses: only then the model may be changed while the server runs. */
  const FIRST = 'builtin-slow';
  let folder = '';
  let models = '';
  const client = useClient({
    env: { EMBED_WORKERS: '1', EMBED_THREADS: '1', MAX_UPLOAD_BYTES: String(3 * 2 ** 20) },
    prepare: async (places) => {
      models = places.models;
      await writeTinyModel(models, { id: FIRST, slowness: SLOWNESS });
      folder = join(places.data, 'photos');
      await mkdir(folder);
      for (let seed = 0; seed < PICTURES; seed++)
        await writeFile(join(folder, `${seed}.jpg`), await jpeg(seed, 96, 72));
      await writeFile(join(folder, 'broken.jpg'), (await jpeg(PICTURES)).subarray(0, 300));
      return { IMPORT_ROOTS: folder, MODEL: 'auto' };
    },
  });

  interface StatusFields {
    readonly gallerySize: number;
    readonly modelSwitch: { readonly embedded: number } | null;
    readonly model: { readonly id: string; readonly spaceId: string };
    readonly jobs: Connection<{ readonly state: string }>;
  }
  const status = async (): Promise<StatusFields> =>
    dataOf(
      await request<{ status: StatusFields }>(
        client.server.url,
        '{ status { gallerySize model { id spaceId } jobs { edges { node { state } } } modelSwitch { embedded } } }',
      ),
    ).status;
  const isIdle = async (): Promise<boolean> =>
    nodesOf((await status()).jobs).every(({ state }) => state !== 'QUEUED' && state !== 'RUNNING');

  afterEach(() => client.server.until(isIdle, 'no job to run'));

  const card = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
  /** What a card says, by the names it gives. */
  const facts = async (page: Page, name: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      await card(page, name)
        .locator('dl > div')
        .evaluateAll((rows) =>
          rows.map((row) => [row.querySelector('dt').textContent, row.querySelector('dd').textContent]),
        ),
    );
  const valueOf = (bar: Locator): Promise<number> => bar.evaluate((element) => element.value);

  test('tells of the server, its model, index, queue and limits', async () => {
    const { page } = await client.visit('/status');
    await page.getByText('Ready', { exact: true }).waitFor();
    const { model } = await status();
    expect(await facts(page, 'Server')).toMatchObject({
      'Pictures in the gallery': '0',
      'Node.js': process.versions.node,
      Memory: expect.stringMatching(/^\d+ MB$/),
      'Running for': expect.stringMatching(/\d (sec|min)/),
    });
    // Of a request of its own.
    await card(page, 'Model').getByText('Runs on').waitFor();
    expect(await facts(page, 'Model')).toEqual({
      Model: FIRST,
      Dimensions: '48',
      'Input size': '56 × 56',
      Precision: 'fp32',
      'Runs on': 'cpu',
      'Vector space': model.spaceId,
    });
    await card(page, 'Model').getByText('Mean colours of 16 tiles; for tests.').waitFor();
    expect(await facts(page, 'Index')).toMatchObject({
      Vectors: '0',
      State: 'up to date',
      Accuracy: 'exact: every vector is compared',
    });
    expect(await facts(page, 'Queue')).toMatchObject({
      Workers: '1 of 1 running',
      'Pictures waiting': expect.stringMatching(/^0 of at most \d+$/),
      'Worker restarts': '0',
    });
    expect(await facts(page, 'Limits')).toMatchObject({
      'Largest file': '3 MB',
      'Largest picture': '100 MP',
    });
    await card(page, 'Background jobs')
      .getByText('Nothing has run in the background since the server was started.')
      .waitFor();
    await card(page, 'Vector spaces').getByRole('row').nth(1).getByText('in use').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('its links lead to the playground, the schema and the README', async () => {
    const { page } = await client.visit('/status');
    const links = card(page, 'For developers');
    const fetched = async (name: string): Promise<Response> => {
      const href = await links.getByRole('link', { name, exact: true }).getAttribute('href');
      return fetch(new URL(href!, client.server.url), { headers: { accept: 'text/html' } });
    };
    for (const [name, content] of [
      ['API playground', '<html'],
      ['GraphQL schema', 'searchByImage('],
      ['README', '# Likeness'],
    ] as const) {
      const response = await fetched(name);
      expect([name, response.status]).toEqual([name, 200]);
      const text = await response.text();
      expect(text).toContain(content);
      // None that leads to a file which is not served.
      expect([...text.matchAll(/\]\((?!https?:)/g)]).toEqual([]);
    }
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('button', { name: '中文' }).click();
    const chinese = await page.getByRole('link', { name: 'README' }).getAttribute('href');
    expect(await (await fetch(new URL(chinese!, client.server.url))).text()).toMatch(/\p{Script=Han}{4}/u);
  });

  /** The server's counts move on, and stand still again: whatever the page is asked meanwhile, it is under way. */
  async function goOn(thaw: () => void, done: () => Promise<number>): Promise<() => void> {
    const before = await done();
    thaw();
    await client.server.until(async () => (await done()) > before, `more than ${before} pictures`);
    return client.server.freeze('embed-worker');
  }

  test('shows how far a job is, and how it ended', async () => {
    let thaw = await client.server.freeze('embed-worker');
    await request(
      client.server.url,
      'mutation ($path: String!) { importFolder(path: $path) { job { id } } }',
      {
        path: folder,
      },
    );
    const { page } = await client.visit('/status', { viewport: { width: 360, height: 740 } });
    const job = card(page, 'Background jobs').getByRole('article', { name: 'Folder import' });
    await job.getByText('running', { exact: true }).waitFor();
    const bar = job.getByRole('progressbar');
    const first = await valueOf(bar);
    // Two steps, since a pace takes two.
    for (let i = 0; i < 2; i++) thaw = await goOn(thaw, async () => (await status()).gallerySize);
    await client.server.until(async () => (await valueOf(bar)) > first, 'the bar to grow');
    expect(await valueOf(bar)).toBeLessThan(PICTURES + 1);
    await job.getByText(`of ${PICTURES + 1}`).waitFor();
    await job.getByText(/ left$/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    thaw();
    await job.getByText('done', { exact: true }).waitFor();
    await job.getByText(`${PICTURES} added · 1 failed`).waitFor();
    await job.getByText('1 file failed').click();
    await job.getByText('broken.jpg').waitFor();
    expect(await facts(page, 'Server')).toMatchObject({ 'Pictures in the gallery': String(PICTURES) });
    expect(await facts(page, 'Index')).toMatchObject({ Vectors: String(PICTURES) });
  });

  test('shows a change of model until the new one serves', async () => {
    await writeTinyModel(models, {
      id: 'second',
      slowness: SLOWNESS,
      definition: { normalize: { scale: 1 / 255, mean: [0.2, 0.3, 0.1], std: [0.3, 0.4, 0.5] } },
    });
    dataOf(await request(client.server.url, 'mutation { useModel(id: "second") { job { id } } }'));
    const embedded = async (): Promise<number> => (await status()).modelSwitch?.embedded ?? 0;
    let thaw = await goOn(() => {}, embedded);
    const { page } = await client.visit('/status', { viewport: { width: 360, height: 740 } });
    const change = card(page, 'Change of model');
    await change.getByText(`From ${FIRST} to second: pictures are getting their new vectors.`).waitFor();
    const bar = change.getByRole('progressbar');
    const first = await valueOf(bar);
    thaw = await goOn(thaw, embedded);
    await client.server.until(async () => (await valueOf(bar)) > first, 'the bar to grow');
    const rows = card(page, 'Vector spaces').getByRole('row');
    await rows.filter({ hasText: FIRST }).getByText('in use').waitFor();
    await rows.filter({ hasText: 'second' }).getByText('being filled').waitFor();
    expect((await facts(page, 'Model'))['Model']).toBe(FIRST);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);

    thaw();
    await change.waitFor({ state: 'detached' });
    await rows.filter({ hasText: 'second' }).getByText('in use').waitFor();
    await rows.filter({ hasText: FIRST }).getByText('kept for later').waitFor();
    await card(page, 'Model').getByText('second', { exact: true }).waitFor();
    const job = card(page, 'Background jobs').getByRole('article', { name: 'Change of model' });
    await job.getByText('done', { exact: true }).waitFor();
  });
});
