import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirOf, ownFoldersOf, PROJECT_DIR, temporaryDirOf, type Config } from './config.js';
import { AppError, messageOf } from './errors.js';
import { openHubClient } from './hub-client.js';
import { TEMPORARY_SUFFIX } from './lib/atomic-file.js';
import { ByteBudget } from './lib/byte-budget.js';
import { acquireLock } from './lib/lock-file.js';
import { storageFull } from './lib/storage-full.js';
import type { Logger } from './logger.js';
import { readSamples, samplesOfGroups } from './services/gallery/samples.js';
import { Atlas } from './services/atlas/atlas.js';
import { openCatalog } from './services/catalog/catalog.js';
import type { Catalog } from './services/catalog/types.js';
import { openEmbedder } from './services/embedding/embedder.js';
import type { Model } from './services/embedding/model.js';
import { planWorkers } from './services/embedding/plan.js';
import type { Embedder } from './services/embedding/types.js';
import { SearchHistory } from './services/search/history.js';
import { importFiles } from './services/gallery/import/import-files.js';
import { excludePatterns } from './services/gallery/import/exclusions.js';
import { listPictures } from './services/gallery/import/walk.js';
import { GalleryChanges } from './services/gallery/gallery-changes.js';
import { Ingest, normalizeTags } from './services/gallery/ingest.js';
import { Jobs } from './services/jobs.js';
import { MediaCheck } from './services/gallery/media-check.js';
import { openMediaStore } from './services/media/media-store.js';
import type { MediaStore } from './services/media/types.js';
import { ModelSwitch, type StartedJob } from './services/spaces/model-switch.js';
import { Models } from './services/models/models.js';
import { embedMissing } from './services/gallery/reconcile.js';
import { Search } from './services/search/search.js';
import { SimilarityScales } from './services/spaces/similarity-scales.js';
import {
  chooseSpaces,
  META_SERVING,
  META_TARGET,
  readTarget,
  recordOf,
  type SpaceChoice,
} from './services/spaces/space-choice.js';
import { dropSpace, spaceStates, type SpaceState } from './services/spaces/space-states.js';
import { Spaces, type Space } from './services/spaces/spaces.js';
import { openVectorIndex } from './services/vector-index/open.js';
import type { VectorIndex } from './services/vector-index/vector-index.js';

/** Pictures that a job keeps under way for each worker: one running, some decoded or being decoded, some waiting. */
const LANES_PER_WORKER = 8;

const META_SAMPLES = 'sample-gallery';
/** The id of the run that writes, or wrote last: what it has under way in the media folder is this catalog's. */
const META_RUN = 'run';

export interface App {
  readonly config: Config;
  readonly logger: Logger;
  readonly startedAt: Date;
  readonly catalog: Catalog;
  readonly media: MediaStore;
  /** Counts only when somebody starts it. */
  readonly mediaCheck: MediaCheck;
  readonly spaces: Spaces;
  /** Of the space that serves now; what takes longer than a look takes a lease of `spaces`. */
  readonly embedder: Embedder;
  readonly index: VectorIndex;
  readonly modelSwitch: ModelSwitch;
  readonly models: Models;
  readonly ingest: Ingest;
  readonly search: Search;
  readonly history: SearchHistory;
  readonly jobs: Jobs;
  readonly atlas: Atlas;
  readonly changes: GalleryChanges;
  /** What pictures that wait for a worker may take, over all requests and jobs. */
  readonly memory: ByteBudget;
  /** Pictures that a job keeps under way at once: enough that no worker waits. */
  readonly concurrency: number;
  /**
   * Adds every picture below a folder that the caller has made sure may be read.
   * @param folder its real path
   * @param exclude patterns with the rules of .gitignore
   * @throws AppError BAD_USER_INPUT for tags or patterns
   */
  startImport(folder: string, tags: readonly string[], exclude: readonly string[]): StartedJob;
  /** Gives every picture without a vector in the serving space one. */
  startEmbedMissing(): StartedJob;
  /** Fills a gallery that never had a picture with the samples; null when there is nothing to do. */
  startSampleGallery(): Promise<StartedJob | null>;
  /** Every space of the catalog, in the order in which they were made. */
  spaceStates(): Promise<SpaceState[]>;
  /** Finds out in the background how long the serving model takes a picture, if that is not known for certain. */
  measureServing(): void;
  /** Removes a space that is not used any more. @throws AppError as `dropSpace` of services/space-states */
  dropSpace(id: string): Promise<boolean>;
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
  const choice = await chooseSpaces({ catalog, modelsDir: config.modelsDir, model: config.model, logger });
  let { serving, target } = readOnly ? choice : await recordChoice(catalog, choice);
  const media = closing.add(
    await openMediaStore({
      dir: config.mediaDir,
      logger,
      maxPixels: config.maxImagePixels,
      readOnly,
      rows: {
        formatOf: async (sha256) => (await catalog.formatsByHash([sha256])).get(sha256) ?? null,
        run: () => catalog.meta(META_RUN),
        setRun: (run) => catalog.setMeta(META_RUN, run),
      },
    }),
  );

