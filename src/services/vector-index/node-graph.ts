import { cosineAt } from './cosine.js';
import type { FlatStore } from './flat-store.js';
import { Graph, type GraphParameters } from './graph.js';
import { type TwinGroup, TwinGroups } from './twin-groups.js';

/** Breadths that searches may have, for the ten nearest; the least that is broad enough is found by measuring. */
export const BREADTHS = [32, 40, 50, 64, 80, 100, 128, 160, 200, 256, 320, 400, 512, 640, 800] as const;
/** How many neighbours those are for. */
export const BREADTH_COUNT = 10;
/** Breadth of the first attempt of a self-check: enough for nearly all vectors, at half the cost. */
const NARROW = 16;
/** Node numbers that are given where the label's own is taken: from the largest down. */
const LAST_NODE = 0xffff_ffff;
/** No vector is farther from its node than this: twice as far, in 1 - cosine, as where it may join (`Graph.hostOf`). */
export const MIN_HOST_COSINE = 1 - 2e-6;

/** What stands for some vectors in a graph: equal ones, and others that are hardly anything but equal. */
export interface GraphNode {
  readonly id: number;
  readonly groups: TwinGroup[];
  /** Its vector; null when it is that of its only group. */
  centre: Float32Array | null;
}

/** A vector that has no node of its own, by one of its labels, and the node it joined. */
export type Joined = readonly [label: number, node: number];

export interface NearNode {
  readonly node: GraphNode;
  /** Of its own vector, within `distanceError`. */
  readonly cosine: number;
}

/**
 * A graph with one node for all vectors that are equal or nearly so, and the list of its strays: nodes whose own vector
 * does not lead to them, because newer nodes took the links that did. Searches compare with strays one by one, so
 * that everything is found that the graph was asked for once (`check`).
 */
export class NodeGraph {
  readonly groups: TwinGroups;
  readonly #graph: Graph;
  readonly #store: FlatStore;
  readonly #nodes = new Map<number, GraphNode>();
  readonly #strays = new Set<GraphNode>();
  #strayChanges = 0;
  #breadth: number;

  constructor(graph: Graph, store: FlatStore, groups: TwinGroups) {
    this.#graph = graph;
    this.#store = store;
    this.groups = groups;
    this.#breadth = graph.parameters.efSearch;
  }

  static create(parameters: GraphParameters, store: FlatStore): NodeGraph {
    return new NodeGraph(Graph.create(parameters, store.size), store, new TwinGroups(store));
  }

  /** Part of the nodes that is marked as deleted. */
  get deletedFraction(): number {
    const { nodes } = this.#graph;
    return nodes === 0 ? 0 : 1 - this.#nodes.size / nodes;
  }

  /** Nodes not marked as deleted. */
  get live(): number {
    return this.#nodes.size;
  }

  nodes(): IterableIterator<GraphNode> {
    return this.#nodes.values();
  }

  node(id: number): GraphNode | undefined {
    return this.#nodes.get(id);
  }

  get strays(): ReadonlySet<GraphNode> {
    return this.#strays;
  }

  /** How often a node became a stray, or none any more. */
  get strayChanges(): number {
    return this.#strayChanges;
  }

