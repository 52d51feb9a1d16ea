import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { Deferred } from '../../src/lib/deferred.js';
import { launchChromium, TestWindow } from './chromium.js';
import { addToGallery, dataOf, request, type ImageFields } from './graphql.js';
import { jpeg } from './pictures.js';
import { startServer, type TestServer } from './server.js';
import { writeTinyModel } from './tiny-model.js';

export interface ClientOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Puts more into the suite's folder before the server starts; may return further settings. */
  readonly prepare?: (places: ClientPlaces) => Promise<Readonly<Record<string, string>> | void>;
}

export interface ClientPlaces {
  /** The data folder of the server. */
  readonly data: string;
  /** Holds the model `tiny`. */
  readonly models: string;
}

/** The built web client on a real server, and a browser to look at it with. */
export interface Client {
  readonly server: TestServer;
  readonly places: ClientPlaces;
  /** Opens a window of its own; it is closed, and must have met no problem, when the test ends. */
  visit(path?: string, options?: BrowserContextOptions): Promise<TestWindow>;
}

/** One server and one browser for all tests of a suite; a page that met a problem fails its test. */
export function useClient({ env, prepare }: ClientOptions = {}): Client {
  let browser: Browser | undefined;
  let server: TestServer | undefined;
  let dir = '';
  let places: ClientPlaces = { data: '', models: '' };
  let open: TestWindow[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'likeness-client-'));
    places = { data: join(dir, 'server'), models: join(dir, 'models') };
    await mkdir(places.data);
    await writeTinyModel(places.models);
    const more = await prepare?.(places);
    browser = await launchChromium();
    server = await startServer({
      dir: places.data,
      env: { MODELS_DIR: places.models, MODEL: 'tiny', ...env, ...more },
    });
  });

  afterEach(async () => {
    const problems = open.flatMap((window) => window.problems);
    await takeScreenshots(open);
    await Promise.all(open.map(({ context }) => context.close()));
    open = [];
    expect(problems).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  return {
    get server() {
      return server as TestServer;
    },
    get places() {
      return places;
    },
    async visit(path = '/', options = {}) {
      const window = await TestWindow.open(browser as Browser, (server as TestServer).url, options);
      open.push(window);
      await window.page.goto(path);
      return window;
    },
  };
}

/** How the windows look at the end of each test, as files of the folder that the variable SCREENSHOTS names. */
async function takeScreenshots(windows: readonly TestWindow[]): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  const name = (expect.getState().currentTestName ?? 'test').replace(/[^\w]+/g, '-').slice(0, 150);
  for (const [i, { page }] of windows.entries())
    await page.screenshot({ path: join(folder, `${name}-${i}.png`) }).catch(() => {}); // closed by the test
}

export interface PictureFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A picture that no other seed gives, as a file to choose. */
export const picture = async (seed: number, name = `picture-${seed}.jpg`): Promise<PictureFile> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await jpeg(seed),
});

/** Adds the pictures of the seeds from 0 on, in order; their titles are "Picture 0" and so on. */
export async function addPictures(
  url: string,
  count: number,
  tagsOf: (seed: number) => string[] = () => [],
): Promise<ImageFields[]> {
  const images: ImageFields[] = [];
  for (let seed = 0; seed < count; seed++) {
    const fields = { title: `Picture ${seed}`, tags: tagsOf(seed) };
    images.push((await addToGallery(url, await jpeg(seed), fields)).image);
  }
  return images;
}

/** @returns its id */
export async function createAlbum(
  url: string,
  name: string,
  images: readonly { readonly id: string }[],
): Promise<string> {
  const { createAlbum: made } = dataOf(
    await request<{ createAlbum: { album: { id: string } } }>(
      url,
      'mutation ($name: String!, $ids: [ID!]) { createAlbum(name: $name, ids: $ids) { album { id } } }',
      { name, ids: images.map(({ id }) => id) },
    ),
  );
  return made.album.id;
}

/** A picture whose end is missing. */
export const damaged = async (seed: number, name: string): Promise<PictureFile> => {
  const file = await picture(seed, name);
  return { ...file, buffer: file.buffer.subarray(0, 300) };
};

