import type { Config } from '../config.js';
import type { ByteBudget } from '../lib/byte-budget.js';
import type { Logger } from '../logger.js';
import type { Albums } from '../services/albums/albums.js';
import type { Atlas } from '../services/atlas/atlas.js';
import type { Catalog } from '../services/catalog/types.js';
import type { Embedder } from '../services/embedding/types.js';
import type { GalleryChanges } from '../services/gallery/gallery-changes.js';
import type { Ingest } from '../services/gallery/ingest.js';
import type { Libraries } from '../services/libraries/libraries.js';
import type { MediaCheck } from '../services/gallery/media-check.js';
import type { Jobs, StartedJob } from '../services/jobs.js';
import type { PictureFetcher } from '../picture-fetcher.js';
import type { MediaStore } from '../services/media/types.js';
import type { Models } from '../services/models/models.js';
import type { SearchHistory } from '../services/search/history.js';
import type { Search } from '../services/search/search.js';
import type { ModelSwitch } from '../services/spaces/model-switch.js';
import type { SpaceState } from '../services/spaces/space-states.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { VectorIndex } from '../services/vector-index/vector-index.js';

export interface App {
  readonly config: Config;
  readonly logger: Logger;
  readonly startedAt: Date;
  readonly catalog: Catalog;
  readonly media: MediaStore;
  /** Counts only once started. */
  readonly mediaCheck: MediaCheck;
  readonly spaces: Spaces;
  /** Embedder of the serving space. Code that does more than one call takes a lease from `spaces`. */
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
  readonly albums: Albums;
  readonly libraries: Libraries;
  readonly fetcher: PictureFetcher;
  /** Memory budget for pictures that wait for a worker, over all requests and jobs. */
  readonly memory: ByteBudget;
  /** Pictures that a job processes at once: enough that no worker waits. */
  readonly concurrency: number;
  /**
   * Adds every picture below a folder that the caller has checked to be allowed.
   * @param folder its real path
   * @param exclude patterns as in .gitignore
   * @throws AppError BAD_USER_INPUT for tags or patterns
   */
  startImport(folder: string, tags: readonly string[], exclude: readonly string[]): StartedJob;
  /** Computes missing vectors in the serving space. */
  startEmbedMissing(): StartedJob;
  /** Reads what is written in pictures that were not asked yet; null when there are none. */
  startReadFacts(): Promise<StartedJob | null>;
  /** Adds the samples to a gallery that never had a picture; null if there is nothing to do. */
  startSampleGallery(): Promise<StartedJob | null>;
  /** Ids of the samples that are in the gallery, ascending. */
  sampleIds(): Promise<number[]>;
  /** Every space of the catalog, in order of creation. */
  spaceStates(): Promise<SpaceState[]>;
  /** Measures in the background how long the serving model takes per picture, if not reliably known. */
  measureServing(): void;
  /** Removes a space that is no longer used. @throws AppError as `dropSpace` of services/space-states */
  dropSpace(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Opens for reading while a server runs: takes no lock and writes nothing. */
  readonly readOnly?: boolean;
  /** Starts no embedding worker until a picture has to be embedded. */
  readonly lazyEmbedder?: boolean;
}
