import { join } from 'node:path';
import { dataDirOf, ownFoldersOf, temporaryDirOf, type Config } from './config.js';
import { PROJECT_DIR, SAMPLE_DIR } from './project.js';
import { messageOf } from './errors.js';
import { openHubClient } from './hub-client.js';
import { ByteBudget } from './lib/byte-budget.js';
import { Closing } from './lib/closing.js';
import { lockDataFolder } from './lib/data-folder.js';
import type { Logger } from './logger.js';
import { samplesOfGroups } from './services/gallery/sample-files.js';
import { startSampleGallery } from './services/gallery/samples.js';
import { Atlas } from './services/atlas/atlas.js';
import { openCatalog } from './services/catalog/catalog.js';
import type { Catalog } from './services/catalog/types.js';
import { openEmbedder } from './services/embedding/embedder.js';
import type { Model } from './services/embedding/model.js';
import { planWorkers } from './services/embedding/plan.js';
import type { Embedder } from './services/embedding/types.js';
import { SearchHistory } from './services/search/history.js';
import { GalleryChanges } from './services/gallery/gallery-changes.js';
import { Ingest } from './services/gallery/ingest.js';
import { Jobs, type StartedJob } from './services/jobs.js';
import { MediaCheck } from './services/gallery/media-check.js';
import { openMediaStore } from './services/media/media-store.js';
import type { MediaStore } from './services/media/types.js';
import { ModelSwitch } from './services/spaces/model-switch.js';
import { Models } from './services/models/models.js';
import { startFolderImport } from './services/gallery/import/import-folder.js';
import { embedMissing } from './services/gallery/reconcile.js';
import { Search } from './services/search/search.js';
import { SimilarityScales } from './services/spaces/similarity-scales.js';
import { chooseSpaces } from './services/spaces/space-choice.js';
import { openSpaces, recordChoice } from './services/spaces/open-spaces.js';
import { dropSpace, spaceStates, type SpaceState } from './services/spaces/space-states.js';
import type { Spaces } from './services/spaces/spaces.js';
import { openVectorIndex } from './services/vector-index/open.js';
import type { VectorIndex } from './services/vector-index/vector-index.js';

/** Pictures that a job keeps under way for each worker: one running, some decoded or being decoded, some waiting. */
const LANES_PER_WORKER = 8;

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
  if (!readOnly) {
    const lock = await lockDataFolder(dataDir, temporaryDirOf(dataDir));
    closing.step(() => lock.release());
  }

  const catalog = closing.add(
    await openCatalog({
      databaseUrl: config.databaseUrl,
      migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
      logger,
      readOnly,
    }),
  );
  const choice = await chooseSpaces({ catalog, modelsDir: config.modelsDir, model: config.model, logger });
  const recorded = readOnly ? choice : await recordChoice(catalog, choice);
  const media = closing.add(
    await openMediaStore({
      dir: config.mediaDir,
      logger,
      maxPixels: config.maxImagePixels,
      readOnly,
      rows: {
        formatOf: async (sha256) => (await catalog.images.formatsByHash([sha256])).get(sha256) ?? null,
        run: () => catalog.facts.get(META_RUN),
        setRun: (run) => catalog.facts.set(META_RUN, run),
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
      vectors: catalog.vectors.pages(spaceId),
      logger,
      readOnly,
    });
  const { spaces, serving, target } = await openSpaces({
    catalog,
    choice: recorded,
    readOnly,
    logger,
    openEmbedder: (model) => openSpaceEmbedder(model, { background: false, lazy: lazyEmbedder }),
    openIndex: openSpaceIndex,
  });
  closing.add(spaces);

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
      samples: () => samplesOfGroups(SAMPLE_DIR),
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
    startImport: (folder, tags, exclude) =>
      startFolderImport(
        { folder, tags, exclude },
        { jobs, ownFolders: ownFoldersOf(config), ...importOptions },
      ),
    startEmbedMissing,
    startSampleGallery: () =>
      startSampleGallery({
        catalog,
        media,
        jobs,
        dir: SAMPLE_DIR,
        importOptions,
      }),
    spaceStates: () => spaceStates(catalog, spaces.serving.model.spaceId, targetId()),
    measureServing: () => models.measureServing(serving),
    dropSpace: dropUnused,
    close: () => closing.close(),
  };
}