/** Answers the next file dialog that `open` brings up. */
export async function chooseFiles(
  page: Page,
  open: () => Promise<void>,
  files: PictureFile | readonly PictureFile[],
): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), open()]);
  await chooser.setFiles(files);
}

/** Files as a drop or a paste brings them; `between` is called while they are held over the page. */
export async function bring(
  page: Page,
  type: 'drop' | 'paste',
  files: readonly PictureFile[],
  between: () => Promise<void> = async () => {},
  target: Locator = page.locator('main'),
): Promise<void> {
  const transfer = await page.locator('body').evaluateHandle(
    (body, items) => {
      const { DataTransfer, File } = body.ownerDocument.defaultView;
      const data = new DataTransfer();
      for (const { name, type, base64 } of items) {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      return data;
    },
    files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, base64: buffer.toString('base64') })),
  );
  if (type === 'paste') {
    await page.locator('body').evaluate((body, data) => {
      const { ClipboardEvent } = body.ownerDocument.defaultView;
      body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, transfer);
    return;
  }
  await target.dispatchEvent('dragenter', { dataTransfer: transfer });
  await target.dispatchEvent('dragover', { dataTransfer: transfer });
  await between();
  await target.dispatchEvent('drop', { dataTransfer: transfer });
}

/** Lets requests that match wait; until when, the test says by calling what this returns. */
export async function holdRequests(
  page: Page,
  url: string,
  matches: (request: { postData: string | null; headers: Record<string, string> }) => boolean = () => true,
): Promise<() => void> {
  const held = new Deferred<void>();
  await page.route(url, async (route) => {
    const request = route.request();
    // Of a multipart body the browser may not tell the text.
    if (matches({ postData: request.postData(), headers: request.headers() })) await held.promise;
    await route.continue();
  });
  return held.resolve;
}

/** Lets uploads wait, as if the server were slow or far away; until when, the test says by calling what this returns. */
export const holdUploads = (page: Page): Promise<() => void> =>
  holdRequests(page, '**/graphql', ({ headers }) => (headers['content-type'] ?? '').startsWith('multipart/'));

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.locator(':root').evaluate((root) => root.scrollWidth - root.clientWidth);

/** Presses a key until what has the focus has this name, as a visitor without a mouse would. */
export async function pressUntil(page: Page, key: string, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press(key);
    const now = await focusName(page);
    if (typeof name === 'string' ? now === name : name.test(now)) return;
    seen.push(now);
  }
  throw new Error(`${String(name)} is not reached by ${key}, only ${JSON.stringify(seen)}`);
}

/** The accessible name of what has the focus, nearly. */
export const focusName = (page: Page): Promise<string> =>
  page
    .locator(':focus')
    .evaluateAll(([element]) =>
      (element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? '')
        .replace(/\s+/g, ' ')
        .trim(),
    );

interface AxeResults {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

let axe: Promise<string> | undefined;

/** What axe-core finds serious or critical on the page, once nothing of it fades or slides in any more. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // As the developer tools would, which the page's policy does not concern.
  await page.evaluate(`typeof axe === 'undefined' ? void (() => { ${await axe} })() : undefined`);
  await page.evaluate(`Promise.allSettled(
    document.getAnimations()
      .filter((one) => one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime))
      .map((one) => one.finished),
  )`);
  const { violations, passes } = await page.evaluate<AxeResults>(
    `axe.run(document, { resultTypes: ['violations'], elementRef: false })`,
  );
  if (passes.length === 0) throw new Error('axe-core has found nothing to look at.');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html}\n${failureSummary ?? ''}`),
    );
}

/** Sum of all layout shifts that no input has caused (https://web.dev/articles/cls), from now on. */
export async function watchLayoutShift(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(`
    globalThis.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  `);
  return () => page.evaluate<number>('globalThis.layoutShift');
}

/** Waits until every picture within the window has been loaded. */
export async function picturesLoaded(pictures: Locator): Promise<void> {
  await pictures.evaluateAll((images) =>
    Promise.all(
      images
        .filter((image) => {
          const { top, bottom } = image.getBoundingClientRect();
          return bottom > 0 && top < image.ownerDocument.defaultView.innerHeight;
        })
        .map((image) => image.decode()),
    ),
  );
}
