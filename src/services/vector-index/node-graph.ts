import { cosineAt } from './cosine.js';
import type { FlatStore } from './flat-store.js';
import { Graph, type GraphParameters } from './graph.js';
import { type TwinGroup, TwinGroups } from './twin-groups.js';

/** Possible breadths of a search for the ten nearest; measuring finds the smallest sufficient one. */
export const BREADTHS = [32, 40, 50, 64, 80, 100, 128, 160, 200, 256, 320, 400, 512, 640, 800] as const;
/** The number of neighbours for these breadths. */
export const BREADTH_COUNT = 10;
/** Breadth of the first attempt of a self-check: enough for nearly all vectors, at half the cost. */
const NARROW = 16;
/** Largest node number; if a label's own is taken, numbers are assigned from here downwards. */
const LAST_NODE = 0xffff_ffff;
/** Minimum cosine of a vector and its node: twice the distance (1 - cosine) within which it may join (`Graph.hostOf`). */
export const MIN_HOST_COSINE = 1 - 2e-6;

/** A node for vectors that are equal or nearly so. */
export interface GraphNode {
  readonly id: number;
  readonly groups: TwinGroup[];
  /** Its vector; null if it is that of its only group. */
  centre: Float32Array | null;
}

/** A vector without its own node, by one of its labels, and the node that it joined. */
export type Joined = readonly [label: number, node: number];

export interface NearNode {
  readonly node: GraphNode;
  /** Cosine of its own vector, within `distanceError`. */
  readonly cosine: number;
}

/**
 * A graph with one node for all vectors that are equal or nearly so, and the list of its strays: nodes that a search for
 * their own vector does not find, because newer nodes took the links to them. Searches compare strays one by one, so
 * that every checked node is found (`check`).
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

  /** Share of the nodes that are marked as deleted. */
  get deletedFraction(): number {
    const { nodes } = this.#graph;
    return nodes === 0 ? 0 : 1 - this.#nodes.size / nodes;
  }

  /** Number of nodes not marked as deleted. */
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

  /** How often a node became a stray or ceased to be one. */
  get strayChanges(): number {
    return this.#strayChanges;
  }

  /** Vectors without their own node, for a snapshot. */
  *joined(): Generator<Joined> {
    for (const { id, groups, centre } of this.#nodes.values()) {
      if (centre === null) continue;
      for (const { labels } of groups) if (!this.#store.holds(labels[0]!, centre)) yield [labels[0]!, id];
    }
  }

  /** Candidates that a search for ten neighbours examines. */
  get breadth(): number {
    return this.#breadth;
  }

  /** @param breadth as measured by `checkGraph`; one of `BREADTHS` */
  set breadth(breadth: number) {
    this.#breadth = breadth;
  }

  /** Candidates for a search for `wanted` neighbours: as many extra ones as in a search for ten. */
  breadthFor(wanted: number): number {
    return this.#breadth + Math.max(0, wanted - BREADTH_COUNT);
  }

  /** Assigns an existing node of the graph to a group. */
  bind(id: number, group: TwinGroup): GraphNode {
    const node: GraphNode = { id, groups: [group], centre: null };
    group.node = node;
    this.#nodes.set(id, node);
    return node;
  }

  /** Adds a group without a node to this node. */
  join(group: TwinGroup, node: GraphNode): void {
    node.centre ??= this.#graph.vector(node.id);
    node.groups.push(group);
    group.node = node;
  }

  /** The same for a node whose own vector is no longer in the store. */
  joinAbandoned(group: TwinGroup, id: number, centre: Float32Array): void {
    this.bind(id, group).centre = centre;
  }

  addStray(node: GraphNode): void {
    this.#strays.add(node);
  }

  /** Marks an unused node as deleted. */
  removeNode(id: number): void {
    this.#graph.remove(id);
  }

  /** Moves a label from its group to that of this vector. @param vector the current one of this label in the store */
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

  /** The node stays as long as it represents other labels, whatever its number. */
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

  /** The label, unless the node with this number now represents others. */
  #freeNode(label: number): number {
    let id = label;
    for (let next = LAST_NODE; this.#nodes.has(id); next--) id = next;
    return id;
  }

  /** About `breadth` nearest nodes, nearest first, without strays that the graph does not find. */
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

  /** Cosine of a node's own vector and the query; -1 if its vectors are being replaced. */
  cosine({ centre, groups }: GraphNode, query: Float32Array): number {
    if (centre !== null) return cosineAt(centre, 0, query);
    const label = groups[0]?.labels[0];
    return (label === undefined ? undefined : this.#store.cosine(label, query)) ?? -1;
  }

  /** Searches the graph for a node's own vector, and records whether it is a stray. */
  check(node: GraphNode): void {
    const vector = node.centre ?? this.#store.view(node.groups[0]?.labels[0] ?? -1);
    if (vector === undefined) return; // removed meanwhile
    const leadsTo = (breadth: number): boolean =>
      this.#graph.search(vector, breadth).labels.includes(node.id);
    // With at most the breadth of the narrowest search, so that the result holds for all searches.
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

  /** What a snapshot stores besides the graph file. */
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
