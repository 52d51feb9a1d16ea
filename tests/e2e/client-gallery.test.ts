import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { Deferred } from '../../src/lib/deferred.js';
import { SAMPLE_DIR } from '../../src/project.js';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  bring,
  chooseFiles,
  createAlbum,
  damaged,
  holdRequests,
  holdUploads,
  overflow,
  picture,
  useClient,
} from '../helpers/client.js';
import { addToGallery, dataOf, removeFromGallery, request, type ImageFields } from '../helpers/graphql.js';
import { holdTime } from '../helpers/page-time.js';
import { jpeg } from '../helpers/pictures.js';
import { becomes } from '../helpers/wait-for.js';

const GALLERY_SIZE = 30;

const openButton = (page: Page, title: string): Locator =>
  page.getByRole('button', { name: `Open ${title}`, exact: true });
const cells = (page: Page): Locator => page.locator('.gallery-open');
const titles = (page: Page): Promise<string[]> =>
  page.locator('.gallery-caption > :first-child').allTextContents();
const toolbar = (page: Page): Locator => page.getByRole('toolbar', { name: 'Selected pictures' });
const select = (page: Page, title: string): Promise<void> =>
  page.getByRole('checkbox', { name: `Select ${title}`, exact: true }).click();

async function tagsOf(url: string, id: string): Promise<readonly string[] | null> {
  const { galleryImage } = dataOf(
    await request<{ galleryImage: { tags: string[] } | null }>(
      url,
      'query ($id: ID!) { galleryImage(id: $id) { tags } }',
      { id },
    ),
  );
  return galleryImage?.tags ?? null;
}

