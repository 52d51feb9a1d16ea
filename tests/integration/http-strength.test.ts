import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { addToGallery, dataOf, request, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

interface Match {
  readonly similarity: number;
  readonly strength: string | null;
  readonly percentile: number | null;
  readonly image: { readonly id: string };
}

const SEARCH = `query ($image: Upload, $imageId: ID, $minStrength: Strength) {
  searchByImage(image: $image, imageId: $imageId, topK: 5, minStrength: $minStrength) {
    matches { similarity strength percentile image { id } }
  }
}`;

let server: TestServer;
let ids: string[];

beforeAll(async () => {
  server = await startServer({ env: { SAMPLE_GALLERY: 'off' } });
  ids = [];
  for (let seed = 0; seed < 5; seed++) ids.push((await addToGallery(server.url, await jpeg(seed))).image.id);
});

afterAll(() => server.dispose());

async function searchByCopy(minStrength?: string): Promise<readonly Match[]> {
  const bytes = await sharp(await jpeg(2))
    .resize(200)
    .jpeg({ quality: 60 })
    .toBuffer();
  const files = [{ paths: ['variables.image'], bytes }];
  const answer = await upload<{ searchByImage: { matches: readonly Match[] } }>(
    server.url,
    SEARCH,
    { image: null, minStrength },
    files,
  );
  return dataOf(answer).searchByImage.matches;
}

test('a small gallery of the built-in model is read by the table that comes with it', async () => {
  const matches = await searchByCopy();
  expect(matches).toHaveLength(5);
  expect(matches[0]).toMatchObject({ strength: 'COPY', image: { id: ids[2] } });
  expect(matches[0]?.percentile).toBeGreaterThan(0.999);
  const percentiles = matches.map(({ percentile }) => percentile ?? NaN);
  expect(percentiles).toEqual([...percentiles].sort((a, b) => b - a));
  expect(Math.min(...percentiles)).toBeGreaterThanOrEqual(0);
});

test('minStrength leaves out what is weaker', async () => {
  const all = await searchByCopy();
  const copies = await searchByCopy('COPY');
  expect(copies).toEqual(all.filter(({ strength }) => strength === 'COPY'));
  expect(copies.length).toBeLessThan(all.length);
  expect(await searchByCopy('WEAK')).toEqual(all);
});

test('strengths are unknown in a small gallery of a model that brings no table, and then bound nothing', async () => {
  const models = await temporaryDir();
  await writeTinyModel(models);
  const other = await startServer({ env: { MODELS_DIR: models, MODEL: 'tiny', SAMPLE_GALLERY: 'off' } });
  try {
    const { image } = await addToGallery(other.url, await jpeg(1));
    const answer = await request<{ searchByImage: { matches: readonly Match[] } }>(other.url, SEARCH, {
      imageId: image.id,
      minStrength: 'COPY',
    });
    expect(dataOf(answer).searchByImage.matches).toEqual([
      { similarity: expect.closeTo(1, 6), strength: null, percentile: null, image: { id: image.id } },
    ]);
  } finally {
    await other.dispose();
  }
});
