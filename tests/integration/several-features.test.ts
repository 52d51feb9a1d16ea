import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { openEmbedder } from '../../src/services/embedding/embedder.js';
import { loadModel, type Model } from '../../src/services/embedding/model.js';
import type { Embedder } from '../../src/services/embedding/types.js';
import { GalleryChanges } from '../../src/services/gallery/gallery-changes.js';
import { Ingest } from '../../src/services/gallery/ingest.js';
import { embedMissingIn } from '../../src/services/gallery/reconcile.js';
import { Jobs } from '../../src/services/jobs.js';
import { openMediaStore } from '../../src/services/media/media-store.js';
import type { MediaStore } from '../../src/services/media/types.js';
import { Search } from '../../src/services/search/search.js';
import { UploadVectors } from '../../src/services/search/upload-vectors.js';
import { SimilarityScales } from '../../src/services/spaces/similarity-scales.js';
import { Spaces, type Feature, type Space } from '../../src/services/spaces/spaces.js';
import { openVectorIndex } from '../../src/services/vector-index/open.js';
import { ByteBudget, inMemory } from '../../src/lib/byte-budget.js';
import { LIMITS } from '../helpers/limits.js';
import { jpeg } from '../helpers/pictures.js';
import { openTestCatalog } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { writeTinyModel, type TinyModel } from '../helpers/tiny-model.js';

/** Sees the pixels otherwise than the model of the primary space. */
const DARKER = { normalize: { scale: 1 / 255, mean: [0, 0, 0], std: [2, 2, 2] } } as const;
const MAX_BYTES = 1_000_000;

let dir: string;
let catalog: Catalog;
let media: MediaStore;
let spaces: Spaces;
let embedder: Embedder;
let jobs: Jobs;

beforeEach(async () => {
  dir = await temporaryDir();
  catalog = await openTestCatalog(dir);
  jobs = new Jobs({ logger: silentLogger });
  media = await openMediaStore({
    dir: join(dir, 'media'),
    logger: silentLogger,
    maxPixels: 1e6,
    rows: {
      formatOf: async (sha256) => (await catalog.images.formatsByHash([sha256])).get(sha256) ?? null,
      elsewhere: async () => [],
      run: () => catalog.facts.get('run'),
      setRun: (run) => catalog.facts.set('run', run),
    },
  });
});

afterEach(async () => {
  await jobs.close();
  await spaces.close();
  await media.close();
  await catalog.close();
});

const load = (options: TinyModel): Promise<Model> =>
  writeTinyModel(join(dir, 'models'), options).then(loadModel);

async function spaceOf(feature: Feature, { info: model }: Model, made: Embedder): Promise<Space> {
  const { spaceId, dimension } = model;
  await catalog.vectors.ensureSpace({ id: spaceId, modelId: model.id, dimension });
  const vectors = catalog.vectors.pages(spaceId);
  const index = await openVectorIndex({
    dir: join(dir, 'index'),
    spaceId,
    dimension,
    vectors,
    logger: silentLogger,
  });
  return { feature, model, embedder: made, index };
}

/** A gallery of two features whose models share a worker. */
async function open(color: TinyModel = {}): Promise<{ ingest: Ingest; search: Search; both: Space[] }> {
  const first = await load({ id: 'first' });
  const second = await load({ id: 'second', ...color, definition: { ...DARKER, ...color.definition } });
  embedder = await openEmbedder({
    model: first,
    workers: 1,
    threads: 1,
    maxQueue: 8,
    timeoutMs: LIMITS.productMs,
    maxPixels: 1e6,
    logger: silentLogger,
    workerUrl: new URL('../../dist/workers/embed-worker.js', import.meta.url),
  });
  const both = [
    await spaceOf('semantic', first, embedder),
    await spaceOf('color', second, embedder.share(second)),
  ];
  spaces = new Spaces(both);
  const parts = { catalog, media, spaces, maxBytes: MAX_BYTES };
  return {
    ingest: new Ingest({ ...parts, changes: new GalleryChanges() }),
    search: new Search({
      uploadVectors: new UploadVectors(),
      ...parts,
      scales: new SimilarityScales(),
      history: null,
      memory: new ByteBudget(10 * MAX_BYTES),
    }),
    both,
  };
}

const embedMissing = (): Promise<unknown> =>
  jobs.start('EMBED_MISSING', (report) =>
    embedMissingIn(
      spaces.serving.spaces,
      { catalog, media, logger: silentLogger, memory: new ByteBudget(10 * MAX_BYTES).background },
      report,
      1,
    ),
  ).finished;

