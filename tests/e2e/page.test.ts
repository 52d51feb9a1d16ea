import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { ERRORS } from '../../src/errors.js';
import { describeInBrowser, launchChromium, TestWindow } from '../helpers/chromium.js';
import { addToGallery, dataOf, searchByImage } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

const GALLERY_SIZE = 30;

/** Two cores may be busy with other suites. */
jest.setTimeout(90_000);

let browser: Browser;
let server: TestServer;
let models: string;
let open: TestWindow[] = [];

async function visit(path = '/', options: BrowserContextOptions = {}): Promise<TestWindow> {
  const window = await TestWindow.open(browser, server.url, options);
  open.push(window);
  await window.page.goto(path);
  return window;
}

const file = async (seed: number, name = `picture-${seed}.jpg`) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await jpeg(seed),
});

const cards = (page: Page): Locator => page.locator('#grid > li:visible');

/** Waits until the page shows the answer of its search. */
async function answered(page: Page): Promise<void> {
  await page.locator('#results[aria-busy=false] #grid > li .similarity').first().waitFor();
}

async function choose(page: Page, seed: number): Promise<void> {
  const { name, ...rest } = await file(seed);
  await page.locator('#file').setInputFiles({ name, ...rest });
  await page.locator('#query-name', { hasText: name }).waitFor();
  await answered(page);
}

/** A file as a drop or a paste brings it; for a drop, the page shows beforehand that it is welcome. */
async function transfer(page: Page, type: 'drop' | 'paste', seed: number, name: string): Promise<void> {
  const base64 = (await jpeg(seed)).toString('base64');
  await page.locator('body').evaluate(
    (body, { type, base64, name }) => {
      const { DataTransfer, File, ClipboardEvent, DragEvent, document } = body.ownerDocument.defaultView;
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
      if (type === 'paste') {
        body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
        return;
      }
      const drag = (type: string) =>
        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
      body.dispatchEvent(drag('dragenter'));
      const welcome = document.getElementById('drop');
      if (welcome.hidden) throw new Error('no sign that a drop is welcome');
      welcome.dispatchEvent(drag('drop'));
      if (!welcome.hidden) throw new Error('the sign stays');
    },
    { type, base64, name },
  );
}

const overflow = (page: Page): Promise<number> =>
  page.locator(':root').evaluate((root) => root.scrollWidth - root.clientWidth);

beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'likeness-models-'));
  await writeTinyModel(models);
});

afterAll(() => rm(models, { recursive: true, force: true }));

/** A browser and a server of this suite's own; a page that met a problem fails its test. */
function useServer(): void {
  beforeAll(async () => {
    browser = await launchChromium();
    server = await startServer({ env: { MODELS_DIR: models, MODEL: 'tiny' } });
  });

  afterEach(async () => {
    const problems = open.flatMap((window) => window.problems);
    await Promise.all(open.map(({ context }) => context.close()));
    open = [];
    expect(problems).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });
}

describeInBrowser('the web page of an empty gallery', () => {
  useServer();

  test('says that it is empty and lets its first picture be added', async () => {
    const { page } = await visit();
    await page.getByText('The gallery is empty, so there is nothing to compare with yet').waitFor();
    await page.locator('#file').setInputFiles(await file(0, 'First picture.jpg'));
    await page.getByText('The gallery is empty. Add this picture to begin it.').waitFor();
    await page.getByRole('button', { name: 'Add to gallery' }).click();
    await page.getByText('Added. It can be found from now on.').waitFor();
    await answered(page);
    expect(await cards(page).locator('.card-title').allTextContents()).toEqual(['First picture']);
    await page.getByText('1 picture in the gallery').waitFor();
  });
});

