import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirOf, PROJECT_DIR, type Config } from './config.js';
import { AppError, messageOf } from './errors.js';
import { TEMPORARY_SUFFIX } from './lib/atomic-file.js';
import { acquireLock } from './lib/lock-file.js';
import { Topic } from './lib/topic.js';
import type { Logger } from './logger.js';
import { openCatalog } from './services/catalog/catalog.js';
import type { Catalog } from './services/catalog/types.js';
import { openEmbedder } from './services/embedding/embedder.js';
import { chooseModel } from './services/embedding/model.js';
import type { Embedder } from './services/embedding/types.js';
import { SearchHistory } from './services/history.js';
import { importFiles, listPictures } from './services/import-folder.js';
import { Ingest, normalizeTags, type GalleryChangeEvent } from './services/ingest.js';
import { Jobs, type Job } from './services/jobs.js';
import { openMediaStore } from './services/media/media-store.js';
import type { MediaStore } from './services/media/types.js';
import { embedMissing, removeOrphans } from './services/reconcile.js';
import { Search } from './services/search.js';
import { openVectorIndex } from './services/vector-index/open.js';
import type { VectorIndex } from './services/vector-index/vector-index.js';

/** Pictures that a job keeps under way for each worker: one running, some decoded or being decoded, some waiting. */
const LANES_PER_WORKER = 8;

const META_SAMPLES = 'sample-gallery';

export interface App {
  readonly config: Config;
  readonly logger: Logger;
  readonly startedAt: Date;
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
  readonly ingest: Ingest;
  readonly search: Search;
  readonly history: SearchHistory;
  readonly jobs: Jobs;
  readonly changes: Topic<GalleryChangeEvent>;
  /** Pictures that a job keeps under way at once: enough that no worker waits. */
  readonly concurrency: number;
  /** Adds every picture below a folder that the caller has made sure may be read. */
  startImport(folder: string, tags: readonly string[]): { job: Job; finished: Promise<Job> };
  /** Gives every picture without a vector in the current space one. */
  startEmbedMissing(): { job: Job; finished: Promise<Job> };
  /** Fills a gallery that never had a picture with the samples; null when there is nothing to do. */
  startSampleGallery(): Promise<{ job: Job; finished: Promise<Job> } | null>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Reads beside a running server: no lock, nothing is written. */
  readonly readOnly?: boolean;
  /** Starts no embedding worker before a picture is to be embedded. */
  readonly lazyEmbedder?: boolean;
}

/** A stack of things to close, last opened first. */
class Closing {
  readonly #steps: (() => Promise<void>)[] = [];
  #closed: Promise<void> | null = null;

