import { beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  addPictures,
  bring,
  chooseFiles,
  damaged,
  holdRequests,
  holdUploads,
  overflow,
  picture,
  picturesLoaded,
  pressUntil,
  useClient,
  watchLayoutShift,
  type PictureFile,
} from '../helpers/client.js';
import {
  addToGallery,
  dataOf,
  removeFromGallery,
  request,
  searchByImage,
  type ImageFields,
} from '../helpers/graphql.js';
import { holdTime } from '../helpers/page-time.js';
import { jpeg } from '../helpers/pictures.js';
import { writePatchModel } from '../helpers/tiny-model.js';
import { becomes } from '../helpers/wait-for.js';

const GALLERY_SIZE = 30;

const cards = (page: Page): Locator => page.locator('.result:has(.result-title)');
const titles = (page: Page): Promise<string[]> => cards(page).locator('.result-title').allTextContents();
const similarities = (page: Page): Promise<string[]> =>
  cards(page)
    .locator('.similarity > :last-child')
    .evaluateAll((all) => all.map((one) => one.lastChild.textContent));

/** Waits until the page shows the answer of its search. */
async function answered(page: Page): Promise<void> {
  await page.locator('.search-results[aria-busy=false] .result-title').first().waitFor();
}

async function choose(page: Page, files: PictureFile | readonly PictureFile[]): Promise<void> {
  await chooseFiles(page, () => page.getByRole('button', { name: 'Choose a picture' }).click(), files);
}

