import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import { Pacer } from '../../lib/pacer.js';
import { Serial } from '../../lib/serial.js';
import { assertQuery, assertVector } from './assert-vector.js';
import { ExactSearch } from './exact-search.js';
import type { FlatStore } from './flat-store.js';
import { GraphKeeper } from './graph-keeper.js';
import type { GraphKeeperOptions } from './graph-keeper-options.js';
import { searchGraph } from './graph-search.js';
import type { LoadedGraph } from './load-graph.js';
import type { NodeGraph } from './node-graph.js';
import type {
  IndexRecall,
  LabelledVector,
  Neighbour,
  VectorIndex,
  VectorIndexStatus,
  Within,
} from './vector-index.js';

const EVERY_VECTOR_COMPARED: IndexRecall = {
  value: 1,
  sampleSize: 0,
  breadth: null,
  strays: 0,
  measuredAt: null,
  durationMs: null,
};

export interface MemoryIndexOptions extends Omit<GraphKeeperOptions, 'writers'> {
  /** Below this many vectors searches compare all of them, whether there is a graph or not. */
  readonly exactBelow: number;
  /** What was wrong with the snapshot, as a sentence. */
  readonly problem: string | null;
}

/**
 * All vectors in memory, and a graph over them if there are many and it can be built.
 *
 * Concurrency: searches use the graph synchronously and need no lock. All changes of store and graph run in `#writers`,
 * one after the other, and so does writing the graph to a file (which only reads it, so searches continue). The saver
 * handles such files; it may wait for a writer, but never the reverse. A check of the graph is a series of searches.
 */
export class MemoryIndex implements VectorIndex {
  readonly spaceId: string;
  readonly dimension: number;
  readonly #options: MemoryIndexOptions;
  readonly #store: FlatStore;
  readonly #exact: ExactSearch;
  readonly #graphs: GraphKeeper;
  readonly #writers = new Serial();
  #closed: Promise<void> | null = null;

  constructor(options: MemoryIndexOptions) {
    this.spaceId = options.spaceId;
    this.dimension = options.parameters.dimension;
    this.#options = options;
    this.#store = options.store;
    this.#exact = new ExactSearch(options.store);
    this.#graphs = new GraphKeeper({ ...options, writers: this.#writers });
  }

  /**
   * Starts to serve.
   *
   * @param loaded from a snapshot; null if there is no valid one
   */
  async begin(loaded: LoadedGraph | null): Promise<void> {
    await this.#graphs.begin(loaded);
  }

  async size(): Promise<number> {
    this.#assertOpen();
    return this.#store.size;
  }

  async has(label: number): Promise<boolean> {
    this.#assertOpen();
    return this.#store.has(label);
  }

  async vector(label: number): Promise<Float32Array | undefined> {
    this.#assertOpen();
    return this.#store.view(label)?.slice();
  }

  async vectors(labels: readonly number[]): Promise<Map<number, Float32Array>> {
    this.#assertOpen();
    const found = new Map<number, Float32Array>();
    for (const label of labels) {
      const vector = this.#store.view(label);
      if (vector !== undefined) found.set(label, vector.slice());
    }
    return found;
  }

  async labels(): Promise<Uint32Array> {
    this.#assertOpen();
    return Uint32Array.from(this.#store.labels());
  }

  async status(): Promise<VectorIndexStatus> {
    const { problem, ...graph } = this.#graphs.status();
    const isExact = this.#serving === null;
    return {
      ...graph,
      size: this.#store.size,
      mode: isExact ? 'exact' : 'hnsw',
      problem: problem ?? this.#options.problem,
      limitation: this.#options.limitation,
      recall: isExact ? EVERY_VECTOR_COMPARED : this.#graphs.recall,
    };
  }

  async search(query: Float32Array, k: number, within?: Within): Promise<Neighbour[]> {
    check(Number.isInteger(k) && k >= 1, 'k', 'an integer of at least 1');
    const allowed = await this.#allowed(query, within);
    const graph = this.#serving;
    const found = graph === null ? null : searchGraph(graph, this.#store, query, k, allowed);
    return found ?? this.#exact.nearest(query, k, allowed);
  }

  async countAbove(query: Float32Array, minCosine: number, within?: Within): Promise<number> {
    return this.#exact.countAbove(query, minCosine, await this.#allowed(query, within));
  }

  async cosines(query: Float32Array, labels: readonly number[]): Promise<Map<number, number>> {
    this.#assertOpen();
    assertQuery(query, this.dimension);
    return this.#exact.cosines(query, new Set(labels));
  }

  /** The labels that a query is restricted to; fetched first, since index and graph may be closed when they arrive. */
  async #allowed(query: Float32Array, within: Within | undefined): Promise<ReadonlySet<number> | undefined> {
    this.#assertOpen();
    assertQuery(query, this.dimension);
    const allowed = await within?.ids();
    this.#assertOpen();
    return allowed;
  }

  async add(entries: readonly LabelledVector[]): Promise<void> {
    this.#assertWritable();
    for (const { label, vector } of entries) assertVector(label, vector, this.dimension);
    await this.#change(entries, ({ label, vector }) => {
      if (this.#store.add(label, vector)) this.#graphs.changed(label, vector);
    });
  }

  async remove(labels: readonly number[]): Promise<void> {
    this.#assertWritable();
    await this.#change(labels, (label) => {
      if (this.#store.remove(label)) this.#graphs.changed(label, null);
    });
  }

  async #change<T>(items: readonly T[], apply: (item: T) => void): Promise<void> {
    await this.#writers.run(async () => {
      const pacer = new Pacer();
      for (const item of items) {
        apply(item);
        if (pacer.due) await pacer.rest();
      }
    });
    this.#graphs.followUp();
  }

  async check(): Promise<void> {
    this.#assertWritable();
    await this.#graphs.check();
  }

  save(): Promise<void> {
    return this.#graphs.save();
  }

  async rebuild(): Promise<void> {
    this.#assertWritable();
    await this.#graphs.rebuild();
  }

  settled(): Promise<void> {
    return this.#graphs.settled();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#graphs.close(), this.#exact.idle()]);
    this.#store.clear();
  }

  /** The graph that answers searches; null if every vector is compared. */
  get #serving(): NodeGraph | null {
    return this.#store.size < this.#options.exactBelow ? null : this.#graphs.serving;
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw new AppError('SHUTTING_DOWN', 'The index is closed.');
  }

  #assertWritable(): void {
    this.#assertOpen();
    if (this.#options.readOnly)
      throw new AppError('STORAGE_FAILED', 'The index was opened for reading only.');
  }
}
