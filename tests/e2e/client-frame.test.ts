import { beforeAll, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  addPictures,
  createAlbum,
  focusName,
  holdRequests,
  overflow,
  pressUntil,
  useClient,
} from '../helpers/client.js';

const PAGES = [
  { path: '/', en: 'Search', zh: '搜索', ready: '.newest-item' },
  { path: '/gallery', en: 'Gallery', zh: '图库', ready: '.gallery-cell img' },
  { path: '/albums', en: 'Albums', zh: '相册', ready: '.album-card img' },
  { path: '/atlas', en: 'Atlas', zh: '图谱', ready: 'canvas' },
  { path: '/history', en: 'History', zh: '历史', ready: '.history-entry[aria-label]' },
  { path: '/status', en: 'Status', zh: '状态', ready: 'dl' },
] as const;

const background = (page: Page): Promise<string> =>
  page.locator('body').evaluate((body) => body.computedStyleMap().get('background-color').toString());

describeInBrowser('every page of the web client', () => {
  const client = useClient();

  beforeAll(async () => {
    const images = await addPictures(client.server.url, 12, () => ['drawn']);
    await createAlbum(client.server.url, 'Drawn', images.slice(0, 3));
  });

  /** This window's visitor has searched once. */
  async function searchOnce(page: Page): Promise<void> {
    await page.goto('/');
    await page.locator('.newest-item img').first().click();
    await page.locator('.result-title').first().waitFor();
  }

  test('has a title, a heading and its place in the menu; Back and Forward lead through them', async () => {
    const { page } = await client.visit();
    await page.locator('.newest-item').first().waitFor();
    const menu = page.getByRole('navigation', { name: 'Pages' });
    for (const { en, path } of PAGES.slice(1)) {
      await menu.getByRole('link', { name: en, exact: true }).click();
      await page.waitForURL(`**${path}`);
      await page.getByRole('heading', { level: 1, name: en }).waitFor();
      expect(await page.title()).toBe(`${en} · Likeness`);
      expect(await menu.locator('[aria-current=page]').allTextContents()).toEqual([en]);
      // The keyboard goes on at the beginning of the page.
      expect(await page.locator(':focus').getAttribute('id')).toBe('content');
    }
    for (const { en } of [...PAGES].reverse().slice(1, -1)) {
      await page.goBack();
      await page.getByRole('heading', { level: 1, name: en }).waitFor();
    }
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Which of my pictures look like this one?' }).waitFor();
    expect(await page.title()).toBe('Search · Likeness');
    await page.goForward();
    await page.getByRole('heading', { level: 1, name: 'Gallery' }).waitFor();
    await page.getByRole('link', { name: 'Likeness' }).click();
    await page.locator('.newest-item').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('an address that leads nowhere says so', async () => {
    const { page } = await client.visit('/no/such-page');
    await page.getByRole('heading', { name: 'There is no page at this address.' }).waitFor();
    expect(await page.title()).toBe('Not found · Likeness');
    await page.getByRole('link', { name: 'Go to the search page' }).click();
    await page.locator('.newest-item').first().waitFor();
  });

  test('a page that cannot be fetched says so, and can be tried again', async () => {
    const window = await client.visit();
    const { page } = window;
    await page.route('**/assets/gallery-page-*', (route) => route.abort());
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await page.getByRole('alert').getByText('This part of the page failed.').waitFor();
    await window.expectProblem(/ERR_FAILED|Failed to fetch|dynamically imported|preload/);
    await page.unroute('**/assets/gallery-page-*');
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.locator('.gallery-cell img').first().waitFor();
  });

  test("speaks the browser's language, or the chosen one from then on", async () => {
    const { page } = await client.visit('/', { locale: 'zh-CN' });
    await searchOnce(page);
    for (const { path, zh, ready } of PAGES) {
      await page.goto(path);
      await page.locator(ready).first().waitFor();
      expect(await page.title()).toBe(`${zh} · Likeness`);
      expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
      // No name of a message in place of the message.
      expect(await page.locator('body').innerText()).not.toMatch(
        /\b(common|errors|search|gallery|albums|atlas|history|status|lightbox)\.[a-z]/,
      );
    }
    await page.getByRole('button', { name: '语言' }).click();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    expect(await page.title()).toBe('Status · Likeness');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    await page.goto('/gallery');
    await page.getByRole('heading', { level: 1, name: 'Gallery' }).waitFor();
  });

  test('is dark or light as the system is, or as it was chosen, from the first paint on', async () => {
    const { page } = await client.visit('/status', { colorScheme: 'dark' });
    const theme = (): Promise<string | null> => page.locator('html').getAttribute('data-bs-theme');
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    expect(await theme()).toBe('dark');
    const dark = await background(page);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html[data-bs-theme=light]').waitFor();
    const light = await background(page);
    expect(light).not.toBe(dark);

    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { level: 1, name: '状态' }).waitFor();
    const link = page.getByRole('link', { name: '状态', exact: true });
    const place = await link.boundingBox();
    // Before any script of the application has run, it is as chosen, and the header is there.
    const release = await holdRequests(page, '**/assets/*.js');
    await page.reload({ waitUntil: 'commit' });
    await page.locator('html[data-bs-theme=dark]').waitFor({ state: 'attached' });
    await client.server.until(async () => (await page.evaluate<number>('document.styleSheets.length')) > 0);
    expect(await background(page)).toBe(dark);
    expect(await link.boundingBox()).toEqual(place);
    expect(await page.getByRole('link', { name: 'Status', exact: true }).isVisible()).toBe(false);
    expect(await page.locator('main').count()).toBe(0);
    release();
    await page.getByRole('heading', { level: 1, name: '状态' }).waitFor();
    expect(await link.boundingBox()).toEqual(place);
    expect(await theme()).toBe('dark');

    await page.getByRole('button', { name: '主题' }).click();
    await page.getByRole('button', { name: '跟随系统' }).click();
    expect(await theme()).toBe('light');
  });

  test('can be reached and its menus used by keyboard alone', async () => {
    const { page } = await client.visit('/status');
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focusName(page)).toBe('Skip to the content');
    const skip = await page.locator(':focus').boundingBox();
    expect(skip?.height).toBeGreaterThanOrEqual(24);
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('content');

    await pressUntil(page, 'Shift+Tab', 'Gallery');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Gallery' }).waitFor();
    await pressUntil(page, 'Shift+Tab', /^Language/);
    await page.keyboard.press('Enter');
    await pressUntil(page, 'ArrowDown', '中文');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '图库' }).waitFor();
  });

  test('on a phone the menu opens and closes', async () => {
    const { page } = await client.visit('/status', { viewport: { width: 360, height: 640 }, hasTouch: true });
    const toggle = page.getByRole('button', { name: 'Pages' });
    const link = page.getByRole('link', { name: 'History', exact: true });
    expect(await link.isVisible()).toBe(false);
    await toggle.tap();
    await link.tap();
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    await link.waitFor({ state: 'hidden' });
  });

  test('loads nothing inline and nothing from elsewhere; files are compressed and kept', async () => {
    for (const path of ['/', '/gallery', '/atlas', '/some/where']) {
      const response = await fetch(client.server.url + path, { headers: { accept: 'text/html' } });
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
    const window = await client.visit('about:blank');
    const { page } = window;
    const answers: { path: string; encoding: string; cache: string }[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const headers = response.headers();
      answers.push({
        path: pathname,
        encoding: headers['content-encoding'] ?? '',
        cache: headers['cache-control'] ?? '',
      });
    });
    for (const { path, ready } of PAGES.slice(0, 2)) {
      await page.goto(path);
      await page.locator(ready).first().waitFor();
    }
    const assets = answers.filter(({ path }) => path.startsWith('/assets/'));
    expect(assets.length).toBeGreaterThan(3);
    for (const { cache } of assets) expect(cache).toMatch(/max-age=31536000, immutable/);
    for (const { encoding } of assets.filter(({ path }) => /\/index-.*(js|css)$/.test(path)))
      expect(encoding).toMatch(/^(br|gzip)$/);
  });

  test('can be installed as an app: the manifest and its icons are sound', async () => {
    const { page } = await client.visit();
    const browser = await page.context().newCDPSession(page);
    const { errors, data } = await browser.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const problems = (await browser.send('Page.getInstallabilityErrors')).installabilityErrors;
    // Each test has a window of its own, which keeps nothing.
    expect(problems.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
    const { icons } = JSON.parse(data ?? '') as { icons: { src: string; sizes: string }[] };
    for (const { src, sizes } of icons) {
      const { width, height } = await sharp(
        await (await fetch(client.server.url + src)).arrayBuffer(),
      ).metadata();
      if (sizes !== 'any') expect(`${width}x${height}`).toBe(sizes);
    }
  });

  test.each(PAGES)('to open $path first takes less than 195 KB of JavaScript', async ({ path }) => {
    const { page } = await client.visit('about:blank');
    const scripts = new Set<string>();
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.add(request.url());
    });
    await page.goto(path, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    let total = 0;
    for (const url of scripts) total += gzipSync(await (await fetch(url)).text()).length;
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThan(195 * 1024);
    const others = ['atlas', 'gallery-page', 'history', 'status'].filter(
      (name) => path !== `/${name.replace('-page', '')}`,
    );
    expect([...scripts].filter((url) => others.some((name) => url.includes(name)))).toEqual([]);
  });

  test.each([
    { width: 360, height: 740 },
    { width: 1280, height: 800 },
    { width: 1920, height: 1080 },
  ])('fits a window of $width pixels and can be used by everybody, light and dark', async (viewport) => {
    const { page } = await client.visit('about:blank', { viewport, reducedMotion: 'reduce' });
    await searchOnce(page);
    const result = page.url();
    const found: string[] = [];
    for (const { path, ready } of [
      ...PAGES,
      { path: result, ready: '.analysis-feature svg, .analysis-toggle' },
      { path: '/no-such-page', ready: 'h1' },
    ]) {
      await page.goto(path);
      await page.locator(ready).first().waitFor();
      expect([path, await overflow(page)]).toEqual([path, 0]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-bs-theme=${colorScheme}]`).waitFor();
        const problems = await accessibilityProblems(page);
        found.push(...problems.map((problem) => `${path} ${colorScheme}: ${problem}`));
      }
    }
    expect(found).toEqual([]);
  });
});
