import type { HierarchicalNSW } from 'hnswlib-node';
import { graphLibrary } from './graph-library.js';

export interface GraphParameters {
  readonly dimension: number;
  /** Links a node per layer (twice as many on the lowest). Malkov and Yashunin 2018, arXiv:1603.09320, section 4. */
  readonly m: number;
  /** Candidates looked at for the links of a new node. */
  readonly efConstruction: number;
  /** Candidates kept while searching, until it was measured how many it takes; the higher, the nearer to exact. */
  readonly efSearch: number;
}

/**
 * hnswlib's space. On unit vectors the inner product ranks as the cosine does; hnswlib's own `cosine` space differs
 * only in dividing every vector and query by its length once more, which changes their last bits. Vectors that stay
 * as they were given can be compared with the catalog's when a snapshot is opened.
 */
const SPACE = 'ip';

/** Rows of room a graph is given beyond what it holds: growing moves the lowest layer. */
const SPARE = 1024;

/** How broadly a node is looked for that a vector may join. */
const HOST_BREADTH = 16;
/**
 * A vector this near to a node, in 1 - cosine, joins it. Distances are computed in float32, in steps of 6e-8: of hundreds
 * of nodes nearer to each other than this hardly one could be told from another, and they would be an island.
 */
const HOST_DISTANCE = 1e-6;

/** How far the cosine of a node, by hnswlib's float32 distance, may be from the one in float64: see `productError`, in any order. */
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
 * One HNSW graph, where the library is (`graphLibrary`). The only code that touches hnswlib-node, whose rules it keeps: true arrays of finite numbers
 * (anything else throws or aborts the process), a fresh object for every load (a failed one leaves a dangling
 * pointer), `ef` set before every search (it falls back to 10 at load), never more neighbours asked for than there is room.
 *
 * The caller must not add or delete while `write` runs. Searching then is safe: `saveIndex` and `searchKnn` only read.
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

  /** The file must have passed `inspectGraphFile`: hnswlib trusts what it reads. */
  static async load(path: string, parameters: GraphParameters): Promise<Graph> {
    const graph = new Graph(parameters);
    await graph.#index.readIndex(path);
    return graph;
  }

  /** Nodes, those marked as deleted included. */
  get nodes(): number {
    return this.#index.getCurrentCount();
  }

  /** Takes 1 to 2 ms for 768 dimensions. A label that is there already gets the new vector. */
  add(label: number, vector: Float32Array): void {
    if (this.nodes === this.#index.getMaxElements()) {
      this.#index.resizeIndex(this.nodes + Math.max(SPARE, Math.ceil(this.nodes / 4)));
    }
    this.#index.addPoint(Array.from(vector), label);
  }

  /** Marks a node; its room comes back with the next build. False when the label is not there or marked already. */
  remove(label: number): boolean {
    try {
      this.#index.markDelete(label);
      return true;
    } catch {
      return false; // hnswlib throws for these two reasons only
    }
  }

  /** About `breadth` nearest, which is also how many candidates are looked at; fewer when there are fewer. Synchronous. */
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

  /** Neither durable nor even certain to be complete (a full disk is not reported): inspect the file afterwards. */
  async write(path: string): Promise<void> {
    await this.#index.writeIndex(path);
  }

  /** Gives the memory back now; the garbage collector, which does not see it, might take hours. */
  free(): void {
    this.#index.initIndex(1);
  }
}