/** Like the page does. */
const percent = (similarity: number): string =>
  new Intl.NumberFormat('en', {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(similarity);

describeInBrowser('the search page of an empty gallery', () => {
  const client = useClient();

  test('says what there is to do, and lets the first picture be added', async () => {
    const { page } = await client.visit();
    await page.getByText('The gallery is empty', { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await choose(page, await picture(0, 'First picture.jpg'));
    await page.getByText('The gallery is empty. Add this picture as the first one.').waitFor();
    await page.getByRole('button', { name: 'Add to gallery' }).click();
    await page.getByText('Added. It can be found from now on.').waitFor();
    await answered(page);
    await becomes(() => titles(page), ['First picture']);
    await page.getByRole('link', { name: 'Show it' }).click();
    await page.getByText('This is the only picture in the gallery.').waitFor();
  });
});

describeInBrowser('the search page', () => {
  const client = useClient({ env: { MAX_UPLOAD_BYTES: '300000' } });
  let images: readonly ImageFields[] = [];

  beforeAll(async () => {
    images = await addPictures(client.server.url, GALLERY_SIZE, (seed) => [
      seed % 2 === 0 ? 'even' : 'odd',
      ...(seed < 10 ? ['low'] : []),
    ]);
  });

  const matchesOf = async (seed: number, topK: number) =>
    dataOf(await searchByImage(client.server.url, await jpeg(seed), { topK })).searchByImage.matches;

  test('shows the dropped picture at once, then the matches as the API gives them', async () => {
    const { page } = await client.visit('/upload');
    await page.locator('.newest-item').first().waitFor();
    const release = await holdUploads(page);
    await bring(page, 'drop', [await picture(5)], () =>
      page.getByText('Drop the picture to search').waitFor(),
    );
    // While the server has not seen anything of it. (How soon, bench/page.mjs measures.)
    await picturesLoaded(page.locator('.query-preview img'));
    expect(await page.getByText('Drop the picture to search').count()).toBe(0);
    await page
      .getByRole('status')
      .getByText(/^(Sending|Searching)/)
      .first()
      .waitFor();
    expect(await page.locator('.search-results').getAttribute('aria-busy')).toBe('true');
    expect(await accessibilityProblems(page)).toEqual([]);
    release();
    await answered(page);

    const matches = await matchesOf(5, 24);
    await becomes(
      () => titles(page),
      matches.map(({ image }) => image.title),
    );
    await becomes(
      () => similarities(page),
      matches.map(({ similarity }) => percent(similarity)),
    );
    const bars = await cards(page)
      .locator('.progress')
      .evaluateAll((all) =>
        all.map(
          (bar) => bar.firstElementChild.getBoundingClientRect().width / bar.getBoundingClientRect().width,
        ),
      );
    bars.forEach((share, i) => expect(share).toBeCloseTo(matches[i]!.similarity, 1));
    expect(await cards(page).first().getByText('Same file').isVisible()).toBe(true);
    await page.getByText('This file is already in the gallery.').waitFor();
    expect(await page.getByRole('button', { name: 'Add to gallery' }).count()).toBe(0);
    expect(new URL(page.url()).search).toMatch(/^\?search=[\w-]+$/);
  });

  test('takes a pasted picture, and the first of several', async () => {
    const { page } = await client.visit();
    await page.locator('.newest-item').first().waitFor();
    await bring(page, 'paste', [await picture(7, 'image.png')]);
    await page.getByRole('img', { name: 'The query picture: Pasted picture' }).waitFor();
    await answered(page);
    await becomes(async () => (await titles(page))[0], 'Picture 7');
    // On the page of a search, too, and then it is another one.
    await bring(page, 'drop', [await picture(8), await picture(9), await picture(10)]);
    await page.getByText('Searched by the first of 3 pictures.').waitFor();
    await page.getByRole('img', { name: 'The query picture: picture-8.jpg' }).waitFor();
    await page.getByText('This file is already in the gallery.').waitFor();
    await becomes(async () => (await titles(page))[0], 'Picture 8');
  });

  test('takes pictures and addresses of its own gallery, but no address of elsewhere', async () => {
    const { page } = await client.visit();
    await page.locator('.newest-item').first().waitFor();
    const dropText = (text: string): Promise<void> =>
      page.locator('main').evaluate((main, text) => {
        const { DataTransfer, DragEvent } = main.ownerDocument.defaultView;
        const dataTransfer = new DataTransfer();
        dataTransfer.setData('text/uri-list', text);
        for (const type of ['dragenter', 'dragover', 'drop'])
          main.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }, text);
    await dropText('https://example.com/picture.jpg');
    await page.getByText('Only the address of a picture arrived.').waitFor();
    await bring(page, 'drop', [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') }]);
    await page.getByText('This is not a picture file.').waitFor();
    await dropText(`${client.server.url}/media/${images[4]!.id}`);
    await page.waitForURL(`**/?image=${images[4]!.id}`);
    await answered(page);
  });

  test('more like this: the picture itself left out, an address of its own, Back, Forward and reload', async () => {
    const { page } = await client.visit();
    await choose(page, await picture(9));
    await answered(page);
    const searched = page.url();
    const first = await titles(page);
    await page.getByRole('link', { name: 'More like this: Picture 9', exact: true }).click();
    await page.waitForURL(`**/?image=${images[9]!.id}`);
    await page.getByRole('img', { name: 'The query picture: Picture 9' }).waitFor();
    await answered(page);
    const found = await titles(page);
    expect(found).toHaveLength(24);
    expect(found).not.toContain('Picture 9');

    await page.goBack();
    await page.getByRole('img', { name: 'The query picture: picture-9.jpg' }).waitFor();
    await answered(page);
    await becomes(() => titles(page), first);
    await page.goForward();
    await page.waitForURL(/\?image=/);
    await answered(page);
    await page.reload();
    await answered(page);
    await becomes(() => titles(page), found);
    await page.goto(searched);
    await answered(page);
    await becomes(() => titles(page), first);
    // The browser has kept the picture, with its name.
    await page.getByRole('img', { name: 'The query picture: picture-9.jpg' }).waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByRole('heading', { name: 'Or start from one of these' }).waitFor();
    expect(new URL(page.url()).search).toBe('');

    // Somebody else sees the same matches, and the small picture that the server keeps.
    const other = await client.visit(searched);
    await answered(other.page);
    await becomes(() => titles(other.page), first);
    await picturesLoaded(other.page.locator('.query-preview img'));
  });

  test('minimum similarity hides matches without asking again; more of them are asked for', async () => {
    const { page } = await client.visit(`/?image=${images[11]!.id}`);
    await answered(page);
    let asked = 0;
    page.on('request', (one) => {
      if (/SearchMatches|SearchByPicture/.test(one.postData() ?? '')) asked++;
    });
    const values = (await similarities(page)).map(parseFloat);
    const minimum = Math.ceil(values[4]!);
    const left = values.filter((value) => value >= minimum).length;
    await page.getByRole('slider', { name: 'Minimum similarity' }).fill(String(minimum));
    await page.getByText(`${left} of 24 matches; ${24 - left} below ${minimum}%`).waitFor();
    await becomes(() => cards(page).count(), left);
    await page.waitForURL(`**/?image=${images[11]!.id}&min=${minimum / 100}`);
    await page.reload();
    await answered(page);
    await becomes(() => cards(page).count(), left);
    await page.getByRole('slider', { name: 'Minimum similarity' }).fill('100');
    await page.getByText(/^No match has a similarity of 100% or more. The best one has \d/).waitFor();
    await page.getByRole('button', { name: 'Show all matches' }).first().click();
    await cards(page).nth(23).waitFor();
    await page.waitForURL(`**/?image=${images[11]!.id}`);
    asked = 0;
    await page.getByRole('slider', { name: 'Number of results' }).fill('0');
    await page.waitForURL(/k=6/);
    await answered(page);
    await becomes(() => cards(page).count(), 6);
    await page.getByRole('slider', { name: 'Number of results' }).fill('3');
    await cards(page)
      .nth(GALLERY_SIZE - 2)
      .waitFor();
    await page.waitForURL(/k=48/);
    expect(asked).toBeGreaterThan(0);
  });

  test('tags narrow the search, all of them or one of them', async () => {
    const { page } = await client.visit(`/?image=${images[20]!.id}`);
    await answered(page);
    const tag = async (name: string): Promise<void> => {
      await page.getByRole('combobox', { name: 'Tags' }).fill(name);
      await page.getByRole('option', { name }).click();
    };
    await tag('low');
    await page.waitForURL(/tags=low$/);
    await page.getByText(/^10 nearest, in/).waitFor();
    await tag('odd');
    await page.getByText(/^5 nearest, in/).waitFor();
    await page.getByRole('radio', { name: 'One of them' }).check();
    await page.waitForURL(/tags=low,odd&match=any$/);
    await page.getByText(/^20 nearest, in/).waitFor();
    await page.reload();
    await page.getByText(/^20 nearest, in/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // The next search is narrowed, too.
    await page.getByRole('link', { name: 'More like this: Picture 1', exact: true }).click();
    await page.waitForURL(/\?image=\d+&tags=low,odd&match=any$/);
  });

  test('a tag that is not among the 500 most used can be chosen, too', async () => {
    const id = images[0]!.id;
    const change = async (field: 'add' | 'remove'): Promise<void> => {
      for (let from = 0; from < 600; from += 50) {
        const tags = Array.from({ length: 50 }, (_, i) => `rare-${String(from + i).padStart(3, '0')}`);
        const mutation = `mutation ($ids: [ID!]!, $tags: [String!]) { tagImages(ids: $ids, ${field}: $tags) { images { id } } }`;
        dataOf(await request<object>(client.server.url, mutation, { ids: [id], tags }));
      }
    };
    await change('add');
    try {
      const { page } = await client.visit(`/?image=${id}`);
      await answered(page);
      await page.getByRole('combobox', { name: 'Tags' }).fill('rare-599');
      await page.getByRole('option', { name: 'rare-599' }).click();
      await page.waitForURL(/tags=rare-599$/);
    } finally {
      await change('remove');
    }
  });

  test('tells of the query: what it is, what took how long, its colours and its features', async () => {
    const { page } = await client.visit();
    await choose(page, await picture(40, 'Unknown.jpg'));
    await answered(page);
    const analysis = page.getByRole('region', { name: 'Analysis' });
    for (const text of ['320 × 240', 'JPEG', 'tiny (fp32, sees 56 × 56)', '48 components'])
      await analysis.getByText(text, { exact: true }).waitFor();
    await analysis.getByText(/^\d+ pictures? in the gallery$/).waitFor();
    await analysis.getByText(/on the server$/).waitFor();
    const stages = await analysis
      .locator('.stage-bar .stage')
      .evaluateAll((all) => all.map((stage) => stage.getBoundingClientRect().width));
    expect(stages.length).toBeGreaterThanOrEqual(2);
    const bar = (await analysis.locator('.stage-bar').boundingBox())!;
    expect(stages.reduce((sum, width) => sum + width, 0)).toBeGreaterThan(bar.width * 0.9);
    expect(await analysis.locator('.swatches li').count()).toBeGreaterThan(1);
    await analysis.getByRole('img', { name: /^Query. Spectrum of 48 components/ }).waitFor();
    await analysis.getByRole('img', { name: /^Histogram of the components/ }).waitFor();

    // Beside a match's: the products of their components add up to the similarity.
    const name = (await titles(page))[2]!;
    const similarity = (await matchesOf(40, 24))[2]!.similarity;
    await page.getByRole('button', { name: `Compare the feature picture with ${name}`, exact: true }).click();
    await analysis.getByText(`Compared with ${name}`).waitFor();
    await analysis.getByRole('img', { name: /^Match. Spectrum of 48 components/ }).waitFor();
    const sum = await analysis.getByText(/^Sum: /).textContent();
    expect(Number(sum!.replace('Sum: ', ''))).toBeCloseTo(similarity, 2);
    expect(await accessibilityProblems(page)).toEqual([]);
    await analysis.getByRole('button', { name: 'Enlarge' }).click();
    const dialog = page.getByRole('dialog', { name: 'Feature picture' });
    await dialog.getByRole('img', { name: /^Match. Spectrum of 48 components/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await analysis.getByRole('button', { name: 'Stop comparing' }).click();
    await analysis.getByRole('img', { name: /^Match\./ }).waitFor({ state: 'detached' });
  });

  test('opens a match large: keys turn the page, Back closes it, an address opens it', async () => {
    const { page } = await client.visit(`/?image=${images[2]!.id}&k=6`);
    await answered(page);
    const found = await titles(page);
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    const shows = (i: number): Promise<void> =>
      lightbox.getByRole('heading', { name: found[i]!, exact: true }).waitFor();
    await page.getByRole('button', { name: `Open ${found[0]!}, similarity` }).click();
    await shows(0);
    await lightbox.getByText('1 of 6', { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('ArrowRight');
    await shows(1);
    await page.keyboard.press('End');
    await shows(5);
    await lightbox.getByRole('button', { name: 'Previous picture' }).click();
    await shows(4);
    await page.waitForURL(/show=/);
    await page.keyboard.press('i');
    await lightbox.getByRole('complementary').waitFor({ state: 'detached' });
    await page.keyboard.press('i');
    await page.reload();
    await shows(4);
    await page.keyboard.press('Escape');
    await lightbox.waitFor({ state: 'detached' });
    await page.locator(`.result-picture[aria-label^="Open ${found[4]!},"]:focus`).waitFor();

    await page.keyboard.press('Enter');
    await shows(4);
    await page.goBack();
    await lightbox.waitFor({ state: 'detached' });
    await becomes(() => titles(page), found);
    await page.goForward();
    await shows(4);
    await lightbox.getByRole('link', { name: 'More like this' }).click();
    await lightbox.waitFor({ state: 'detached' });
    await page.getByRole('img', { name: `The query picture: ${found[4]!}` }).waitFor();
  });

  test('a match can be removed from the gallery, and be brought back', async () => {
    const { image } = await addToGallery(client.server.url, await jpeg(60), { title: 'To be removed' });
    const { page } = await client.visit();
    await holdTime(page);
    await page.goto('/');
    await choose(page, await picture(60));
    await answered(page);
    await page.getByRole('button', { name: 'Open To be removed' }).click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    await lightbox.getByRole('button', { name: 'Remove from gallery' }).click();
    await lightbox.getByText('1 of 23', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Open To be removed' }).waitFor();
    await page.goto('about:blank'); // what it still loads must not be gone
    expect(await removeFromGallery(client.server.url, [image.id])).toEqual([image.id]);
  });

  test('coming back to a search finds what was added since', async () => {
    const { page } = await client.visit();
    await choose(page, await picture(61));
    await answered(page);
    await page
      .getByRole('link', { name: `More like this: ${(await titles(page))[0]!}`, exact: true })
      .click();
    await page.waitForURL(/\?image=/);
    await answered(page);
    const { image } = await addToGallery(client.server.url, await jpeg(61), { title: 'Added since' });
    await page.goBack();
    await page.getByRole('button', { name: 'Open Added since' }).waitFor();
    await becomes(async () => (await titles(page))[0], 'Added since');
    await page.goto('about:blank'); // what it still loads must not be gone
    await removeFromGallery(client.server.url, [image.id]);
  });

  test.each([
    [
      'en-GB',
      'Choose a picture',
      /^This is not a picture of a known format/,
      /^This picture is damaged/,
      /^This picture is too large: 293 kB/,
    ],
    ['zh-CN', '选择图片', /^无法识别这种图片格式/, /^图片已损坏或不完整/, /^图片太大：293 kB/],
  ] as const)(
    'says what to do about a file that is no good, in %s',
    async (locale, button, unknown, broken, large) => {
      const { page } = await client.visit('/', { locale });
      const chooseHere = (file: PictureFile): Promise<void> =>
        chooseFiles(page, () => page.getByRole('button', { name: button }).first().click(), file);
      await chooseHere({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
      await page.getByRole('alert').getByText(unknown).waitFor();
      await page.goto('/');
      await chooseHere(await damaged(1, 'cut.jpg'));
      await page.getByRole('alert').getByText(broken).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.goto('/');
      await chooseHere({ name: 'large.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(300_001) });
      await page.getByRole('alert').getByText(large).waitFor();
      await page.goto('/');
      await chooseHere(await picture(2));
      await answered(page);
      expect(await page.getByRole('alert').count()).toBe(0);
    },
  );

  test('a picture or a search that is gone is said to be gone', async () => {
    const { page } = await client.visit('/?image=999999');
    await page.getByRole('alert').getByText('This picture is no longer in the gallery.').waitFor();
    await page.goto('/?search=00000000-0000-4000-8000-000000000000');
    await page.getByText('This search cannot be repeated').waitFor();
    await page.goto('/?file=nothing');
    await page.getByText('This picture is no longer in this browser').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await choose(page, await picture(3));
    await answered(page);
    await becomes(async () => (await titles(page))[0], 'Picture 3');
  });

  test('a search can be cancelled and made after all', async () => {
    const { page } = await client.visit();
    await page.locator('.newest-item').first().waitFor();
    const release = await holdUploads(page);
    await choose(page, await picture(12));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The search was cancelled.').waitFor();
    release();
    await page.getByRole('button', { name: 'Search again' }).click();
    await answered(page);
    await becomes(async () => (await titles(page))[0], 'Picture 12');
  });

  test('works by keyboard alone', async () => {
    const { page } = await client.visit();
    // From the start: what a browser does with a file dialog has to be settled before the key is pressed.
    const chooser = page.waitForEvent('filechooser');
    await page.locator('.newest-item').first().waitFor();
    await pressUntil(page, 'Tab', 'Choose a picture');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(await picture(4));
    await answered(page);
    await pressUntil(page, 'Tab', 'More like this: Picture 4');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?image=/);
    await answered(page);
  });

  test('nothing moves when the answer and its pictures arrive', async () => {
    const { page } = await client.visit('about:blank');
    const layoutShift = await watchLayoutShift(page);
    await page.goto('/');
    await page.locator('.newest-item .thumbnail.loaded').first().waitFor();
    expect(await layoutShift()).toBeLessThan(0.05);
    const release = await holdRequests(page, '**/media/**/thumbnail*');
    await page.goto(`/?image=${images[10]!.id}`);
    await answered(page);
    await page.locator('.analysis-feature svg').first().waitFor();
    const places = (): Promise<number[][]> =>
      page
        .locator('.result-grid *')
        .evaluateAll((nodes) =>
          nodes.map((node) => Object.values(node.getBoundingClientRect().toJSON() as object) as number[]),
        );
    const before = await places();
    release();
    await picturesLoaded(page.locator('.result-grid img'));
    expect(await places()).toEqual(before);
    expect(await layoutShift()).toBeLessThan(0.05);
  });

  test('on a phone a photo can be taken, and everything fits', async () => {
    const { page } = await client.visit('/', {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
      colorScheme: 'dark',
    });
    await page.getByRole('button', { name: 'Choose a picture' }).waitFor();
    expect(await page.locator('input[capture=environment]').count()).toBe(1);
    await chooseFiles(page, () => page.getByRole('button', { name: 'Take a photo' }).tap(), await picture(6));
    await answered(page);
    expect(await overflow(page)).toBe(0);
    // There the analysis is opened on demand.
    await page.getByRole('button', { name: 'Analysis' }).tap();
    await page.locator('.stage-bar').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

describeInBrowser('the search page with a model that tells parts of pictures apart', () => {
  const client = useClient({
    prepare: async ({ models }) => {
      await writePatchModel(models, { mode: 'stretch', width: 112, height: 112 });
      return { MODEL: 'tiny-patches' };
    },
  });
  let images: readonly ImageFields[] = [];

  beforeAll(async () => {
    images = await addPictures(client.server.url, 6);
  });

  test.each(['file', 'image'] as const)('shows the parts of a %s, and why a match is one', async (kind) => {
    const { page } = await client.visit(kind === 'image' ? `/?image=${images[1]!.id}` : '/');
    if (kind === 'file') await choose(page, await picture(30, 'mine.jpg'));
    await answered(page);
    await page.getByRole('switch', { name: 'Patch map' }).or(page.getByLabel('Patch map')).first().check();
    await page.getByText('What looks alike to the model has the same colour.').waitFor();
    const overlay = page.locator('.query-preview .patch-overlay');
    await overlay.waitFor();
    await picturesLoaded(overlay);
    const [frame, drawn] = [await page.locator('.query-frame').boundingBox(), await overlay.boundingBox()];
    expect(drawn!.width).toBeCloseTo(frame!.width, 0);
    expect(drawn!.height).toBeCloseTo(frame!.height, 0);
    expect(await accessibilityProblems(page)).toEqual([]);

    await page
      .getByRole('button', { name: /^Open / })
      .first()
      .click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    await lightbox.getByRole('button', { name: 'Why?' }).click();
    await lightbox.getByText(/^Warm where a part of one picture has its counterpart/).waitFor();
    await lightbox.getByText(/^Agreement/).waitFor();
    await picturesLoaded(lightbox.locator('.patch-overlay'));
    expect(await lightbox.locator('.patch-overlay').count()).toBe(2);
    const marks = await lightbox.locator('.lightbox-frame .pair-mark').allTextContents();
    expect(marks.length).toBeGreaterThan(0);
    expect(await lightbox.locator('.explanation-query .pair-mark').allTextContents()).toEqual(marks);
    expect(await accessibilityProblems(page)).toEqual([]);
    // Asking why is no search of the visitor's.
    await page.goto('/history');
    await page.getByRole('status').getByText('1 search', { exact: true }).waitFor();
  });
});
