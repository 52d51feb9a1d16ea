import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addToGallery,
  dataOf,
  removeFromGallery,
  request,
  searchById,
  searchByImage,
} from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

const ANN = { 'x-visitor-id': 'ann-12345678' };
const BOB = { 'x-visitor-id': 'bob-12345678' };
const GALLERY_SIZE = 6;

let models: string;
let server: TestServer;
let ids: string[];

beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'likeness-models-'));
  await writeTinyModel(models);
  server = await startServer({ env: { MODELS_DIR: models, MODEL: 'tiny', SAMPLE_GALLERY: 'off' } });
  ids = [];
  for (let seed = 0; seed < GALLERY_SIZE; seed++)
    ids.push(
      (await addToGallery(server.url, await jpeg(seed), { tags: [seed < 3 ? 'low' : 'high'] })).image.id,
    );
});

afterAll(async () => {
  await server.dispose();
  await rm(models, { recursive: true, force: true });
});

interface Again {
  readonly search: {
    readonly id: string;
    readonly matches: { readonly similarity: number; readonly image: { readonly id: string } }[];
    readonly analysis: {
      readonly width: number;
      readonly format: string;
      readonly sha256: string;
      readonly vector: { readonly values: number[] };
      readonly matchCount: number;
      readonly dominantColors: { readonly hex: string }[];
    };
  } | null;
}

const AGAIN = `query ($id: ID!, $topK: Int, $filter: GalleryFilter) {
  search(id: $id, topK: $topK, filter: $filter) {
    id
    matches { similarity image { id } }
    analysis { width format sha256 vector { values } matchCount(minSimilarity: 0) dominantColors { hex } }
  }
}`;

const again = async (variables: Record<string, unknown>, headers = ANN): Promise<Again['search']> =>
  dataOf(await request<Again>(server.url, AGAIN, variables, headers)).search;

describe('a search of before', () => {
  test('by an uploaded picture is made again without the file, with other arguments, over the gallery as it is now', async () => {
    const first = dataOf(await searchByImage(server.url, await jpeg(40), { topK: 3 }, ANN)).searchByImage;
    const repeated = await again({ id: first.id, topK: 3 });
    expect(repeated?.id).toBe(first.id);
    expect(repeated?.matches.map(({ similarity, image }) => [image.id, similarity])).toEqual(
      first.matches.map(({ similarity, image }) => [image.id, similarity]),
    );
    expect(repeated?.analysis).toMatchObject({ width: 320, format: 'jpeg', matchCount: GALLERY_SIZE });
    expect(repeated?.analysis.vector.values).toHaveLength(48);
    expect(repeated?.analysis.dominantColors.length).toBeGreaterThan(0);

    const filtered = await again({ id: first.id, topK: 10, filter: { tags: ['high'] } });
    expect(filtered?.matches.map(({ image }) => image.id).sort()).toEqual(ids.slice(3).sort());
    // The address may be shared.
    expect((await again({ id: first.id, topK: 3 }, BOB))?.matches).toEqual(repeated?.matches);
  });

  test('outlives a restart of the server', async () => {
    const { id, matches } = dataOf(
      await searchByImage(server.url, await jpeg(41), { topK: 2 }, ANN),
    ).searchByImage;
    await server.stop();
    await server.restart();
    expect((await again({ id, topK: 2 }))?.matches.map(({ image }) => image.id)).toEqual(
      matches.map(({ image }) => image.id),
    );
  });

  test('by a picture of the gallery is made again while that is there; an unknown one is null', async () => {
    const added = (await addToGallery(server.url, await jpeg(42))).image;
    const { id } = dataOf(await searchById(server.url, added.id, { topK: 2 }, ANN)).searchByImage;
    expect((await again({ id }))?.matches[0]?.image.id).toBe(added.id);
    await removeFromGallery(server.url, [added.id]);
    expect(await again({ id })).toBeNull();
    expect(await again({ id: 'nothing' })).toBeNull();
  });

  test('is forgotten by its visitor only', async () => {
    const { id } = dataOf(await searchByImage(server.url, await jpeg(43), {}, ANN)).searchByImage;
    const REMOVE = 'mutation ($ids: [ID!]!) { removeSearches(ids: $ids) { removedCount } }';
    expect(dataOf(await request(server.url, REMOVE, { ids: [id] }, BOB))).toEqual({
      removeSearches: { removedCount: 0 },
    });
    expect(await again({ id })).not.toBeNull();
    expect(dataOf(await request(server.url, REMOVE, { ids: [id] }, ANN))).toEqual({
      removeSearches: { removedCount: 1 },
    });
    expect(await again({ id })).toBeNull();
    const { errors } = await request(server.url, REMOVE, { ids: [] }, ANN);
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

interface AtlasData {
  readonly atlas: {
    readonly state: string;
    readonly method: string | null;
    readonly spaceId: string;
    readonly ids: string[];
    readonly coordinates: number[];
    readonly missing: number;
  };
}

const atlas = async (): Promise<AtlasData['atlas']> =>
  dataOf(
    await request<AtlasData>(
      server.url,
      '{ atlas { state method spaceId ids coordinates missing computedAt } }',
    ),
  ).atlas;

describe('the atlas', () => {
  test('is computed behind the answer, is kept over a restart, and knows of pictures that came and went', async () => {
    expect((await atlas()).state).toBe('COMPUTING');
    await server.until(async () => (await atlas()).state === 'READY');
    const first = await atlas();
    expect(first).toMatchObject({ method: 'pca', ids, missing: 0 });
    expect(first.coordinates).toHaveLength(2 * GALLERY_SIZE);
    expect(first.coordinates.every((value) => value >= -1 && value <= 1)).toBe(true);

    await server.stop();
    await server.restart();
    expect(await atlas()).toEqual(first);

    const added = (await addToGallery(server.url, await jpeg(44))).image;
    await removeFromGallery(server.url, [ids[0]!]);
    const changed = await atlas();
    expect(changed.state).toBe('REFRESHING'); // a sixth of it is new
    expect(changed).toMatchObject({ ids: ids.slice(1), missing: 1 });
    await server.until(async () => (await atlas()).state === 'READY');
    expect((await atlas()).ids).toEqual([...ids.slice(1), added.id]);
  });

  test('places a picture of the gallery where it lies, and another one between its nearest', async () => {
    const POSITION = 'query ($id: ID!) { imageAnalysis(imageId: $id) { atlasPosition { x y } } }';
    const { ids: shown, coordinates } = await atlas();
    const answer = await request<{ imageAnalysis: { atlasPosition: { x: number; y: number } } }>(
      server.url,
      POSITION,
      { id: shown[1] },
    );
    const { x, y } = dataOf(answer).imageAnalysis.atlasPosition;
    expect(Math.hypot(x - coordinates[2]!, y - coordinates[3]!)).toBeLessThan(0.01);
  });
});
