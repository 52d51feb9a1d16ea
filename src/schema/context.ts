import type { ByteShare, LazyBytes } from '../lib/byte-budget.js';
import type { Albums } from '../services/albums/albums.js';
import type { SpaceAtlas } from '../services/atlas/atlas.js';
import type { Catalog } from '../services/catalog/types.js';
import type { SearchHistory } from '../services/search/history.js';
import type { GalleryChanges } from '../services/gallery/gallery-changes.js';
import type { Ingest } from '../services/gallery/ingest.js';
import type { Job, Jobs } from '../services/jobs.js';
import type { Libraries } from '../services/libraries/libraries.js';
import type { ModelSwitch } from '../services/spaces/model-switch.js';
import type { Models } from '../services/models/models.js';
import type { Search } from '../services/search/search.js';
import type { SpaceState } from '../services/spaces/space-states.js';
import type { PublicError } from './format-error.js';
import type { Principal } from './principal.js';
import type { ServerStatus } from './status.type.js';

/** What resolvers may use: services, and the state of this one request. */
export interface Context {
  /** Bound to one space for the whole request, so that an answer never mixes vectors of two. */
  readonly search: Search;
  readonly ingest: Ingest;
  readonly catalog: Catalog;
  readonly history: SearchHistory;
  readonly jobs: Jobs;
  readonly changes: GalleryChanges;
  readonly importFolder: (path: string, tags: readonly string[], exclude: readonly string[]) => Promise<Job>;
  /** The file at an address. @throws AppError URL_NOT_ALLOWED */
  readonly pictureAt: (url: string) => LazyBytes;
  readonly albums: Albums;
  readonly libraries: Libraries;
  /** The real path of a folder that may be read. @throws AppError FORBIDDEN */
  readonly allowedFolder: (path: string) => Promise<string>;
  /** Bound to the same space as `search`. */
  readonly atlas: SpaceAtlas;
  readonly status: () => Promise<ServerStatus>;
  readonly modelSwitch: ModelSwitch;
  readonly models: Models;
  readonly sampleIds: () => Promise<number[]>;
  readonly spaceStates: () => Promise<SpaceState[]>;
  readonly dropSpace: (id: string) => Promise<boolean>;
  /** The caller; only an administrator may learn some things, such as paths on the server. */
  readonly principal: Principal;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Memory budget for the pictures of this request, shared with `search`. */
  readonly memory: ByteShare;
  /** What the client sees of a failure that does not fail the whole request. */
  readonly publicError: (error: unknown) => PublicError;
}
