import type { Catalog } from '../services/catalog/types.js';
import { openEmbedder } from '../services/embedding/embedder.js';
import type { Model } from '../services/embedding/model.js';
import type { Embedder } from '../services/embedding/types.js';
import { openVectorIndex } from '../services/vector-index/open.js';
import type { VectorIndex } from '../services/vector-index/vector-index.js';
import type { AppOptions } from './types.js';

/** How the two parts of a space are opened, with the settings of this app. */
export interface SpaceOpeners {
  readonly openEmbedder: (
    model: Model,
    options: { readonly background: boolean; readonly lazy?: boolean },
  ) => Promise<Embedder>;
  readonly openIndex: (model: Model) => Promise<VectorIndex>;
}

export function spaceOpeners(
  { config, logger, readOnly = false }: AppOptions,
  catalog: Catalog,
): SpaceOpeners {
  const lowPriority = config.backgroundPriority === 'low';
  return {
    openEmbedder: (model, options) =>
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
        background: options.background && lowPriority,
      }),
    openIndex: ({ info: { spaceId, dimension } }) =>
      openVectorIndex({
        dir: config.indexDir,
        spaceId,
        dimension,
        vectors: catalog.vectors.pages(spaceId),
        logger,
        readOnly,
        lowPriority,
      }),
  };
}
