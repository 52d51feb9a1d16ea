import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Logger } from '../../logger.js';
import { vectorProblem } from './assert-vector.js';
import { FlatStore } from './flat-store.js';
import { Graph, type GraphParameters } from './graph.js';
import { inspectGraphFile } from './graph-file.js';
import { HnswIndex } from './hnsw-index.js';
import { Pacer } from './pacer.js';
import { type Manifest, SnapshotFolder } from './snapshot.js';
import type { VectorIndex } from './vector-index.js';

/** A snapshot of which a larger part differs from the catalog is built anew: that is faster, and a better graph. */
const MAX_DIFFERING_FRACTION = 0.3;

export interface VectorIndexOptions {
  /** INDEX_DIR; every space gets a folder below it. */
  readonly dir: string;
  readonly spaceId: string;
  readonly dimension: number;
  /** Every vector of the space as the catalog has it, which is the truth; in pages. */
  readonly vectors: AsyncIterable<readonly { readonly id: number; readonly vector: Float32Array }[]>;
  readonly logger: Logger;
  /** Entry of the process that builds graphs. */
  readonly builderUrl?: URL;
  /** Below so many vectors there is no graph and no snapshot: looking at all of them takes a millisecond. */
  readonly exactBelow?: number;
  /** Quiet time after a change before a snapshot is written, in milliseconds. */
  readonly saveAfterMs?: number;
  /** Pauses before a failed build is tried again, in milliseconds; after the last one it is given up. */
  readonly retryDelaysMs?: readonly number[];
  /** Write nothing and build nothing; for looking at the folder of another process. */
  readonly readOnly?: boolean;
  /** Links a node. */
  readonly m?: number;
  readonly efConstruction?: number;
  readonly efSearch?: number;
}

/**
 * Opens the index of one space: all vectors from the catalog, and the graph from its snapshot where that can be
 * trusted. Where it cannot (missing, damaged, of another gallery), the index serves all the same, exactly, says so in
 * `status().problem`, and builds a new graph in the background.
 *
 * @throws AppError INDEX_TOO_NEW when a newer version wrote the snapshot, STORAGE_FAILED when the folder cannot be used
 */
export async function openVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  const { dir, spaceId, dimension, logger, readOnly = false } = options;
  const { m = 24, efConstruction = 200, efSearch = 200, exactBelow = 1000, saveAfterMs = 5000 } = options;
  check(/^[\w.-]+$/.test(spaceId) && !/^\.+$/.test(spaceId), 'spaceId', 'letters, digits, ".", "_" and "-"');
  const parameters: GraphParameters = { dimension, m, efConstruction, efSearch };
  const folder = new SnapshotFolder(dir, { spaceId, dimension, m, efConstruction });
  if (!readOnly) await onDisk(() => folder.create());

  const reading = await folder.readManifest();
  const store = await fillStore(options);
  const found = reading.kind === 'found' ? reading.manifest : null;
  const isSmall = store.size < Math.max(1, exactBelow);
  if (!readOnly) {
    if (reading.kind === 'unusable') await onDisk(() => folder.drop());
    await onDisk(() => folder.removeLeftovers(found?.file ?? null));
  }

  let loaded: LoadedGraph | null = null;
  let problem: string | null = null;
  if (reading.kind === 'unusable') problem = reading.problem;
  else if (isSmall) problem = null;
  else if (found === null) problem = 'There is no snapshot of the index.';
  else {
    try {
      loaded = await loadGraph(folder, found, parameters, store);
    } catch (error) {
      problem = `The snapshot of the index does not count: ${messageOf(error)}`;
    }
  }
  if (problem !== null) {
    logger.warn(
      { spaceId, problem },
      'The index serves exact search from the catalog until it is built anew',
    );
  }

  const index = new HnswIndex({
    spaceId,
    store,
    folder,
    parameters,
    logger,
    builderUrl: options.builderUrl ?? new URL('../../workers/index-builder.js', import.meta.url),
    exactBelow: Math.max(1, exactBelow),
    autosave: { afterMs: saveAfterMs, atMostMs: 12 * saveAfterMs },
    retryDelaysMs: options.retryDelaysMs ?? [1_000, 10_000, 60_000],
    readOnly,
    generation: found?.generation ?? 0,
    problem,
  });
  await index.begin(loaded?.graph ?? null, loaded?.differing ?? new Set());
  return index;
}

async function fillStore({ vectors, spaceId, dimension, logger }: VectorIndexOptions): Promise<FlatStore> {
  const store = new FlatStore(dimension);
  const pacer = new Pacer();
  let refused = 0;
  for await (const page of vectors) {
    for (const { id, vector } of page) {
      const problem = vectorProblem(id, vector, dimension);
      if (problem === null) store.add(id, vector);
      else if (refused++ === 0)
        logger.warn({ spaceId, id, problem }, 'A vector of the catalog is not fit for the index');
      if (pacer.due) await pacer.rest();
    }
  }
  if (refused > 1) logger.warn({ spaceId, refused }, 'Vectors of the catalog are not fit for the index');
  return store;
}

interface LoadedGraph {
  readonly graph: Graph;
  readonly differing: Set<number>;
}

/** @throws an error that says why the snapshot does not count */
async function loadGraph(
  folder: SnapshotFolder,
  manifest: Manifest,
  parameters: GraphParameters,
  store: FlatStore,
): Promise<LoadedGraph> {
  const path = folder.graphPath(manifest);
  // What the catalog has and the graph has not, or has with another vector; then also the reverse.
  const differing = new Set(store.labels());
  const facts = await inspectGraphFile(path, parameters, (label, vector) => {
    if (store.holds(label, vector)) differing.delete(label);
    else differing.add(label);
  });
  if (facts.bytes !== manifest.bytes || facts.sha256 !== manifest.sha256) {
    throw new Error('The graph file is not the one that was saved.');
  }
  if (facts.nodes !== manifest.nodes || facts.live !== manifest.live) {
    throw new Error('The graph file holds another number of vectors than its manifest says.');
  }
  if (differing.size > MAX_DIFFERING_FRACTION * store.size) {
    throw new Error(`It differs from the catalog in ${differing.size} of ${store.size} vectors.`);
  }
  return { graph: await Graph.load(path, parameters), differing };
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
