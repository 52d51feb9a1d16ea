import { AppError } from '../../errors.js';
import type { BuildProgress } from './build-progress.js';
import { writeRows } from './build-rows.js';
import { runBuilder } from './builder.js';
import type { FlatStore } from './flat-store.js';
import { removeQuietly } from './graph-saver.js';
import { Graph, type GraphParameters } from './graph.js';
import { type GraphFileFacts, inspectGraphFile } from './graph-file.js';
import { NodeGraph } from './node-graph.js';
import { Pacer } from '../../lib/pacer.js';
import type { SnapshotFolder } from './snapshot.js';
import { TwinGroups } from './twin-groups.js';

export interface BuildOptions {
  readonly store: FlatStore;
  readonly folder: SnapshotFolder;
  readonly parameters: GraphParameters;
  readonly builderUrl: URL;
  readonly lowPriority: boolean;
  readonly signal: AbortSignal;
  /** 0: ascending labels, so that the same gallery gives the same graph. Otherwise the seed of another order. */
  readonly order: number;
  readonly progress: BuildProgress;
  /** Runs a task while the store does not change. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T>;
}

export interface BuiltGraph {
  readonly graph: NodeGraph;
  /** The file it was loaded from, which is removed at the end unless it was moved. */
  readonly path: string;
  readonly facts: GraphFileFacts;
}

/**
 * Builds the graph of a store in a separate process, with one node for each group of equal vectors.
 * @throws Error if the process failed, AppError INDEX_CORRUPT if its file is incomplete; what `use` throws
 */
export async function buildInProcess(
  options: BuildOptions,
  use: (built: BuiltGraph) => Promise<void>,
): Promise<void> {
  const { store, folder, parameters, builderUrl, lowPriority, signal, order, progress } = options;
  const rowsPath = folder.temporaryPath('rows');
  const path = folder.temporaryPath('graph');
  progress.part = 0;
  try {
    await folder.create();
    const groups = await options.exclusively(() => writeNodes(store, rowsPath, order));
    const count = groups.size;
    const job = { parameters, count, rowsPath, graphPath: path, lowPriority };
    const joined = await runBuilder(builderUrl, job, signal, (done) => void (progress.part = done / count));
    progress.part = 1;
    await removeQuietly(rowsPath);
    const facts = await inspectGraphFile(path, parameters);
    if (facts.live + joined.length !== count)
      throw new AppError('INDEX_CORRUPT', 'The graph that was built is not complete.');
    const graph = new NodeGraph(await Graph.load(path, parameters), store, groups);
    const hosts = new Map(joined);
    for (const group of groups.all()) if (!hosts.has(group.labels[0]!)) graph.bind(group.labels[0]!, group);
    for (const [label, id] of joined) {
      const [group, host] = [groups.groupOf(label), graph.node(id)];
      if (group !== undefined && host !== undefined) graph.join(group, host);
    }
    await use({ graph, path, facts });
  } finally {
    progress.part = null;
    await Promise.all([removeQuietly(rowsPath), removeQuietly(path)]);
  }
}

async function writeNodes(store: FlatStore, rowsPath: string, order: number): Promise<TwinGroups> {
  const groups = await TwinGroups.of(store, new Pacer());
  const nodes = new Uint32Array(groups.size);
  let count = 0;
  for (const group of groups.all()) nodes[count++] = group.labels[0]!;
  nodes.sort();
  if (order > 0) shuffle(nodes, order);
  await writeRows(rowsPath, store, nodes);
  return groups;
}

/** Fisher and Yates, by a linear congruential generator: the same seed gives the same order. */
function shuffle(values: Uint32Array, seed: number): void {
  let state = seed >>> 0;
  for (let i = values.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
}