  /** Vectors without a node of their own, for a snapshot. */
  *joined(): Generator<Joined> {
    for (const { id, groups, centre } of this.#nodes.values()) {
      if (centre === null) continue;
      for (const { labels } of groups) if (!this.#store.holds(labels[0]!, centre)) yield [labels[0]!, id];
    }
  }

  /** Candidates that a search for ten neighbours looks at. */
  get breadth(): number {
    return this.#breadth;
  }

  /** @param breadth as it was measured (`checkGraph`); one of `BREADTHS` */
  set breadth(breadth: number) {
    this.#breadth = breadth;
  }

  /** Candidates that a search for some neighbours looks at: as many beyond those wanted as for ten of them. */
  breadthFor(wanted: number): number {
    return this.#breadth + Math.max(0, wanted - BREADTH_COUNT);
  }

  /** Says that a node which is in the graph already is that of a group. */
  bind(id: number, group: TwinGroup): GraphNode {
    const node: GraphNode = { id, groups: [group], centre: null };
    group.node = node;
    this.#nodes.set(id, node);
    return node;
  }

  /** Lets a group that has no node have this one. */
  join(group: TwinGroup, node: GraphNode): void {
    node.centre ??= this.#graph.vector(node.id);
    node.groups.push(group);
    group.node = node;
  }

  /** The same with a node in the graph whose own vector is not in the store any more. */
  joinAbandoned(group: TwinGroup, id: number, centre: Float32Array): void {
    this.bind(id, group).centre = centre;
  }

  addStray(node: GraphNode): void {
    this.#strays.add(node);
  }

  /** Marks a node that stands for nothing. */
  removeNode(id: number): void {
    this.#graph.remove(id);
  }

  /** Out of the group it is in, into that of this vector. @param vector as the store has it under this label, now */
  add(label: number, vector: Float32Array): void {
    this.remove(label);
    const group = this.groups.add(label, vector);
    if (group.node !== null) return;
    const host = this.#hostOf(vector);
    if (host !== undefined) return this.join(group, host);
    const id = this.#freeNode(label);
    this.#graph.add(id, vector);
    this.check(this.bind(id, group));
  }

  #hostOf(vector: Float32Array): GraphNode | undefined {
    const found = this.#nodes.get(this.#graph.hostOf(vector) ?? -1);
    if (found !== undefined) return found;
    for (const stray of this.#strays) if (this.cosine(stray, vector) >= MIN_HOST_COSINE) return stray;
    return undefined;
  }

  /** The node stays as long as it stands for others, whatever it is called. */
  remove(label: number): void {
    const group = this.groups.remove(label);
    const node = group?.node ?? null;
    if (group === undefined || node === null || group.labels.length > 0) return;
    node.groups.splice(node.groups.indexOf(group), 1);
    if (node.groups.length > 0) return;
    this.#graph.remove(node.id);
    this.#nodes.delete(node.id);
    this.#strays.delete(node);
  }

  /** The label, unless the node that was called by it stands for others by now. */
  #freeNode(label: number): number {
    let id = label;
    for (let next = LAST_NODE; this.#nodes.has(id); next--) id = next;
    return id;
  }

  /** About `breadth` nearest nodes, nearest first, without the strays that the graph does not find. */
  near(query: Float32Array, breadth: number): NearNode[] {
    const found: NearNode[] = [];
    const { labels, cosines } = this.#graph.search(query, breadth);
    labels.forEach((id, i) => {
      const node = this.#nodes.get(id);
      if (node !== undefined) found.push({ node, cosine: cosines[i]! });
    });
    return found;
  }

  /** The strays that are not among these. */
  straysBeside(near: readonly NearNode[]): Iterable<GraphNode> {
    if (this.#strays.size === 0) return this.#strays;
    const rest = new Set(this.#strays);
    for (const { node } of near) rest.delete(node);
    return rest;
  }

  /** Cosine of a node's own vector to the query; -1 when what it stands for is being replaced. */
  cosine({ centre, groups }: GraphNode, query: Float32Array): number {
    if (centre !== null) return cosineAt(centre, 0, query);
    const label = groups[0]?.labels[0];
    return (label === undefined ? undefined : this.#store.cosine(label, query)) ?? -1;
  }

  /** Asks the graph for a node's own vector, and lists it as a stray or not. */
  check(node: GraphNode): void {
    const vector = node.centre ?? this.#store.view(node.groups[0]?.labels[0] ?? -1);
    if (vector === undefined) return; // removed meanwhile
    const leadsTo = (breadth: number): boolean =>
      this.#graph.search(vector, breadth).labels.includes(node.id);
    // No broader than the narrowest search, so that it holds however narrow searches become.
    const isStray = !leadsTo(NARROW) && !leadsTo(BREADTHS[0]);
    if (isStray === this.#strays.has(node)) return;
    this.#strayChanges++;
    if (isStray) this.#strays.add(node);
    else this.#strays.delete(node);
  }

  /** See `Graph.write`. */
  write(path: string): Promise<void> {
    return this.#graph.write(path);
  }

  /** What a snapshot says beside the graph's file. */
  notes(): { strays: number[]; joined: Joined[]; breadth: number } {
    const strays = Array.from(this.#strays, ({ id }) => id);
    return { strays, joined: [...this.joined()], breadth: this.#breadth };
  }

  free(): void {
    this.#graph.free();
    this.#nodes.clear();
    this.#strays.clear();
  }
}