  const openSpaceEmbedder = (model: Model, options: { background: boolean; lazy?: boolean }) =>
    openEmbedder({
      model,
      workers: config.embedWorkers,
      threads: config.embedThreads,
      maxQueue: config.maxQueue,
      timeoutMs: config.requestTimeoutMs,
      maxPixels: config.maxImagePixels,
      executionProvider: config.executionProvider,
      logger,
      ...options,
    });
  const openSpaceIndex = ({ description: { spaceId, dimension } }: Model) =>
    openVectorIndex({
      dir: config.indexDir,
      spaceId,
      dimension,
      vectors: catalog.vectors(spaceId),
      logger,
      readOnly,
    });
  const openServing = (model: Model): Promise<Space> =>
    openSpace(
      model,
      () => openSpaceEmbedder(model, { background: false, lazy: lazyEmbedder }),
      () => openSpaceIndex(model),
    );
  const spaces = closing.add(
    new Spaces(
      await openServing(serving).catch(async (error: unknown) => {
        if (readOnly || target === null || !isModelsFailure(error)) throw error;
        logger.warn(
          { model: serving.description.id, serves: target.description.id, error: messageOf(error) },
          'The model that served cannot be run any more: another one serves at once, and pictures are found again as they get their vectors of it',
        );
        ({ serving, target } = await recordChoice(catalog, { serving: target, target: null }));
        return openServing(serving);
      }),
    ),
  );

  const mediaCheck = closing.add(new MediaCheck({ catalog, media, logger }));
  const changes = new GalleryChanges();
  closing.step(async () => changes.close());
  const history = new SearchHistory({ catalog, limit: config.historyLimit, logger });
  closing.step(() => history.flush());
  const ingest = new Ingest({
    catalog,
    media,
    spaces,
    changes,
    maxBytes: config.maxUploadBytes,
    onRepaired: () => mediaCheck.refreshSoon(),
  });
  const memory = new ByteBudget(config.maxQueueBytes);
  const search = new Search({
    catalog,
    media,
    spaces,
    scales: new SimilarityScales(),
    history: readOnly ? null : history,
    maxBytes: config.maxUploadBytes,
    memory,
  });
  const jobs = closing.add(new Jobs({ logger }));
  const atlas = closing.add(new Atlas({ catalog, dir: dataDir, logger }));

  const concurrency = spaces.serving.embedder.status().workers * LANES_PER_WORKER;
  const modelSwitch = new ModelSwitch({
    catalog,
    media,
    spaces,
    jobs,
    logger,
    modelsDir: config.modelsDir,
    setting: config.model,
    target,
    concurrency,
    memory: memory.background,
    openEmbedder: openSpaceEmbedder,
    openIndex: openSpaceIndex,
  });
  const importOptions = {
    ingest,
    maxBytes: config.maxUploadBytes,
    concurrency,
    memory: memory.background,
  };

  const startImport: App['startImport'] = (folder, tags, exclude) => {
    const cleanTags = normalizeTags(tags, 'tags');
    excludePatterns(exclude); // refuses wrong ones now
    return jobs.start('IMPORT_FOLDER', async (report) => {
      const pictures = await listPictures(folder, {
        exclude,
        ownFolders: ownFoldersOf(config),
        signal: report.signal,
        onLeftOut: (reason, count) => report.leftOut(reason, count),
        onUnreadable: (path, error) => report.failed(path, error),
      });
      const files = pictures.map((path) => ({ path }));
      await importFiles(files, cleanTags, report, { ...importOptions, within: folder });
    });
  };

  const startSampleGallery: App['startSampleGallery'] = async () => {
    const state = await catalog.meta(META_SAMPLES);
    if (state === 'done' || (state === null && (await catalog.countImages()) > 0)) return null;
    const samples = await readSamples();
    if (samples.length === 0) return null;
    // A media folder with pictures has lost its catalog: that is no moment for samples.
    if (state === null && (await hasFiles(media))) return null;
    await catalog.setMeta(META_SAMPLES, 'filling');
    return jobs.start('SAMPLE_GALLERY', async (report) => {
      await importFiles(samples, [], report, importOptions);
      if (!report.signal.aborted) await catalog.setMeta(META_SAMPLES, 'done');
    });
  };

