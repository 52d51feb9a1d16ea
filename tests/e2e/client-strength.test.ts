import { beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/chromium.js';
import { accessibilityProblems, addPictures, overflow, useClient } from '../helpers/client.js';
import { dataOf, request, type ImageFields } from '../helpers/graphql.js';
import { becomes } from '../helpers/wait-for.js';

/** Enough for the scale to be measured on the gallery itself. */
const GALLERY_SIZE = 70;
const WORDS: Readonly<Record<string, string>> = {
  COPY: 'Copy',
  VERY_SIMILAR: 'Very similar',
  SIMILAR: 'Similar',
  WEAK: 'Weak',
};

interface Match {
  readonly similarity: number;
  readonly strength: string;
  readonly percentile: number;
}

const similarities = (page: Page): Locator => page.locator('.result .similarity');
const words = (page: Page): Promise<string[]> =>
  similarities(page)
    .locator('> :last-child')
    .evaluateAll((all) => all.map((one) => one.lastChild.textContent));

describeInBrowser('what the page says of a match', () => {
  const client = useClient();
  let image: ImageFields;
  let matches: readonly Match[] = [];

  beforeAll(async () => {
    [image] = (await addPictures(client.server.url, GALLERY_SIZE)) as [ImageFields];
    const answer = await request<{ searchByImage: { matches: Match[] } }>(
      client.server.url,
      'query ($imageId: ID!) { searchByImage(imageId: $imageId, topK: 25) { matches { similarity strength percentile } } }',
      { imageId: image.id },
    );
    // The page leaves the picture itself out.
    matches = dataOf(answer).searchByImage.matches.slice(1);
  });

  test('is a word and a bar by what is usual in this gallery, the number on hover and in the details', async () => {
    const { page } = await client.visit(`/?image=${image.id}&n=24`);
    await becomes(
      () => words(page),
      matches.map(({ strength }) => WORDS[strength]),
    );
    const percent = (value: number): string =>
      new Intl.NumberFormat('en', {
        style: 'percent',
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
      }).format(value);
    const numbers = await similarities(page).evaluateAll((all) => all.map((one) => one.title));
    expect(numbers).toEqual(
      matches.map(
        ({ similarity, percentile }) =>
          `Similarity ${percent(similarity)}; of random pairs of pictures ${percent(percentile)} are less alike`,
      ),
    );
    const bars = await similarities(page)
      .locator('.progress')
      .evaluateAll((all) => all.map((bar) => bar.firstElementChild.getBoundingClientRect().width));
    // In pixels, as one sees them: the words beside them are not as long as each other.
    expect(bars.every((share, i) => share <= (bars[i - 1] ?? Infinity) + 0.1)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.locator('.result-picture').first().click();
    const [best] = matches;
    await page
      .getByRole('dialog')
      .getByText(`Similarity ${percent(best!.similarity)} (cosine ${best!.similarity.toFixed(4)})`)
      .waitFor();
  });

  test('weaker matches are set apart by a line, also on a phone and in Chinese', async () => {
    const weak = matches.findIndex(({ strength }) => strength === 'WEAK');
    expect(weak).toBeGreaterThan(0);
    const { page } = await client.visit(`/?image=${image.id}&n=24`, {
      locale: 'zh-CN',
      viewport: { width: 360, height: 740 },
    });
    await page.getByText('以下较弱').waitFor();
    const before = await page
      .locator('.result-grid > *')
      .evaluateAll((all) => all.findIndex((one) => one.className === 'result-weaker'));
    expect(before).toBe(weak);
    expect(await overflow(page)).toBe(0);
  });
});