  add<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.#steps.push(() => part.close());
    return part;
  }

  step(close: () => Promise<void>): void {
    this.#steps.push(close);
  }

  /** Runs every step once, whoever calls and however often; the first failure is thrown after all have run. */
  close(): Promise<void> {
    return (this.#closed ??= this.#run());
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Opens everything in order: lock, catalog, model, embedder and index, services. When one part fails, those before
 * it are closed again.
 * @throws AppError DATA_LOCKED, INDEX_TOO_NEW, MODEL_MISSING, MODEL_MISMATCH, STORAGE_FAILED
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

async function open(
  { config, logger, readOnly = false, lazyEmbedder = false }: AppOptions,
  closing: Closing,
): Promise<App> {
  const startedAt = new Date();
  const dataDir = dataDirOf(config);
  const lock = readOnly ? null : await takeLock(dataDir);
  if (lock) closing.step(() => lock.release());

  const catalog = closing.add(
    await openCatalog({
      databaseUrl: config.databaseUrl,
      migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
      logger,
      readOnly,
    }),
  );
  const model = await chooseModel(config.modelsDir, config.model);
  const { spaceId, dimension } = model.description;
  if (!readOnly) await catalog.ensureSpace({ id: spaceId, modelId: model.description.id, dimension });
  const media = closing.add(
    await openMediaStore({
      dir: config.mediaDir,
      logger,
      maxPixels: config.maxImagePixels,
      readOnly,
      clean: lock?.tookOver === true,
    }),
  );

  // The two slow openings side by side; both are awaited before either failure is thrown, so that both get closed.
  const [embedderOpened, indexOpened] = await Promise.allSettled([
    openEmbedder({
      model,
      workers: config.embedWorkers,
      threads: config.embedThreads,
      maxQueue: config.maxQueue,
      timeoutMs: config.requestTimeoutMs,
      maxPixels: config.maxImagePixels,
      logger,
      lazy: lazyEmbedder,
    }).then((embedder) => closing.add(embedder)),
    openVectorIndex({
      dir: config.indexDir,
      spaceId,
      dimension,
      vectors: catalog.vectors(spaceId),
      // A graph and its snapshot from the first picture on: what is on disk is the same at every size.
      exactBelow: 1,
      logger,
      readOnly,
    }).then((index) => closing.add(index)),
  ]);
  if (embedderOpened.status === 'rejected') throw embedderOpened.reason;
  if (indexOpened.status === 'rejected') throw indexOpened.reason;
  const embedder = embedderOpened.value;
  const index = indexOpened.value;

  if (lock?.tookOver === true) {
    const orphans = await removeOrphans({ catalog, media });
    logger.warn({ orphans }, 'the last run did not end cleanly; leftovers were removed');
  }

  const changes = new Topic<GalleryChangeEvent>();
  closing.step(async () => changes.close());
  const history = new SearchHistory({ catalog, limit: config.historyLimit, logger });
  closing.step(() => history.flush());
  const ingest = new Ingest({ catalog, media, embedder, index, changes, maxBytes: config.maxUploadBytes });
  const search = new Search({
    catalog,
    media,
    embedder,
    index,
    history: readOnly ? null : history,
    maxBytes: config.maxUploadBytes,
  });
  const jobs = closing.add(new Jobs({ logger }));

  const concurrency = embedder.status().workers * LANES_PER_WORKER;
  const importOptions = { ingest, maxBytes: config.maxUploadBytes, concurrency };

  const startImport: App['startImport'] = (folder, tags) => {
    const cleanTags = normalizeTags(tags, 'tags');
    return jobs.start('IMPORT_FOLDER', async (report) => {
      const files = (await listPictures(folder)).map((path) => ({ path }));
      await importFiles(files, cleanTags, report, importOptions);
    });
  };

  const startSampleGallery: App['startSampleGallery'] = async () => {
    const state = await catalog.meta(META_SAMPLES);
    if (state === 'done' || (state === null && (await catalog.countImages()) > 0)) return null;
    const samples = await readSamples(join(PROJECT_DIR, 'sample-gallery'));
    if (samples.length === 0) return null;
    await catalog.setMeta(META_SAMPLES, 'filling');
    return jobs.start('SAMPLE_GALLERY', async (report) => {
      await importFiles(samples, [], report, importOptions);
      if (!report.signal.aborted) await catalog.setMeta(META_SAMPLES, 'done');
    });
  };

  const startEmbedMissing: App['startEmbedMissing'] = () =>
    jobs.start('EMBED_MISSING', (report) =>
      embedMissing({ catalog, media, embedder, index, logger }, report, concurrency),
    );

  return {
    config,
    logger,
    startedAt,
    catalog,
    media,
    embedder,
    index,
    ingest,
    search,
    history,
    jobs,
    changes,
    concurrency,
    startImport,
    startEmbedMissing,
    startSampleGallery,
    close: () => closing.close(),
  };
}

/** The lock of the data folder; then the temporary files of runs that were killed are nobody's. */
async function takeLock(dataDir: string) {
  try {
    await mkdir(dataDir, { recursive: true });
    const lock = await acquireLock(join(dataDir, 'lock'));
    const temporaryDir = temporaryDirOf(dataDir);
    await rm(temporaryDir, { recursive: true, force: true });
    await mkdir(temporaryDir, { recursive: true });
    for (const name of await readdir(dataDir)) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(dataDir, name), { force: true });
    }
    return lock;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'STORAGE_FAILED',
      `The data folder ${dataDir} cannot be written: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Where uploads wait while they are read. */
export const temporaryDirOf = (dataDir: string): string => join(dataDir, 'uploads');

interface Sample {
  readonly path: string;
  readonly title: string;
  readonly tags: readonly string[];
}

async function readSamples(dir: string): Promise<Sample[]> {
  try {
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as {
      file: string;
      title: string;
      tags: string[];
    }[];
    return manifest.map(({ file, title, tags }) => ({ path: join(dir, file), title, tags }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