  const startEmbedMissing: App['startEmbedMissing'] = () =>
    jobs.start('EMBED_MISSING', (report) =>
      spaces.use(async ({ embedder, index }, { replaced }) => {
        // What does not serve any more needs no more vectors.
        const signal = AbortSignal.any([report.signal, replaced]);
        const parts = { catalog, media, embedder, index, logger, memory: memory.background };
        await embedMissing(parts, { ...report, signal }, concurrency);
      }),
    );

  const targetId = (): string | null => modelSwitch.target?.description.spaceId ?? null;

  const dropUnused: App['dropSpace'] = (id) =>
    modelSwitch.order(async () => {
      const dropped = await dropSpace(
        {
          catalog,
          indexDir: config.indexDir,
          servingId: spaces.serving.model.spaceId,
          targetId: targetId(),
          isRetiring: (spaceId) => spaces.isRetiring(spaceId),
        },
        id,
      );
      if (dropped) await atlas.forget(id);
      return dropped;
    });

  const models = closing.add(
    new Models({
      catalog,
      media,
      spaces,
      jobs,
      modelSwitch,
      logger,
      modelsDir: config.modelsDir,
      temporaryDir: temporaryDirOf(dataDir),
      hub: config.modelHub,
      openClient: () => openHubClient(config),
      plan: planWorkers({ workers: config.embedWorkers, threads: config.embedThreads }),
      samples: samplesOfGroups,
      dropSpace: dropUnused,
    }),
  );

  return {
    config,
    logger,
    startedAt,
    catalog,
    media,
    mediaCheck,
    spaces,
    get embedder() {
      return spaces.serving.embedder;
    },
    get index() {
      return spaces.serving.index;
    },
    modelSwitch,
    models,
    ingest,
    search,
    history,
    jobs,
    atlas,
    changes,
    memory,
    concurrency,
    startImport,
    startEmbedMissing,
    startSampleGallery,
    spaceStates: () => spaceStates(catalog, spaces.serving.model.spaceId, targetId()),
    measureServing: () => models.measureServing(serving),
    dropSpace: dropUnused,
    close: () => closing.close(),
  };
}

/** Writes down what serves and what is to; a space that is to serve and has every picture serves at once. */
async function recordChoice(catalog: Catalog, { serving, target }: SpaceChoice): Promise<SpaceChoice> {
  for (const { description } of [serving, ...(target === null ? [] : [target])])
    await catalog.ensureSpace({
      id: description.spaceId,
      modelId: description.id,
      dimension: description.dimension,
    });
  if (target !== null) {
    const { spaceId } = target.description;
    if ((await catalog.countVectors(spaceId)) > 0) {
      const record = { [META_SERVING]: JSON.stringify(recordOf(target)), [META_TARGET]: null };
      if ((await catalog.setMetaWhenCovered(spaceId, record)).pending === 0)
        return { serving: target, target: null };
    }
  }
  await catalog.setMeta(META_SERVING, JSON.stringify(recordOf(serving)));
  const due = await readTarget(catalog);
  if (due?.spaceId !== target?.description.spaceId)
    await catalog.setMeta(META_TARGET, target && JSON.stringify({ ...recordOf(target), problem: null }));
  return { serving, target };
}

const isModelsFailure = (error: unknown): boolean =>
  error instanceof AppError && ['MODEL_MISMATCH', 'MODEL_MISSING', 'EMBEDDING_FAILED'].includes(error.code);

/** The two slow openings side by side; when one fails, the other is closed again. */
async function openSpace(
  { description }: Model,
  openSpaceEmbedder: () => Promise<Embedder>,
  openSpaceIndex: () => Promise<VectorIndex>,
): Promise<Space> {
  const [embedder, index] = await Promise.allSettled([openSpaceEmbedder(), openSpaceIndex()]);
  if (embedder.status === 'fulfilled' && index.status === 'fulfilled')
    return { model: description, embedder: embedder.value, index: index.value };
  for (const part of [embedder, index]) if (part.status === 'fulfilled') await part.value.close();
  throw [embedder, index].find((part) => part.status === 'rejected')?.reason;
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
    const full = storageFull(error);
    if (full !== null) throw full;
    throw new AppError(
      'STORAGE_FAILED',
      `The data folder ${dataDir} cannot be written: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function hasFiles(media: MediaStore): Promise<boolean> {
  for await (const _ of media.list()) return true;
  return false;
}
