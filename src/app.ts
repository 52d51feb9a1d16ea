import { galleryJobs } from './app/gallery-jobs.js';
import { openGallery } from './app/open-gallery.js';
import { openLibraries } from './app/open-libraries.js';
import { openModels } from './app/open-models.js';
import { openStores } from './app/open-stores.js';
import { spaceOpeners } from './app/space-openers.js';
import type { App, AppOptions } from './app/types.js';
import { messageOf } from './errors.js';
import { Closing } from './lib/closing.js';
import { PictureFetcher } from './picture-fetcher.js';
import { openSpaces } from './services/spaces/open-spaces.js';

export type { App, AppOptions } from './app/types.js';

/** Pictures that a job processes at once per worker: one running, some decoded or being decoded, some waiting. */
const LANES_PER_WORKER = 16;

/**
 * Opens everything in order: lock, catalog, model, embedder and index, services. If one part fails, the earlier ones are
 * closed again.
 * @throws AppError DATA_LOCKED, DATABASE_TOO_NEW, INDEX_TOO_NEW, MODEL_MISSING, MODEL_MISMATCH, STORAGE_FAILED
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { logger } = options;
  const closing = new Closing();
  try {
    return await open(options, closing);
  } catch (error) {
    await closing
      .close()
      .catch((failure: unknown) => logger.error({ error: messageOf(failure) }, 'could not close'));
    throw error;
  }
}

async function open(options: AppOptions, closing: Closing): Promise<App> {
  const startedAt = new Date();
  const { config, logger, readOnly = false, lazyEmbedder: lazy = false } = options;
  const stores = await openStores(options, closing);
  const openers = spaceOpeners(options, stores.catalog);
  const { spaces, serving, target } = await openSpaces({
    catalog: stores.catalog,
    choice: stores.choice,
    readOnly,
    logger,
    openEmbedder: (model) => openers.openEmbedder(model, { background: false, lazy }),
    openIndex: openers.openIndex,
  });
  closing.add(spaces);
  const gallery = openGallery(options, stores, spaces, closing);
  const concurrency = spaces.serving.primary.embedder.status().workers * LANES_PER_WORKER;
  const models = openModels(options, { stores, gallery, spaces, target, openers, concurrency }, closing);
  const libraries = openLibraries(options, stores, gallery, spaces, concurrency, closing);
  return {
    config,
    logger,
    startedAt,
    libraries,
    fetcher: new PictureFetcher({
      isOn: config.urlFetch === 'on',
      allow: config.urlFetchAllow,
      maxBytes: config.maxUploadBytes,
    }),
    catalog: stores.catalog,
    media: stores.media,
    spaces,
    get embedder() {
      return spaces.serving.primary.embedder;
    },
    get index() {
      return spaces.serving.primary.index;
    },
    concurrency,
    ...gallery,
    ...models,
    ...galleryJobs(options, stores, gallery, spaces, concurrency),
    measureServing: () => models.models.measureServing(serving),
    close: () => closing.close(),
  };
}
