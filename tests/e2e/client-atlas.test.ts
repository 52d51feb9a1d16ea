import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import {
  accessibilityProblems,
  bring,
  chooseFiles,
  damaged,
  overflow,
  picture,
  useClient,
} from '../helpers/client.js';
import { dataOf, request, upload } from '../helpers/graphql.js';
import { fillGallery } from '../helpers/large-gallery.js';
import { LIMITS } from '../helpers/limits.js';
import { jpeg } from '../helpers/pictures.js';

const COUNT = 300;

const map = (page: Page): Locator => page.getByRole('application', { name: 'Map of the gallery' });

interface Seen {
  /** How many pixels something is drawn on. */
  readonly drawn: number;
  /** The colour at a place, as four numbers. */
  readonly color: string;
}

/** What is to be seen on the map; from a copy, so that reading does not slow the map down. */
const look = (page: Page, left = 0, top = 0): Promise<Seen> =>
  map(page).evaluate(
    (canvas, [left, top]) => {
      const { width, height, ownerDocument } = canvas;
      const copy = Object.assign(ownerDocument.createElement('canvas'), { width, height });
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      let drawn = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn++;
      return { drawn, color: context.getImageData(left, top, 1, 1).data.join() };
    },
    [left, top],
  );

const drawnPixels = async (page: Page): Promise<number> => (await look(page)).drawn;

interface Atlas {
  readonly state: string;
  readonly ids: string[];
  readonly coordinates: number[];
}

