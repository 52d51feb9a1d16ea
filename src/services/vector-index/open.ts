import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Logger } from '../../logger.js';
import { vectorProblem } from './assert-vector.js';
import { QUICK_PRODUCTS } from './exact-search.js';
import { FlatStore } from './flat-store.js';
import type { GraphParameters } from './graph.js';
import { graphLibrary } from './graph-library.js';
import { type LoadedGraph, loadGraph } from './load-graph.js';
import { Pacer } from '../../lib/pacer.js';
import { MemoryIndex } from './memory-index.js';
import { SnapshotFolder } from './snapshot.js';
import { VectorFile } from './vector-file.js';
import type { VectorIndex } from './vector-index.js';

/** Up to this many bytes, vectors are kept in memory; above, in a file. */
const MEMORY_BYTES = 64 * 2 ** 20;
/** Saving takes at most about this fraction (1 / n) of the time. */
const RESTS_PER_SAVE = 20;

export interface VectorIndexOptions {
  /** INDEX_DIR; every space gets a folder below it. */
  readonly dir: string;
  readonly spaceId: string;
  readonly dimension: number;
  /** Every vector of the space from the catalog, which is the truth; in pages. */
  readonly vectors: AsyncIterable<readonly { readonly id: number; readonly vector: Float32Array }[]>;
  readonly logger: Logger;
  /** Entry of the process that builds graphs. */
  readonly builderUrl?: URL;
  /** Whether that process gives priority to searches and all other programs; true by default. */
  readonly lowPriority?: boolean;
  /**
   * Below this many vectors searches compare all of them; by default if that takes at most 2 to 3 ms. The graph and its
   * snapshot are kept nevertheless, so that they are ready when the gallery has grown.
   */
  readonly exactBelow?: number;
  /** Quiet time after a change before a snapshot is written, in milliseconds. */
  readonly saveAfterMs?: number;
  /** Quiet time after a change before the graph checks itself, in milliseconds. */
  readonly checkAfterMs?: number;
  /** Pauses before a failed build is retried, in milliseconds; after the last one it is given up. */
  readonly retryDelaysMs?: readonly number[];
  /** Why no graph can be built, as a sentence; by default the result of loading the library. */
  readonly limitation?: string | null;
  /** Write nothing and build nothing, to read the folder of another process. */
  readonly readOnly?: boolean;
  /** Above this number, vectors are kept in a file, with a quarter of their size in memory; by default 64 MiB of vectors. */
  readonly memoryRows?: number;
  /** Links per node. */
  readonly m?: number;
  readonly efConstruction?: number;
  readonly efSearch?: number;
}

/**
 * Opens the index of one space: all vectors from the catalog, and the graph from its snapshot if that can be trusted. If
 * not (missing, damaged, of another gallery), the index searches exactly, reports it in `status().problem`, and builds a
 * new graph in the background.
 *
 * @throws AppError INDEX_TOO_NEW if a newer version wrote the snapshot, STORAGE_FAILED if the folder cannot be used
 */
export async function openVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  const { dir, spaceId, dimension, logger, readOnly = false } = options;
  const { m = 24, efConstruction = 200, efSearch = 200, saveAfterMs = 5000 } = options;
  const { exactBelow = Math.ceil(QUICK_PRODUCTS / dimension), checkAfterMs = 2000 } = options;
  check(/^[\w.-]+$/.test(spaceId) && !/^\.+$/.test(spaceId), 'spaceId', 'letters, digits, ".", "_" and "-"');
  const { limitation = graphLibrary.kind === 'absent' ? graphLibrary.limitation : null } = options;
  const parameters: GraphParameters = { dimension, m, efConstruction, efSearch };
  const folder = new SnapshotFolder(dir, { spaceId, dimension, m, efConstruction });
  if (!readOnly) await onDisk(() => folder.create());

  const reading = await folder.readManifest();
  const store = await fillStore(options, folder);
  const found = reading.kind === 'found' ? reading.manifest : null;
  if (!readOnly) {
    if (reading.kind === 'unusable') await onDisk(() => folder.drop());
    await onDisk(() => folder.removeLeftovers(found?.file ?? null));
  }

  let loaded: LoadedGraph | null = null;
  let problem: string | null = null;
  if (reading.kind === 'unusable') problem = reading.problem;
  else if (limitation !== null)
    loaded = null; // the snapshot is kept until a library can read it
  else if (found === null) problem = store.size === 0 ? null : 'There is no snapshot of the index.';
  else {
    try {
      loaded = await loadGraph(folder, found, parameters, store);
    } catch (error) {
      problem = `The snapshot of the index cannot be used: ${messageOf(error)}`;
    }
  }
  if (problem !== null) {
    logger.warn({ spaceId, problem }, 'The index searches exactly until its graph is rebuilt');
  }

  const index = new MemoryIndex({
    limitation,
    spaceId,
    store,
    folder,
    parameters,
    logger,
    builderUrl: options.builderUrl ?? new URL('../../workers/index-builder.js', import.meta.url),
    lowPriority: options.lowPriority ?? true,
    exactBelow: Math.max(1, exactBelow),
    saving: { afterMs: saveAfterMs, atMostMs: 12 * saveAfterMs, restPerRun: RESTS_PER_SAVE },
    checking: { afterMs: checkAfterMs, atMostMs: 30 * checkAfterMs, restPerRun: 1 },
    retryDelaysMs: options.retryDelaysMs ?? [1_000, 10_000, 60_000],
    readOnly,
    generation: found?.generation ?? 0,
    problem,
  });
  await index.begin(loaded);
  return index;
}

async function fillStore(options: VectorIndexOptions, folder: SnapshotFolder): Promise<FlatStore> {
  const { vectors, spaceId, dimension, logger, readOnly = false } = options;
  const store = new FlatStore(dimension, {
    memoryRows: options.memoryRows ?? Math.floor(MEMORY_BYTES / (4 * dimension)),
    ...(!readOnly && { openFile: () => new VectorFile(folder.temporaryPath('vectors'), dimension) }),
    onFileFailure: (error) =>
      logger.warn(
        { spaceId, error: messageOf(error) },
        'The vectors of the index stay in memory, not in a file',
      ),
  });
  const pacer = new Pacer();
  let refused = 0;
  for await (const page of vectors) {
    for (const { id, vector } of page) {
      const problem = vectorProblem(id, vector, dimension);
      if (problem === null) store.add(id, vector);
      else if (refused++ === 0)
        logger.warn({ spaceId, id, problem }, 'A vector of the catalog is not valid for the index');
      if (pacer.due) await pacer.rest();
    }
  }
  if (refused > 1) logger.warn({ spaceId, refused }, 'Vectors of the catalog are not valid for the index');
  return store;
}

async function onDisk(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new AppError('STORAGE_FAILED', `The index folder cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