describeInBrowser('the gallery page of an empty gallery', () => {
  const client = useClient();

  test('says so, and shows the first picture as soon as anybody adds it', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('The gallery is empty').waitFor();
    await page.getByRole('status').getByText('0 pictures', { exact: true }).waitFor();
    const welcome = page.getByRole('region', { name: 'Welcome to Likeness' });
    await welcome.waitFor();

    // Samples are known by their content.
    const sample = await readFile(join(SAMPLE_DIR, 'autumn-trees/01-lone-red-maple.jpg'));
    await addToGallery(client.server.url, sample, { title: 'A sample' });
    await openButton(page, 'A sample').waitFor();
    await welcome.getByRole('button', { name: 'Remove the samples' }).click();
    await page
      .getByRole('dialog', { name: 'Remove 1 sample picture?' })
      .getByRole('button', { name: 'Remove', exact: true })
      .click();
    await page.getByRole('status').getByText('0 pictures', { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await chooseFiles(page, () => page.getByRole('button', { name: 'Add pictures', exact: true }).click(), [
      await picture(1, 'First one.jpg'),
    ]);
    await page.getByRole('dialog').getByRole('button', { name: 'Add picture' }).click();
    await openButton(page, 'First one').waitFor();
    await welcome.waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('1 picture', { exact: true }).waitFor();
    await addToGallery(client.server.url, await jpeg(2), { title: 'Second one' });
    await openButton(page, 'Second one').waitFor();
    await becomes(() => titles(page), ['Second one', 'First one']);
  });
});

describeInBrowser('the gallery page', () => {
  let importRoot = '';
  const client = useClient({
    prepare: async ({ data }) => {
      importRoot = join(data, 'photos');
      await mkdir(join(importRoot, 'trip'), { recursive: true });
      for (let seed = 200; seed < 206; seed++)
        await writeFile(join(importRoot, 'trip', `Trip ${seed}.jpg`), await jpeg(seed));
      await writeFile(join(importRoot, 'trip', 'broken.jpg'), (await jpeg(206)).subarray(0, 300));
      await mkdir(join(importRoot, 'trip', '@eaDir'));
      await symlink(importRoot, join(importRoot, 'trip', 'circle'));
      await mkdir(join(importRoot, 'bad'));
      await writeFile(join(importRoot, 'bad', 'cut.jpg'), (await jpeg(207)).subarray(0, 300));
      return { IMPORT_ROOTS: importRoot, MAX_UPLOAD_BYTES: '300000' };
    },
  });
  const images: ImageFields[] = [];

  beforeAll(async () => {
    for (let seed = 0; seed < GALLERY_SIZE; seed++) {
      const tags = [seed % 2 === 0 ? 'even' : 'odd', ...(seed < 5 ? ['few'] : [])];
      const { image } = await addToGallery(client.server.url, await jpeg(seed), {
        title: `Picture ${String(seed).padStart(2, '0')}`,
        tags,
      });
      images.push(image);
    }
  });

  // Each test begins with the same gallery.
  afterEach(async () => {
    const known = new Set(images.map(({ id }) => id));
    const { galleryImages } = dataOf(
      await request<{ galleryImages: { edges: { node: { id: string } }[] } }>(
        client.server.url,
        '{ galleryImages(first: 100) { edges { node { id } } } }',
      ),
    );
    const added = galleryImages.edges.map(({ node }) => node.id).filter((id) => !known.has(id));
    if (added.length > 0) await removeFromGallery(client.server.url, added);
  });

  const chooseHere = (page: Page, files: Parameters<typeof chooseFiles>[2]): Promise<void> =>
    chooseFiles(page, () => page.getByRole('button', { name: 'Add pictures', exact: true }).click(), files);

  test('adds many pictures: each with its progress and its end, a damaged one alone fails', async () => {
    const { page } = await client.visit('/gallery');
    await cells(page).first().waitFor();
    const release = await holdUploads(page);
    await chooseHere(page, [
      await picture(100, 'New one.jpg'),
      await picture(101, 'New two.jpg'),
      await picture(102, 'New three.jpg'),
      await picture(103, 'Given up.jpg'),
      await picture(3, 'Known.jpg'),
      await damaged(104, 'Damaged.jpg'),
      { name: 'Large.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(300_001) },
    ]);
    const dialog = page.getByRole('dialog', { name: 'Add 7 pictures' });
    await dialog.getByText('1 picture is over the limit of 293 kB and will not be sent.').waitFor();
    await dialog.getByRole('combobox', { name: 'Tags' }).fill('Fresh ');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Remove the tag fresh' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add 6 pictures' }).click();

    const uploads = page.getByRole('region', { name: 'Uploads' });
    await uploads.getByText('Adding pictures: 1 of 7').waitFor();
    await uploads
      .getByText(/^Sending/)
      .first()
      .waitFor();
    const row = (name: string): Locator => uploads.getByRole('listitem').filter({ hasText: name });
    await row('Given up.jpg').getByText('Waiting').waitFor();
    await uploads.getByRole('button', { name: 'Cancel: Given up.jpg' }).click();
    await row('Given up.jpg').getByText('Cancelled').waitFor();
    release();
    await uploads.getByText('All uploads are finished.').first().waitFor();
    await uploads.getByText('3 added · 1 already there · 2 failed · 1 cancelled').waitFor();
    await row('Damaged.jpg').getByText('This picture is damaged or incomplete.').waitFor();
    await row('Large.jpg').getByText('This picture is too large: 293 kB, and the limit is 293 kB.').waitFor();
    await row('Known.jpg').getByText('Already there').waitFor();
    const added = ['New one', 'New three', 'New two'];
    for (const title of added) await openButton(page, title).waitFor();
    expect((await titles(page)).slice(0, 3).sort()).toEqual(added);
    expect(await tagsOf(client.server.url, images[3]!.id)).not.toContain('fresh');
    expect(await accessibilityProblems(page)).toEqual([]);

    // What was given up can be tried again; what would fail again cannot.
    await uploads.getByRole('button', { name: 'Try again: Given up.jpg' }).click();
    await openButton(page, 'Given up').waitFor();
    await uploads.getByText('4 added · 1 already there · 2 failed').waitFor();
    await row('Damaged.jpg').getByText('This picture is damaged or incomplete.').waitFor();
    expect(await uploads.getByRole('button', { name: /^Try/ }).count()).toBe(0);
    await uploads.getByRole('button', { name: 'Close' }).click();
    await uploads.waitFor({ state: 'detached' });
    await page.goto('/gallery?tag=fresh');
    await page.getByText('4 pictures found').waitFor();
  });

  test('takes a drop anywhere, and goes on with it while another page is open', async () => {
    const { page } = await client.visit('/gallery');
    await cells(page).first().waitFor();
    const sign = page.getByText('Drop pictures or folders to add them to the gallery');
    await bring(
      page,
      'drop',
      [
        await picture(110, 'Dropped one.jpg'),
        await picture(111, 'Dropped two.jpg'),
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') },
      ],
      () => sign.waitFor(),
    );
    await sign.waitFor({ state: 'hidden' });
    const release = await holdUploads(page);
    const dialog = page.getByRole('dialog', { name: 'Add 2 pictures' });
    await dialog.getByText('1 other file is left out.').waitFor();
    await dialog.getByRole('button', { name: 'Add 2 pictures' }).click();
    await page.getByText('Adding pictures: 0 of 2').waitFor();
    await page.getByRole('link', { name: 'Status', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    release();
    await page.goBack();
    await page.getByText('2 added').first().waitFor();
    await openButton(page, 'Dropped one').waitFor();
    await openButton(page, 'Dropped two').waitFor();
  });

  test('shows changed tags of a selection at once, and takes them back when the server does not', async () => {
    const window = await client.visit('/gallery');
    const { page } = window;
    await select(page, 'Picture 10');
    await openButton(page, 'Picture 11').click(); // while there is a selection, a click selects
    await toolbar(page).getByText('2 selected').waitFor();
    await toolbar(page).getByRole('button', { name: 'Tags …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Tags of 2 pictures' });
    await dialog.getByLabel('Add tags').fill('holiday');
    await page.keyboard.press('Enter');
    await dialog.getByTitle('Remove the tag even').click();
    await dialog.getByTitle('Keep the tag even').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const release = await holdRequests(page, '**/graphql', ({ postData }) =>
      /tagImages/.test(postData ?? ''),
    );
    await dialog.getByRole('button', { name: 'Save' }).click();
    const caption = (title: string): Locator => openButton(page, title).locator('.gallery-caption-tags');
    await caption('Picture 10').getByText('holiday', { exact: true }).waitFor({ state: 'attached' });
    await caption('Picture 11').getByText('holiday · odd').waitFor({ state: 'attached' });
    expect(await tagsOf(client.server.url, images[10]!.id)).toEqual(['even']);
    release();
    await page.getByText('Tags of 2 pictures saved.').waitFor();
    expect(await tagsOf(client.server.url, images[10]!.id)).toEqual(['holiday']);
    expect(await tagsOf(client.server.url, images[11]!.id)).toEqual(['holiday', 'odd']);
    await page.unrouteAll();

    await page.route('**/graphql', async (route) => {
      if (/tagImages/.test(route.request().postData() ?? '')) await route.abort();
      else await route.continue();
    });
    await toolbar(page).getByRole('button', { name: 'Tags …' }).click();
    await page.getByRole('dialog').getByTitle('Remove the tag holiday').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('The tags were not saved.').waitFor();
    await caption('Picture 10').getByText('holiday').waitFor({ state: 'attached' });
    await window.expectProblem(/ERR_FAILED/);
  });

  test('opens a picture large, with its details, and changes its tags there', async () => {
    const { page } = await client.visit('/gallery');
    await openButton(page, 'Picture 20').click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    await lightbox.getByRole('heading', { name: 'Picture 20' }).waitFor();
    await lightbox.getByText('10 of 30', { exact: true }).waitFor();
    await lightbox.getByText('320 × 240').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await lightbox.getByRole('combobox', { name: 'Tags' }).fill('large');
    await page.keyboard.press('Enter');
    await client.server.until(
      async () => (await tagsOf(client.server.url, images[20]!.id))?.includes('large') === true,
    );
    await lightbox.getByRole('link', { name: 'large', exact: true }).click();
    await page.waitForURL('**/gallery?tag=large');
    await becomes(() => titles(page), ['Picture 20']);
    await page.goBack();
    await lightbox.getByRole('heading', { name: 'Picture 20' }).waitFor();
    await lightbox.getByRole('button', { name: 'Remove the tag large' }).click();
    await client.server.until(
      async () => (await tagsOf(client.server.url, images[20]!.id))?.includes('large') === false,
    );
    await lightbox.getByRole('button', { name: 'Next picture' }).click();
    await lightbox.getByRole('heading', { name: 'Picture 19' }).waitFor();
    await page.keyboard.press('End');
    await lightbox.getByRole('heading', { name: 'Picture 00' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await lightbox.getByRole('heading', { name: 'Picture 01' }).waitFor();
    await page.keyboard.press('Escape');
    await lightbox.waitFor({ state: 'detached' });
    await page.locator('.gallery-open[aria-label="Open Picture 01"]:focus').waitFor();
  });

  test('rates, renames and marks a picture where it is looked at; favorites can be filtered', async () => {
    const stateOf = async (): Promise<unknown> =>
      dataOf(
        await request<{ galleryImage: unknown }>(
          client.server.url,
          'query ($id: ID!) { galleryImage(id: $id) { title rating favorite } }',
          { id: images[15]!.id },
        ),
      ).galleryImage;
    const { page } = await client.visit('/gallery');
    await openButton(page, 'Picture 15').click();
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    await lightbox.getByRole('heading', { name: 'Picture 15' }).waitFor();
    await page.keyboard.press('4');
    await lightbox.getByRole('button', { name: '4 stars', pressed: true }).waitFor();
    await page.keyboard.press('f');
    await lightbox.getByRole('button', { name: 'Favorite', pressed: true }).waitFor();
    const rename = lightbox.getByRole('button', { name: 'Rename' });
    await rename.click();
    await lightbox.getByRole('textbox', { name: 'Title' }).fill('Not this');
    await page.keyboard.press('Escape');
    await lightbox.getByRole('heading', { name: 'Picture 15' }).waitFor();
    await rename.click();
    await lightbox.getByRole('textbox', { name: 'Title' }).fill('Best of all');
    await page.keyboard.press('Enter');
    await lightbox.getByRole('heading', { name: 'Best of all' }).waitFor();
    await becomes(stateOf, { title: 'Best of all', rating: 4, favorite: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await lightbox.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Only favorites').check();
    await page.getByLabel('Rating').selectOption('At least 4 stars');
    await page.getByText('1 picture found').waitFor();
    expect(new URL(page.url()).search).toBe('?favorites=true&stars=4');
    expect(await accessibilityProblems(page)).toEqual([]);
    await openButton(page, 'Best of all, a favorite').click();
    await rename.click();
    await lightbox.getByRole('textbox', { name: 'Title' }).fill('Picture 15');
    await page.keyboard.press('Enter');
    await lightbox.getByRole('heading', { name: 'Picture 15' }).waitFor();
    await page.keyboard.press('f');
    await page.getByText('No picture matches these filters').waitFor();
    await becomes(stateOf, { title: 'Picture 15', rating: 4, favorite: false });
  });

  test('the picture shown large has an address, and Escape closes only what is on top', async () => {
    const { page } = await client.visit('/gallery');
    const lightbox = page.getByRole('dialog', { name: 'Picture' });
    const shows = (title: string): Promise<void> => lightbox.getByRole('heading', { name: title }).waitFor();
    await select(page, 'Picture 22');
    await openButton(page, 'Picture 20').focus();
    await page.keyboard.press('Enter');
    await shows('Picture 20');
    await page.waitForURL(`**/gallery?show=${images[20]!.id}`);
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/gallery?show=${images[19]!.id}`);
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.keyboard.press('?');
    await keys.getByText('Show or hide the details').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await shows('Picture 19');
    await page.keyboard.press('Escape');
    await lightbox.waitFor({ state: 'detached' });
    await page.waitForURL('**/gallery');
    await toolbar(page).getByText('1 selected').waitFor();
    await toolbar(page).getByRole('button', { name: 'Tags …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).focus();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await toolbar(page).getByText('1 selected').waitFor();
    await page.keyboard.press('Escape');
    await toolbar(page).waitFor({ state: 'detached' });

    await openButton(page, 'Picture 20').click();
    await shows('Picture 20');
    await page.reload();
    await shows('Picture 20');
    await lightbox.getByText('10 of 30', { exact: true }).waitFor();
    await page.goBack();
    await lightbox.waitFor({ state: 'detached' });
    await page.locator('.gallery-open[aria-label="Open Picture 20"]:focus').waitFor();

    // One that the list does not have is shown alone.
    await page.goto(`${client.server.url}/gallery?q=Picture+1&show=${images[20]!.id}`);
    await shows('Picture 20');
    await page.keyboard.press('Escape');
    await page.waitForURL('**/gallery?q=Picture+1');
    await page.goto(`${client.server.url}/gallery?show=999999`);
    await page.getByRole('alert').waitFor();
    await openButton(page, 'Picture 20').click();
    await shows('Picture 20');
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('a removal can be undone as long as nothing has been sent', async () => {
    const { page } = await client.visit();
    await holdTime(page);
    await page.goto('/gallery');
    let sent = 0;
    page.on('request', (asked) => {
      if (/removeFromGallery/.test(asked.postData() ?? '')) sent++;
    });
    await select(page, 'Picture 12');
    await toolbar(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Picture removed.').waitFor();
    await openButton(page, 'Picture 12').waitFor({ state: 'detached' });
    await page.getByText('29 pictures').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await openButton(page, 'Picture 12').waitFor();
    await page.getByText('30 pictures').waitFor();
    expect(sent).toBe(0);
    expect(await tagsOf(client.server.url, images[12]!.id)).not.toBeNull();
  });

  test('a removal that is not undone happens, at the latest when the page is left', async () => {
    const { image: first } = await addToGallery(client.server.url, await jpeg(120), { title: 'Goes first' });
    const { image: second } = await addToGallery(client.server.url, await jpeg(121), { title: 'Goes later' });
    const gone = (id: string): Promise<void> =>
      client.server.until(async () => (await tagsOf(client.server.url, id)) === null);
    const { page } = await client.visit();
    const letTimePass = await holdTime(page);
    await page.goto('/gallery');
    // A thumbnail that is asked for after its picture is gone is a 404.
    for (const title of ['Goes first', 'Goes later'])
      await openButton(page, title).locator('.thumbnail.loaded').waitFor();
    await openButton(page, 'Goes first').focus();
    await page.keyboard.press('Delete');
    await openButton(page, 'Goes first').waitFor({ state: 'detached' });
    expect(await tagsOf(client.server.url, first.id)).not.toBeNull();
    await letTimePass();
    await gone(first.id);
    await page.getByText('31 pictures').waitFor();
    await openButton(page, 'Goes later').focus();
    await page.keyboard.press('Delete');
    await openButton(page, 'Goes later').waitFor({ state: 'detached' });
    expect(await tagsOf(client.server.url, second.id)).not.toBeNull();
    await page.goto('about:blank');
    await gone(second.id);
  });

  test('filters and order are in the address, and survive reload and Back', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('30 pictures').waitFor();
    await page.getByLabel('Title, tag or path').fill('few');
    await page.getByText('5 pictures found').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    const tags = page.getByLabel('With all of these tags');
    await tags.fill('ev');
    await page.getByRole('option', { name: 'even' }).click();
    await page.getByText('3 pictures found').waitFor();
    await page.getByLabel('Order').selectOption('By title');
    const found = ['Picture 00', 'Picture 02', 'Picture 04'];
    await client.server.until(async () => (await titles(page)).join() === found.join());
    expect(new URL(page.url()).search).toBe('?q=few&tag=even&sort=title');
    expect(await accessibilityProblems(page)).toEqual([]);

    await page.reload();
    await page.getByText('3 pictures found').waitFor();
    await becomes(() => titles(page), found);
    expect(await page.getByLabel('Title, tag or path').inputValue()).toBe('few');
    await page.getByRole('link', { name: 'Status', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
    await page.goBack();
    await page.getByText('3 pictures found').waitFor();
    await becomes(() => titles(page), found);

    await page.getByLabel('Title, tag or path').fill('nowhere');
    await page.getByText('No picture matches these filters').waitFor();
    await page.locator('.empty-state').getByRole('button', { name: 'Remove all filters' }).click();
    await page.getByText('30 pictures').waitFor();
    expect(new URL(page.url()).search).toBe('?sort=title');
  });

  test('follows what others add and remove, without moving what is being looked at', async () => {
    const { page } = await client.visit('/gallery', { viewport: { width: 360, height: 600 } });
    await page.getByText('30 pictures').waitFor();
    const { image } = await addToGallery(client.server.url, await jpeg(130), { title: 'Of somebody else' });
    await openButton(page, 'Of somebody else').locator('.thumbnail.loaded').waitFor();
    await page.getByText('31 pictures').waitFor();
    await removeFromGallery(client.server.url, [image.id]);
    await openButton(page, 'Of somebody else').waitFor({ state: 'detached' });
    await page.getByText('30 pictures').waitFor();

    await page.mouse.move(180, 400);
    await page.mouse.wheel(0, 900);
    await openButton(page, 'Picture 10').waitFor();
    await client.server.until(async () => (await page.evaluate<number>('scrollY')) > 500);
    const before = await openButton(page, 'Picture 10').boundingBox();
    await addToGallery(client.server.url, await jpeg(131), { title: 'While scrolled' });
    await page.getByRole('button', { name: 'Show 1 new picture' }).waitFor();
    expect(await openButton(page, 'Picture 10').boundingBox()).toEqual(before);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Show 1 new picture' }).click();
    await openButton(page, 'While scrolled').waitFor();
    expect(await page.evaluate<number>('scrollY')).toBe(0);
  });

  test('misses no picture that is added between its list and its subscription', async () => {
    const { page } = await client.visit('about:blank');
    const asked = new Deferred<void>();
    const released = new Deferred<void>();
    await page.routeWebSocket('**/graphql', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage(async (message) => {
        if (message.toString().includes('galleryChanged')) {
          asked.resolve();
          await released.promise;
        }
        server.send(message);
      });
    });
    await page.goto('/gallery');
    await asked.promise;
    await addToGallery(client.server.url, await jpeg(140), { title: 'In between' });
    released.resolve();
    await openButton(page, 'In between').waitFor();
    await page.getByText('31 pictures').waitFor();
  });

  test('shows what was added and removed while an older list was on its way', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('30 pictures').waitFor();
    const seen = await addToGallery(client.server.url, await jpeg(141), { title: 'First seen' });
    await openButton(page, 'First seen').locator('.thumbnail.loaded').waitFor();
    const read = new Deferred<void>();
    const delivered = new Deferred<void>();
    await page.route('**/graphql', async (route) => {
      if (!/GalleryPage/.test(route.request().postData() ?? '')) return route.continue();
      const response = await route.fetch();
      read.resolve();
      await delivered.promise;
      await route.fulfill({ response });
    });
    await page.getByLabel('Order').selectOption('Date added, oldest first');
    await read.promise;
    await addToGallery(client.server.url, await jpeg(142), { title: 'Overtook it' });
    await removeFromGallery(client.server.url, [seen.image.id]);
    // Meanwhile the list of before is shown: there one sees that the events have come.
    await openButton(page, 'First seen').waitFor({ state: 'detached' });
    delivered.resolve();
    await becomes(async () => (await titles(page))[0], 'Picture 00');
    await page.getByText('31 pictures').waitFor();
    await openButton(page, 'Overtook it').waitFor();
    await openButton(page, 'First seen').waitFor({ state: 'detached' });
  });

  test('has the server import a folder, and tells how far it is and what failed', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('30 pictures').waitFor();
    await page.getByRole('button', { name: 'More ways to add pictures' }).click();
    await page.getByRole('button', { name: 'Import a folder on the server …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a folder on the server' });
    await dialog.getByLabel('Folder', { exact: true }).fill('/etc');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog
      .getByRole('alert')
      .getByText('This folder may not be imported, or it does not exist.')
      .waitFor();
    await dialog.getByText('IMPORT_ROOTS=/etc npm start').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await dialog.getByLabel('Folder', { exact: true }).fill(join(importRoot, 'trip'));
    await dialog.getByRole('combobox', { name: 'Tags' }).fill('trip');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const job = page.getByRole('article', { name: 'Folder import' });
    await job.getByText('done').waitFor();
    await job.getByText('7 of 7').waitFor();
    await job.getByText('6 added · 1 failed').waitFor();
    await job.getByText('1 file failed').click();
    await job.getByText('broken.jpg').waitFor();
    await job.getByText('damaged, incomplete or unreadable').waitFor();
    await job.getByText('2 left out').click();
    await job.getByText('1 link').waitFor();
    await job.getByText('1 folder of the system or of another program').waitFor();
    expect(await job.getByRole('progressbar').evaluate((bar) => bar.value / bar.max)).toBe(1);
    await openButton(page, 'Trip 205').waitFor();
    await page.getByText('36 pictures').waitFor();
    await job.getByRole('button', { name: 'Close' }).click();
    await job.waitFor({ state: 'detached' });
  });

  test('cancels an import, which then says that it was stopped', async () => {
    const { page } = await client.visit('/gallery');
    await page.getByText('30 pictures').waitFor();
    const thaw = await client.server.freeze('embed-worker');
    try {
      await request(
        client.server.url,
        'mutation ($path: String!) { importFolder(path: $path) { job { id } } }',
        {
          path: join(importRoot, 'trip'),
        },
      );
      await page.reload();
      const job = page.getByRole('article', { name: 'Folder import' });
      // Before the worker goes on: else all is imported before the server hears of it.
      const cancelled = page.waitForResponse((response) =>
        /CancelJob/.test(response.request().postData() ?? ''),
      );
      await job.getByRole('button', { name: 'Cancel' }).click();
      await job.getByRole('button', { name: 'Cancel', disabled: true }).waitFor();
      await cancelled;
      thaw();
      await job.getByText('stopped').waitFor();
    } finally {
      thaw();
    }
  });

  test('shows an import that ended before it was first seen, and its failures though the end of its progress is not told', async () => {
    const { page } = await client.visit('about:blank');
    await page.routeWebSocket('**/graphql', (socket) => {
      socket.connectToServer().onMessage((message) => {
        if (!message.toString().includes('"type":"complete"')) socket.send(message);
      });
    });
    await page.goto('/gallery');
    await page.getByText('30 pictures').waitFor();
    await page.getByRole('button', { name: 'More ways to add pictures' }).click();
    await page.getByRole('button', { name: 'Import a folder on the server …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a folder on the server' });
    await dialog.getByLabel('Folder', { exact: true }).fill(join(importRoot, 'bad'));
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    const job = page.getByRole('article', { name: 'Folder import' });
    await job.getByText('1 of 1').waitFor();
    await job.getByText('1 file failed').click();
    await job.getByText('cut.jpg').waitFor();
  });

  test('is used by keyboard alone', async () => {
    const { page } = await client.visit('/gallery');
    await openButton(page, 'Picture 29').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.locator('.gallery-open[aria-label="Open Picture 27"]:focus').waitFor();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await toolbar(page).getByText('2 selected').waitFor();
    await page.keyboard.press('Control+End');
    await page.locator('.gallery-open[aria-label="Open Picture 00"]:focus').waitFor();
    await page.keyboard.press('Control+Home');
    await page.locator('.gallery-open[aria-label="Open Picture 29"]:focus').waitFor();
    await page.keyboard.press('Control+a');
    await toolbar(page).getByText('30 selected').waitFor();
    await page.keyboard.press('Escape');
    await toolbar(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page
      .getByRole('dialog', { name: 'Picture' })
      .getByRole('heading', { name: 'Picture 29' })
      .waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.gallery-open[aria-label="Open Picture 29"]:focus').waitFor();
  });

  describe('albums', () => {
    const albumTitles = async (id: string): Promise<string[]> => {
      const { album } = dataOf(
        await request<{ album: { images: { edges: { node: { title: string } }[] } } }>(
          client.server.url,
          'query ($id: ID!) { album(id: $id) { images(first: 100) { edges { node { title } } } } }',
          { id },
        ),
      );
      return album.images.edges.map(({ node }) => node.title);
    };
    const idIn = (page: Page): string => new URL(page.url()).searchParams.get('album') as string;

    test('a selection becomes an album, is put in order by keys and buttons, and taken out again', async () => {
      const { page } = await client.visit();
      await holdTime(page);
      await page.goto('/gallery');
      for (const title of ['Picture 29', 'Picture 27', 'Picture 25']) await select(page, title);
      await toolbar(page).getByRole('button', { name: 'Add to album …' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add 3 pictures to an album' });
      await dialog.getByRole('radio', { name: 'New album' }).check();
      await dialog.getByRole('textbox', { name: 'Name' }).fill('Odd ones');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('3 pictures added to “Odd ones”.').waitFor();
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Odd ones' }).waitFor();
      await becomes(() => titles(page), ['Picture 29', 'Picture 27', 'Picture 25']);

      await openButton(page, 'Picture 25').focus();
      await page.keyboard.press('Alt+ArrowLeft');
      await page.locator('.gallery-open[aria-label="Open Picture 25"]:focus').waitFor();
      await becomes(() => titles(page), ['Picture 29', 'Picture 25', 'Picture 27']);
      await select(page, 'Picture 29');
      await toolbar(page).getByRole('button', { name: 'Move later' }).click();
      await becomes(() => titles(page), ['Picture 25', 'Picture 29', 'Picture 27']);
      await becomes(() => albumTitles(idIn(page)), ['Picture 25', 'Picture 29', 'Picture 27']);

      await toolbar(page).getByRole('button', { name: 'Remove from album' }).click();
      await becomes(() => titles(page), ['Picture 25', 'Picture 27']);
      await page.getByRole('button', { name: 'Undo' }).click();
      await becomes(() => titles(page), ['Picture 25', 'Picture 29', 'Picture 27']);
      expect(await accessibilityProblems(page)).toEqual([]);
    });

    test('follow what another window changes, and are renamed and deleted', async () => {
      const id = await createAlbum(client.server.url, 'First name', images.slice(0, 2));
      const { page } = await client.visit(`/gallery?album=${id}`);
      await becomes(() => titles(page), ['Picture 00', 'Picture 01']);
      const { page: other } = await client.visit();
      const letTimePass = await holdTime(other);
      await other.goto('/albums');
      const card = other.getByRole('listitem').filter({ hasText: 'First name' });
      await card.getByText('2 pictures').waitFor();
      await request(
        client.server.url,
        'mutation ($id: ID!, $images: [ID!]!) { addToAlbum(id: $id, images: $images) { addedCount } }',
        {
          id,
          images: [images[2]?.id],
        },
      );
      await becomes(() => titles(page), ['Picture 00', 'Picture 01', 'Picture 02']);
      await card.getByText('3 pictures').waitFor();
      await card.getByRole('button', { name: 'Rename First name' }).click();
      const dialog = other.getByRole('dialog', { name: 'Rename the album' });
      await dialog.getByLabel('Name').fill('Second name');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('heading', { level: 1, name: 'Second name' }).waitFor();
      await other.getByRole('button', { name: 'Delete the album Second name' }).click();
      await other.getByText('Album deleted. Its pictures stay in the gallery.').waitFor();
      await letTimePass();
      await page.getByText('This album does not exist any more.').waitFor();
      for (const width of [600, 768]) {
        await other.setViewportSize({ width, height: 700 });
        expect([width, await overflow(other)]).toEqual([width, 0]);
      }
    });

    test('a search is saved as one that stays live, and says so in the list', async () => {
      const { page } = await client.visit(`/?image=${images[0]?.id}&k=6`);
      await page.getByRole('button', { name: 'Save as album …' }).click();
      const dialog = page.getByRole('dialog', { name: 'Save the search as an album' });
      await dialog.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved as “Picture 00”.').waitFor();
      await page.getByRole('link', { name: 'Albums', exact: true }).click();
      const card = page.getByRole('listitem').filter({ hasText: 'Picture 00' });
      await card.getByText('Smart').waitFor();
      await card.getByText('7 pictures').waitFor();
      await card.getByRole('link', { name: 'Picture 00' }).click();
      await openButton(page, 'Picture 00').waitFor();
      await becomes(async () => (await titles(page)).length, 7);
      expect(await page.getByRole('button', { name: 'Remove from album' }).count()).toBe(0);
    });
  });
});