test('a picture has a vector of each feature, from when it is added until it is removed', async () => {
  const { ingest, search, both } = await open();
  const bytes = await jpeg(1);
  const { image } = await ingest.add({ bytes });
  const stored = await Promise.all(both.map(({ index }) => index.vector(image.id)));
  expect(stored[0]).toEqual((await embedder.embed(bytes)).vector);
  expect(stored[1]).toEqual((await both[1]!.embedder.embed(bytes)).vector);
  expect(stored[0]).not.toEqual(stored[1]);
  for (const { model } of both)
    expect(await catalog.vectors.coverage(model.spaceId)).toMatchObject({ vectors: 1, pending: 0 });

  const { matches, query } = await search.search(
    { file: inMemory(bytes) },
    { topK: 1, minSimilarity: 0 },
    null,
  );
  expect(matches.map((match) => match.image.id)).toEqual([image.id]);
  expect([...query.vectors.keys()]).toEqual(['semantic']);

  await ingest.remove([image.id]);
  for (const { model, index } of both) {
    expect(await index.has(image.id)).toBe(false);
    expect(await catalog.vectors.count(model.spaceId)).toBe(0);
  }
});

test('a feature whose model fails keeps no picture out, and gets its vector when the rest is embedded', async () => {
  const { ingest, both } = await open({ definition: { dimension: 47 } });
  const { image, created } = await ingest.add({ bytes: await jpeg(2) });
  expect(created).toBe(true);
  const [semantic, color] = both as [Space, Space];
  expect(await semantic.index.has(image.id)).toBe(true);
  expect(await catalog.vectors.idsPending(color.model.spaceId, 0, 10)).toEqual([image.id]);

  // The same gallery, opened with a model that works.
  const mended = await load({ id: 'mended', definition: DARKER });
  const other = await spaceOf('color', mended, embedder.share(mended));
  await spaces.exclusively(async () => spaces.replace(other));
  await embedMissing();
  expect(await other.index.has(image.id)).toBe(true);
  expect(await catalog.vectors.coverage(other.model.spaceId)).toMatchObject({ vectors: 1, pending: 0 });
});

test('of pictures added at once each is committed when it is told, and one whose file cannot be stored fails alone', async () => {
  const { ingest, both } = await open();
  const pictures = await Promise.all(Array.from({ length: 6 }, (_, i) => jpeg(100 + i)));
  await ingest.add({ bytes: await jpeg(99) });
  const [run] = await readdir(join(dir, 'media', 'staged'));
  const bad = createHash('sha256').update(pictures[2]!).digest('hex');
  await mkdir(join(dir, 'media', 'staged', run!, `${bad}.jpg`, 'in the way'), { recursive: true });

  const other = await openTestCatalog(dir); // sees only what is committed
  const told = await Promise.all(
    pictures.map((bytes) =>
      ingest.add({ bytes }).then(
        async ({ image }) => ({
          row: await other.images.byId(image.id),
          indexed: await both[1]!.index.has(image.id),
          file: await media.read(image.sha256, image.format),
        }),
        (error: AppError) => error.code,
      ),
    ),
  );
  await other.close();
  for (const [i, outcome] of told.entries()) {
    if (i === 2) expect(outcome).toBe('STORAGE_FAILED');
    else
      expect(outcome).toMatchObject({
        row: { sha256: createHash('sha256').update(pictures[i]!).digest('hex') },
        indexed: true,
        file: pictures[i],
      });
  }
  expect(await catalog.images.byHash(bad)).toBeNull();
  expect(await catalog.images.count()).toBe(6);
});

test('an uploaded picture that was saved as an album is searched by in every space, by its small copy where it must be', async () => {
  const { ingest, search, both } = await open();
  const pictures = await Promise.all([1, 2, 3].map((i) => jpeg(500 + i)));
  const ids: number[] = [];
  for (const bytes of pictures) ids.push((await ingest.add({ bytes })).image.id);
  const [first, second] = both as [Space, Space];
  const { vector, thumbnail } = await first.embedder.embed(pictures[1]!, { thumbnail: true });
  const { spaceId } = first.model;
  const upload = { spaceId, vector, thumbnail: thumbnail!, thumbnailType: 'image/jpeg' };
  const smart = { imageId: null, upload, topK: 1, minSimilarity: 0.9, spaceId, percentile: null };
  const album = await catalog.albums.create({ name: 'Saved', smart }, []);
  expect(album.smart).toEqual(smart);

  expect(await search.albums.idsOf(album)).toEqual([ids[1]]);
  const memory = new ByteBudget(10 * MAX_BYTES).forRequest();
  const elsewhere = search.within({ primary: second, spaces: [second, first] }, memory);
  expect(await elsewhere.albums.idsOf(album)).toEqual([ids[1]]);
});
