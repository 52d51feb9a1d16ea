import type { App } from '../app.js';
import { VERSION } from '../project.js';
import type { Context } from '../schema/context.js';
import { publicError } from '../schema/format-error.js';
import { MAX_BATCH, MAX_PAGE_SIZE } from '../schema/limits.js';
import type { Principal } from '../schema/principal.js';
import type { ServerStatus } from '../schema/status.type.js';
import { allowedFolder } from '../services/gallery/import/allowed-folder.js';
import { MAX_TOP_K } from '../services/search/arguments.js';
import type { ServingSpaces } from '../services/spaces/spaces.js';

export interface ContextParts {
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** Leased for as long as the context is used; null: each operation uses the spaces that serve at that time. */
  readonly spaces: ServingSpaces | null;
}

/** Creates the context of one operation. */
export type CreateContext = (parts: ContextParts) => Context;

function statusOf(app: App): () => Promise<ServerStatus> {
  return async () => ({
    version: VERSION,
    nodeVersion: process.versions.node,
    startedAt: app.startedAt,
    uptimeSeconds: (Date.now() - app.startedAt.getTime()) / 1000,
    gallerySize: await app.catalog.images.count(),
    memoryBytes: process.memoryUsage.rss(),
    model: app.embedder.model,
    pinnedModel: app.modelSwitch.pinned,
    index: await app.index.status(),
    media: app.mediaCheck.state,
    embedder: app.embedder.status(),
    limits: {
      maxUploadBytes: app.config.maxUploadBytes,
      maxImagePixels: app.config.maxImagePixels,
      maxTopK: MAX_TOP_K,
      maxBatch: MAX_BATCH,
      maxPageSize: MAX_PAGE_SIZE,
      maxModelBytes: app.config.maxModelBytes,
    },
  });
}

/** Creates, for each operation, the view of the app that resolvers get. */
export function contextMaker(app: App): CreateContext {
  const { config, logger } = app;
  const status = statusOf(app);
  return (parts) => {
    const memory = app.memory.forRequest();
    return {
      search: parts.spaces === null ? app.search : app.search.within(parts.spaces, memory),
      memory,
      ingest: app.ingest,
      catalog: app.catalog,
      history: app.history,
      jobs: app.jobs,
      changes: app.changes,
      pictureAt: (url) => app.fetcher.file(url, parts.signal),
      albums: app.albums,
      libraries: app.libraries,
      allowedFolder: (path) => allowedFolder(path, config.importRoots),
      atlas: app.atlas.within((parts.spaces ?? app.spaces.serving).primary),
      status,
      modelSwitch: app.modelSwitch,
      models: app.models,
      sampleIds: () => app.sampleIds(),
      spaceStates: () => app.spaceStates(),
      dropSpace: (id) => app.dropSpace(id),
      principal: parts.principal,
      importFolder: async (path, tags, exclude) =>
        app.startImport(await allowedFolder(path, config.importRoots), tags, exclude).job,
      signal: parts.signal,
      publicError: (error) => publicError(error, logger),
    };
  };
}
