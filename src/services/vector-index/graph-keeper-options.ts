import type { Serial } from '../../lib/serial.js';
import type { Logger } from '../../logger.js';
import type { AfterChangesOptions } from './after-changes.js';
import type { FlatStore } from './flat-store.js';
import type { GraphParameters } from './graph.js';
import type { SnapshotFolder } from './snapshot.js';

export interface GraphKeeperOptions {
  readonly spaceId: string;
  readonly store: FlatStore;
  readonly folder: SnapshotFolder;
  readonly parameters: GraphParameters;
  readonly logger: Logger;
  readonly builderUrl: URL;
  /** Whether the builder process gives priority to other programs. */
  readonly lowPriority: boolean;
  readonly saving: AfterChangesOptions;
  readonly checking: AfterChangesOptions;
  /** Pauses before a failed build is retried; after the last one it is given up. */
  readonly retryDelaysMs: readonly number[];
  readonly readOnly: boolean;
  /** Why no graph can be built here, as a sentence; null if one can. */
  readonly limitation: string | null;
  /** Generation of the newest snapshot on disk; 0 for none. */
  readonly generation: number;
  /** Serialises changes of store and graph, and writing the graph to a file. */
  readonly writers: Serial;
}
