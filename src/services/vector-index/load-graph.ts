import { cosineAt } from './cosine.js';
import type { FlatStore } from './flat-store.js';
import { Graph, type GraphParameters } from './graph.js';
import { inspectGraphFile } from './graph-file.js';
import { BREADTHS, MIN_HOST_COSINE, NodeGraph } from './node-graph.js';
import { Pacer } from '../../lib/pacer.js';
import type { Manifest, SnapshotFolder } from './snapshot.js';
import { type TwinGroup, TwinGroups } from './twin-groups.js';

/** If a larger share of a snapshot differs from the catalog, the graph is rebuilt, which is faster and gives a better one. */
const MAX_DIFFERING_FRACTION = 0.3;

export interface LoadedGraph {
  readonly graph: NodeGraph;
  /** Labels that the graph lacks. */
  readonly missing: Set<number>;
  /** Number of nodes without a vector in the catalog, which are marked as deleted. */
  readonly gone: number;
  /** Whether its strays are known. */
  readonly checked: boolean;
}

/**
 * Loads the graph of a snapshot. The labels of each node are found by comparing vectors.
 *
 * @throws Error that says why the snapshot cannot be used
 */
export async function loadGraph(
  folder: SnapshotFolder,
  manifest: Manifest,
  parameters: GraphParameters,
  store: FlatStore,
): Promise<LoadedGraph> {
  const path = folder.graphPath(manifest);
  const { strays = [], joined = [] } = manifest;
  const groups = await TwinGroups.of(store, new Pacer());
  const bound = new Map<TwinGroup, number>();
  const hosts = new Set(joined.map(([, node]) => node));
  /** Nodes whose own vector is not in the catalog, with the vector if others may have joined them. */
  const others = new Map<number, Float32Array | null>();
  let twins = 0;
  const facts = await inspectGraphFile(path, parameters, (node, vector) => {
    const group = groups.find(vector);
    if (group !== null && !bound.has(group)) bound.set(group, node);
    else others.set(node, hosts.has(node) ? vector.slice() : null);
    if (group !== null && bound.get(group) !== node) twins++;
  });
  if (facts.bytes !== manifest.bytes || facts.sha256 !== manifest.sha256) {
    throw new Error('The graph file is not the one that was saved.');
  }
  if (facts.nodes !== manifest.nodes || facts.live !== manifest.live) {
    throw new Error('The number of vectors in the graph file differs from its manifest.');
  }
  // Format 1 had a node for every vector. Enough equal ones fill a list of links.
  if (twins > parameters.m)
    throw new Error('It was made by an older version, with a node for each of equal vectors.');

  const graph = new NodeGraph(await Graph.load(path, parameters), store, groups);
  if (manifest.breadth !== undefined && BREADTHS.some((breadth) => breadth === manifest.breadth))
    graph.breadth = manifest.breadth;
  for (const [group, node] of bound) graph.bind(node, group);
  for (const [label, id] of joined) rejoin(graph, store, label, id, others.get(id) ?? null);
  const gone = [...others.keys()].filter((id) => graph.node(id) === undefined);
  const missing = new Set<number>();
  for (const group of groups.all())
    if (group.node === null) for (const label of group.labels) missing.add(label);
  if (missing.size + gone.length > MAX_DIFFERING_FRACTION * store.size) {
    graph.free();
    throw new Error(
      `It lacks ${missing.size} of the catalog's ${store.size} vectors, and has ${gone.length} that the catalog does not have.`,
    );
  }
  for (const id of gone) graph.removeNode(id);
  for (const id of strays) {
    const node = graph.node(id);
    if (node !== undefined) graph.addStray(node);
  }
  return { graph, missing, gone: gone.length, checked: manifest.strays !== undefined };
}

/** Assigns a vector to the node that it had joined, if it is still near enough. */
function rejoin(
  graph: NodeGraph,
  store: FlatStore,
  label: number,
  id: number,
  abandoned: Float32Array | null,
): void {
  const group = graph.groups.groupOf(label);
  const vector = store.view(label);
  if (group === undefined || group.node !== null || vector === undefined) return;
  const node = graph.node(id);
  if (node !== undefined) {
    if (graph.cosine(node, vector) >= MIN_HOST_COSINE) graph.join(group, node);
  } else if (abandoned !== null && cosineAt(abandoned, 0, vector) >= MIN_HOST_COSINE) {
    graph.joinAbandoned(group, id, abandoned);
  }
}