describeInBrowser('the atlas', () => {
  const client = useClient({ prepare: ({ data, models }) => fillGallery(data, models, 'tiny', COUNT) });
  let atlas: Atlas;

  test('says that it is being drawn, then is there', async () => {
    const { page } = await client.visit('/atlas');
    await page.getByText('The map is being computed.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    // The map is drawn at low priority: when others want both cores, it gets a hundredth of them.
    await page.getByText(`${COUNT} pictures`).waitFor({ timeout: LIMITS.conditionMs });
    await page.getByText(/^Layout: /).waitFor();
    await client.server.until(async () => (await drawnPixels(page)) > 1000);
    expect(await page.getByText('The map is being computed.').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  describe('that is there', () => {
    beforeAll(async () => {
      await client.server.until(async () => {
        const answer = await request<{ atlas: Atlas }>(
          client.server.url,
          '{ atlas { state ids coordinates } }',
        );
        atlas = dataOf(answer).atlas;
        return atlas.ids.length === COUNT;
      }, 'the map to be drawn');
    });

    const titleOf = (id: string): string => `Picture ${id}`;
    /** Where a picture lies on the map: within -1..1. */
    const placeOf = (i: number): { x: number; y: number } => ({
      x: atlas.coordinates[2 * i]!,
      y: atlas.coordinates[2 * i + 1]!,
    });

    /** Where on the map that is, in pixels. */
    const onScreen = (
      { width, height }: { width: number; height: number },
      { x, y }: { x: number; y: number },
    ): [number, number] => {
      const unit = (Math.min(width, height) / 2) * 0.88;
      return [width / 2 + x * unit, height / 2 + y * unit];
    };

    async function positionOf(bytes: Uint8Array): Promise<{ x: number; y: number }> {
      const answer = await upload<{
        searchByImage: { analysis: { atlasPosition: { x: number; y: number } } };
      }>(
        client.server.url,
        'query ($image: Upload!) { searchByImage(image: $image) { analysis { atlasPosition { x y } } } }',
        { image: null },
        [{ paths: ['variables.image'], bytes }],
      );
      return dataOf(answer).searchByImage.analysis.atlasPosition;
    }

    async function visitMap(path = '/atlas', viewport = { width: 1280, height: 800 }) {
      const window = await client.visit(path, { viewport });
      await map(window.page).waitFor();
      await client.server.until(async () => (await drawnPixels(window.page)) > 1000);
      return window;
    }

    /** Numbers of the pictures whose thumbnails were asked for. */
    function thumbnailsOf(page: Page): Set<string> {
      const asked = new Set<string>();
      page.on('request', (one) => {
        const id = /\/media\/(\d+)\/thumbnail/.exec(one.url())?.[1];
        if (id !== undefined) asked.add(id);
      });
      return asked;
    }

    test('shows more and more pictures themselves as one zooms in', async () => {
      const { page } = await visitMap('/atlas', { width: 360, height: 700 });
      expect(await overflow(page)).toBe(0);
      const asked = thumbnailsOf(page);
      await page.reload();
      await client.server.until(async () => asked.size >= 5 && (await drawnPixels(page)) > 5000);
      expect(asked.size).toBeLessThan(COUNT / 2);
      const before = asked.size;
      await map(page).focus();
      for (let i = 0; i < 4; i++) await page.keyboard.press('+');
      await client.server.until(async () => asked.size > before);
      await page.getByRole('button', { name: 'Zoom in' }).click();
      await page.getByRole('button', { name: 'Show all' }).click();
      const box = await map(page).boundingBox();
      await page.mouse.move(box!.x + 100, box!.y + 100);
      const wheeled = asked.size;
      for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -400);
      await client.server.until(async () => asked.size > wheeled);
    });

    test('a click marks a picture and tells of it', async () => {
      const { page } = await visitMap();
      const box = (await map(page).boundingBox())!;
      // The first one is always shown itself.
      const [left, top] = onScreen(box, placeOf(0));
      await page.mouse.click(box.x + left, box.y + top);
      const panel = page.getByRole('region', { name: titleOf(atlas.ids[0]!), exact: true });
      await panel.getByRole('heading', { name: titleOf(atlas.ids[0]!) }).waitFor();
      await panel.locator('.thumbnail.loaded').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await panel.getByRole('link', { name: 'More like this' }).click();
      await page.waitForURL(`**/?image=${atlas.ids[0]}`);
      await page.locator('.result-title').first().waitFor();
    });

    test('the keyboard goes from picture to picture', async () => {
      const { page } = await visitMap();
      const byDistance = atlas.ids
        .map((id, i) => ({ id, distance: Math.hypot(placeOf(i).x, placeOf(i).y) }))
        .sort((a, b) => a.distance - b.distance)
        .map(({ id }) => titleOf(id));
      const panel = (title: string): Locator => page.getByRole('region', { name: title, exact: true });
      await map(page).focus();
      await page.keyboard.press('n');
      await panel(byDistance[0]!).waitFor();
      await page.keyboard.press('n');
      await panel(byDistance[1]!).waitFor();
      await page.keyboard.press('p');
      await panel(byDistance[0]!).waitFor();
      await page.keyboard.press('Enter');
      await panel(byDistance[0]!).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await panel(byDistance[0]!).waitFor({ state: 'detached' });
      await map(page).and(page.locator(':focus')).waitFor();
    });

    test('a picture of the visitor is placed among them, by choice and by drop', async () => {
      const { page } = await visitMap();
      const placed = page.getByText('Your picture lies where the marker is');
      const place = (): Promise<void> => page.getByRole('button', { name: 'Place a picture' }).click();
      await chooseFiles(page, place, await damaged(1, 'damaged.jpg'));
      await page.getByRole('alert').getByText('This picture is damaged or incomplete.').waitFor();
      await chooseFiles(page, place, await picture(2));
      await placed.waitFor();
      await page.getByRole('alert').waitFor({ state: 'detached' });
      // In a ring of the page's colour, where the API says.
      const { x, y } = await positionOf(await jpeg(2));
      const box = (await map(page).boundingBox())!;
      const ring = async (): Promise<string> => {
        const [left, top] = onScreen(box, { x, y });
        return (await look(page, Math.round(left) + 36, Math.round(top))).color;
      };
      await client.server.until(async () => (await ring()) === '13,110,253,255');
      await page.getByRole('button', { name: 'Remove it' }).click();
      await placed.waitFor({ state: 'detached' });
      await client.server.until(async () => (await ring()) !== '13,110,253,255');
      const sign = page.getByText('Drop the picture to find its place');
      await bring(page, 'drop', [await picture(3)], () => sign.waitFor(), map(page));
      await placed.waitFor();
      expect(await sign.count()).toBe(0);
    });

    test('a picture of the gallery is placed by the address, again after a reload', async () => {
      const { page } = await visitMap(`/atlas?image=${atlas.ids[7]}`);
      const placed = page.getByText('Your picture lies where the marker is');
      await placed.waitFor();
      await page.reload();
      await placed.waitFor();
      await page.getByRole('button', { name: 'Remove it' }).click();
      await placed.waitFor({ state: 'detached' });
      expect(new URL(page.url()).search).toBe('');
    });
  });
});

describeInBrowser('the atlas of an empty gallery', () => {
  const client = useClient();

  test('says what it needs', async () => {
    const { page } = await client.visit('/atlas');
    await page.getByText('A map needs at least three pictures.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Add some in the gallery' }).click();
    await page.getByRole('heading', { level: 1, name: 'Gallery' }).waitFor();
  });
});
