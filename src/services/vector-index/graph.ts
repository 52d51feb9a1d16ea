import type { HierarchicalNSW } from 'hnswlib-node';
import { graphLibrary } from './graph-library.js';

export interface GraphParameters {
  readonly dimension: number;
  /** Links per node and layer (twice as many on the lowest). Malkov and Yashunin 2018, arXiv:1603.09320, section 4. */
  readonly m: number;
  /** Candidates examined for the links of a new node. */
  readonly efConstruction: number;
  /** Candidates kept while searching, until the needed number is measured; more give a more exact search. */
  readonly efSearch: number;
}

/**
 * hnswlib's space. On unit vectors the inner product ranks like the cosine. hnswlib's own `cosine` space only divides
 * every vector and query by its length again, which changes their last bits; unchanged vectors can be compared with the
 * catalog's when a snapshot is opened.
 */
const SPACE = 'ip';

/** Spare capacity of a graph, because growing copies the lowest layer. */
const SPARE = 1024;

/** Breadth of the search for a node that a vector may join. */
const HOST_BREADTH = 16;
/**
 * A vector within this distance (1 - cosine) of a node joins it. Distances are computed in float32, in steps of 6e-8:
 * hundreds of nodes nearer to each other could hardly be distinguished, and would form an island.
 */
const HOST_DISTANCE = 1e-6;

/** Largest difference between a node's cosine by hnswlib's float32 distance and the one in float64: see `productError`, for any order. */
export function distanceError(dimension: number): number {
  return 1.01 * (dimension + 2) * 2 ** -24;
}

/** Nodes, nearest first. */
export interface Found {
  readonly labels: readonly number[];
  /** By node, within `distanceError`. */
  readonly cosines: readonly number[];
}

/**
 * One HNSW graph, if the library is available (`graphLibrary`). The only code that uses hnswlib-node, and follows its
 * rules: real arrays of finite numbers (anything else throws or aborts the process), a new object for every load (a
 * failed one leaves a dangling pointer), `ef` set before every search (loading resets it to 10), and never more
 * neighbours requested than its capacity.
 *
 * The caller must not add or delete while `write` runs. Searching is safe then: `saveIndex` and `searchKnn` only read.
 */
export class Graph {
  readonly parameters: GraphParameters;
  readonly #index: HierarchicalNSW;

  private constructor(parameters: GraphParameters) {
    this.parameters = parameters;
    if (graphLibrary.kind === 'absent') throw new Error(graphLibrary.limitation);
    this.#index = new graphLibrary.library.HierarchicalNSW(SPACE, parameters.dimension);
  }

  static create(parameters: GraphParameters, capacity: number): Graph {
    const graph = new Graph(parameters);
    graph.#index.initIndex({
      maxElements: capacity + SPARE,
      m: parameters.m,
      efConstruction: parameters.efConstruction,
    });
    return graph;
  }

  /** The file must have passed `inspectGraphFile`, since hnswlib trusts what it reads. */
  static async load(path: string, parameters: GraphParameters): Promise<Graph> {
    const graph = new Graph(parameters);
    await graph.#index.readIndex(path);
    return graph;
  }

  /** Number of nodes, including those marked as deleted. */
  get nodes(): number {
    return this.#index.getCurrentCount();
  }

  /** Takes 1 to 2 ms for 768 dimensions. An existing label gets the new vector. */
  add(label: number, vector: Float32Array): void {
    if (this.nodes === this.#index.getMaxElements()) {
      this.#index.resizeIndex(this.nodes + Math.max(SPARE, Math.ceil(this.nodes / 4)));
    }
    this.#index.addPoint(Array.from(vector), label);
  }

  /** Marks a node as deleted; the next build frees its space. False if the label is unknown or already marked. */
  remove(label: number): boolean {
    try {
      this.#index.markDelete(label);
      return true;
    } catch {
      return false; // hnswlib throws for these two reasons only
    }
  }

  /** About `breadth` nearest nodes, or all if there are fewer; `breadth` is also the number of candidates examined. Synchronous. */
  search(query: Float32Array, breadth: number): Found {
    if (this.nodes === 0) return { labels: [], cosines: [] };
    this.#index.setEf(breadth);
    const found = this.#index.searchKnn(Array.from(query), Math.min(breadth, this.nodes));
    return { labels: found.neighbors, cosines: found.distances.map((distance) => 1 - distance) };
  }

  /** The node that a vector is nearly equal to, or null. */
  hostOf(vector: Float32Array): number | null {
    if (this.nodes === 0) return null;
    this.#index.setEf(HOST_BREADTH);
    const { neighbors, distances } = this.#index.searchKnn(Array.from(vector), 1);
    return distances[0] !== undefined && distances[0] <= HOST_DISTANCE ? neighbors[0]! : null;
  }

  /** A copy of a node's vector. */
  vector(label: number): Float32Array {
    return Float32Array.from(this.#index.getPoint(label));
  }

  /** Neither durable nor certainly complete (a full disk is not reported): inspect the file afterwards. */
  async write(path: string): Promise<void> {
    await this.#index.writeIndex(path);
  }

  /** Releases the memory now; the garbage collector does not see it and might take hours. */
  free(): void {
    this.#index.initIndex(1);
  }
}