describeInBrowser('the web page', () => {
  useServer();

  beforeAll(async () => {
    for (let seed = 0; seed < GALLERY_SIZE; seed++)
      await addToGallery(server.url, await jpeg(seed), { title: `Picture ${seed}`, tags: ['drawn'] });
  });

  test('says openly what the model is', async () => {
    const { page } = await visit();
    await page.getByText('Model: tiny. Mean colours of 16 tiles; for tests.').waitFor();
    expect(await page.getByRole('link', { name: 'API playground' }).getAttribute('href')).toBe('/playground');
  });

  test('shows the chosen picture at once, then the matches as the API gives them', async () => {
    const { page } = await visit();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/graphql', async (route) => {
      if (route.request().headers()['content-type']?.startsWith('multipart/')) await held;
      await route.continue();
    });
    await page.locator('#file').setInputFiles(await file(5));
    const width = await page.locator('#preview').evaluate(async (preview) => {
      await preview.decode();
      return preview.naturalWidth;
    });
    expect(width).toBe(320);
    expect(await page.locator('#preview').isVisible()).toBe(true);
    expect(await page.locator('#results').getAttribute('aria-busy')).toBe('true');
    expect(await page.locator('#searching').isVisible()).toBe(true);
    release();
    await answered(page);
    expect(await page.locator('#searching').isVisible()).toBe(false);

    const { matches } = dataOf(await searchByImage(server.url, await jpeg(5), { topK: 12 })).searchByImage;
    const percent = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1 });
    expect(await cards(page).locator('.card-title').allTextContents()).toEqual(
      matches.map(({ image }) => image.title),
    );
    expect(await cards(page).locator('.similarity strong').allTextContents()).toEqual(
      matches.map(({ similarity }) => percent.format(Math.round(similarity * 1000) / 1000)),
    );
    const bars = await cards(page).evaluateAll((items) =>
      items.map((item) => {
        const width = (part: string): number => item.querySelector(part)!.getBoundingClientRect().width;
        return width('.bar-fill') / width('.bar-track');
      }),
    );
    bars.forEach((share, i) => expect(share).toBeCloseTo(matches[i]!.similarity, 1));
    expect(await cards(page).first().getByText('Same file').isVisible()).toBe(true);
    await page.getByText('This file is in the gallery already.').waitFor();
    expect(await page.getByRole('button', { name: 'Add to gallery' }).isVisible()).toBe(false);
  });

  test.each(['drop', 'paste'] as const)('takes a picture by %s', async (type) => {
    const { page } = await visit();
    await transfer(page, type, 7, 'image.jpeg');
    await answered(page);
    expect(await page.locator('#query-name').textContent()).toBe(
      type === 'paste' ? 'Pasted picture' : 'image.jpeg',
    );
    expect(await cards(page).first().locator('.card-title').textContent()).toBe('Picture 7');
  });

  test('more like this: the picture itself left out, an address of its own, Back and Forward', async () => {
    const { page } = await visit();
    await choose(page, 9);
    await page.getByRole('button', { name: 'More like Picture 9', exact: true }).click();
    await page.waitForURL(/\?like=/);
    await answered(page);
    expect(await page.locator('#query-name').textContent()).toBe('Picture 9');
    const titles = await cards(page).locator('.card-title').allTextContents();
    expect(titles).toHaveLength(12);
    expect(titles).not.toContain('Picture 9');

    await page.goBack();
    await page.getByText('picture-9.jpg').waitFor();
    await answered(page);
    await page.goForward();
    await page.locator('#query-name', { hasText: /^Picture 9$/ }).waitFor();
    await page.reload();
    await answered(page);
    expect(await cards(page).locator('.card-title').allTextContents()).toEqual(titles);
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByText('Newest in the gallery').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('minimum similarity hides matches without asking again; more results are asked for', async () => {
    const { page } = await visit();
    await choose(page, 11);
    let searches = 0;
    page.on('request', (asked) => {
      if (asked.headers()['content-type']?.startsWith('multipart/')) searches++;
    });
    const similarities = (await cards(page).locator('.similarity strong').allTextContents()).map(parseFloat);
    const minimum = Math.ceil(similarities[4]!);
    await page.getByLabel('Minimum similarity').fill(String(minimum));
    expect(await cards(page).count()).toBe(similarities.filter((value) => value >= minimum).length);
    await page.getByLabel('Minimum similarity').fill('0');
    await page.getByLabel('Number of results').selectOption('6');
    expect(await cards(page).count()).toBe(6);
    expect(searches).toBe(0);
    await page.getByLabel('Number of results').selectOption('24');
    await page.locator('#grid > li').nth(23).waitFor();
    expect(searches).toBe(1);
  });

  test('no file of another kind breaks it: it says what to do', async () => {
    const { page } = await visit();
    const input = page.locator('#file');
    await input.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
    await page.getByRole('alert').getByText('Choose a JPEG, PNG, WebP, GIF, AVIF or TIFF').waitFor();
    await input.setInputFiles({
      name: 'cut.jpg',
      mimeType: 'image/jpeg',
      buffer: (await jpeg(1)).subarray(0, 200),
    });
    await page.getByRole('alert').getByText('This picture is damaged or incomplete.').waitFor();
    await input.setInputFiles({
      name: 'large.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.alloc(20 * 1024 * 1024 + 1),
    });
    await page.getByRole('alert').getByText('This picture is too large').waitFor();
    await choose(page, 2);
    expect(await page.locator('#failure').isVisible()).toBe(false);
  });

  test('a picture that is gone is said to be gone', async () => {
    const { page } = await visit('/?like=999999');
    await page.getByRole('alert').getByText('no longer in the gallery').waitFor();
  });

  test('has a sentence for every error a client can receive, in both languages', async () => {
    const { page } = await visit();
    const messages = await page.evaluate(async () => {
      const path = '/messages.js';
      return ((await import(path)) as { MESSAGES: Record<string, Record<string, string>> }).MESSAGES;
    });
    const codes = Object.entries(ERRORS).filter(([, { audience }]) => audience === 'client');
    for (const [code] of [...codes, ['INTERNAL_SERVER_ERROR']])
      for (const language of ['en', 'zh']) expect(messages[language]).toHaveProperty([`error.${code}`]);
    const keys = (language: string): string[] =>
      Object.keys(messages[language]!).filter((key) => !key.endsWith('.one'));
    expect(keys('zh').sort()).toEqual(keys('en').sort());
    // The same values in both, so that no sentence loses its number.
    for (const key of keys('en')) {
      const values = (language: string): string[] =>
        (messages[language]![key]!.match(/\{\w+\}/g) ?? []).sort();
      expect([key, values('zh')]).toEqual([key, values('en')]);
    }
  });

  test("speaks the browser's language, and the other one on demand", async () => {
    const { page } = await visit('/', { locale: 'zh-CN' });
    await page.getByRole('heading', { name: '我的哪些图片与它相似？' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Which of my pictures look like this one?' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Which of my pictures look like this one?' }).waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await choose(page, 3);
    await page.getByText('匹配结果').waitFor();
  });

  test('works by keyboard alone', async () => {
    const { page } = await visit();
    // From the start: what a browser does with a file dialog has to be settled before the key is pressed.
    const chooser = page.waitForEvent('filechooser');
    await cards(page).first().waitFor();
    const press = async (key: string, until: string): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press(key);
        const name = await page
          .locator(':focus')
          .evaluateAll(([element]) => element?.getAttribute('aria-label') ?? element?.textContent);
        if (name?.trim() === until) return;
      }
      throw new Error(`${until} is not reached by ${key}`);
    };
    await press('Tab', 'Choose a picture');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(await file(4));
    await answered(page);
    await press('Tab', 'More like Picture 4');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?like=/);
    await answered(page);
  });

  test('names everything that can be operated or seen', async () => {
    const { page, context } = await visit();
    await choose(page, 6);
    const session = await context.newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const nameless = nodes.filter(
      ({ ignored, role, name }) =>
        !ignored &&
        ['button', 'link', 'slider', 'combobox', 'image', 'progressbar', 'region', 'navigation'].includes(
          String(role?.value),
        ) &&
        !name?.value,
    );
    expect(nameless).toEqual([]);
    expect(nodes.some(({ role }) => role?.value === 'slider')).toBe(true);
  });

  test.each([
    { width: 360, height: 640 },
    { width: 1280, height: 800 },
    { width: 1920, height: 1080 },
  ])('fits a window of $width pixels, dark and light', async (viewport) => {
    const grounds = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await visit('/', { viewport, colorScheme });
      await cards(page).first().waitFor();
      expect(await overflow(page)).toBe(0);
      await choose(page, 8);
      expect(await overflow(page)).toBe(0);
      grounds.add(
        await page
          .locator(':root')
          .evaluate((root) => root.computedStyleMap().get('background-color').toString()),
      );
    }
    expect(grounds.size).toBe(2);
  });

  test('nothing moves when the thumbnails arrive', async () => {
    const { page } = await visit();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/thumbnail*', async (route) => {
      await held;
      await route.continue();
    });
    await choose(page, 10);
    const places = (): Promise<number[][]> =>
      page
        .locator('#grid *')
        .evaluateAll((nodes) =>
          nodes.map((node) => Object.values(node.getBoundingClientRect().toJSON() as object) as number[]),
        );
    const before = await places();
    release();
    await page
      .locator('#grid img')
      .evaluateAll((images) =>
        Promise.all(
          images
            .filter(
              (image) => image.getBoundingClientRect().top < image.ownerDocument.defaultView.innerHeight,
            )
            .map((image) => image.decode()),
        ),
      );
    expect(await places()).toEqual(before);
  });

  test('says that the server is away, and does what failed when it is back', async () => {
    const window = await visit();
    const { page, context } = window;
    await cards(page).first().waitFor();
    await context.setOffline(true);
    await page.locator('#file').setInputFiles(await file(12));
    await page.getByRole('alert').getByText('The server does not answer.').waitFor();
    await context.setOffline(false);
    await answered(page);
    await page.locator('#offline').waitFor({ state: 'hidden' });
    const own = window.problems.filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED'));
    window.problems.splice(0, Infinity, ...own);
  });

  test('lets no inline script or style and no other origin in', async () => {
    const policy = (await fetch(`${server.url}/`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('a browser that opens /graphql finds the playground, which asks no other origin', async () => {
    const { page } = await visit('/graphql');
    expect(new URL(page.url()).pathname).toMatch(/^\/playground\/?$/);
    await page.getByText('searchByImage').first().waitFor();
    await page.waitForLoadState('networkidle');
  });
});
