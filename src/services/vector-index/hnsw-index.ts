import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Logger } from '../../logger.js';
import { assertQuery, assertVector } from './assert-vector.js';
import type { AfterChangesOptions } from './after-changes.js';
import { buildInProcess } from './build-graph.js';
import { ExactSearch } from './exact-search.js';
import type { FlatStore } from './flat-store.js';
import type { GraphParameters } from './graph.js';
import { UnfitGraphError } from './graph-check.js';
import { GraphChecker } from './graph-checker.js';
import { GraphSaver } from './graph-saver.js';
import { searchGraph } from './graph-search.js';
import { Journal } from './journal.js';
import type { LoadedGraph } from './load-graph.js';
import { NodeGraph } from './node-graph.js';
import { Pacer } from '../../lib/pacer.js';
import { Serial } from '../../lib/serial.js';
import type { SnapshotFolder } from './snapshot.js';
import type {
  IndexRecall,
  LabelledVector,
  Neighbour,
  VectorIndex,
  VectorIndexStatus,
  Within,
} from './vector-index.js';

/** A graph of which more is marked as deleted than this is built anew: dead nodes cost time and memory. */
const MAX_DELETED_FRACTION = 0.2;
/** Changes that are applied to a new graph while writers wait, just before it serves. */
const LAST_CHANGES = 32;
/**
 * Up to this many vectors are put into a graph in this process, in some 0.3 s with pauses: starting another takes as long.
 * Opening waits for that.
 */
const FEW = 200;
const EVERY_VECTOR_COMPARED: IndexRecall = {
  value: 1,
  sampleSize: 0,
  strays: 0,
  measuredAt: null,
  durationMs: null,
};

export interface HnswIndexOptions {
  readonly spaceId: string;
  readonly store: FlatStore;
  readonly folder: SnapshotFolder;
  readonly parameters: GraphParameters;
  readonly logger: Logger;
  readonly builderUrl: URL;
  readonly lowPriority: boolean;
  readonly exactBelow: number;
  readonly saving: AfterChangesOptions;
  readonly checking: AfterChangesOptions;
  /** Pauses before a failed build is tried again; after the last one it is given up. */
  readonly retryDelaysMs: readonly number[];
  readonly readOnly: boolean;
  /** Generation of the newest snapshot on disk, 0 for none. */
  readonly generation: number;
  readonly problem: string | null;
}

/** Work in the background; one at a time. */
interface Work {
  readonly kind: 'build' | 'catch-up';
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * All vectors in memory, and a graph over them when there are many.
 *
 * What may run when: searches are synchronous towards the graph, so they need no lock. Whatever changes store and
 * graph runs in `#writers`, one after the other, and so does writing the graph to a file (which only reads it, so
 * searches go on). What becomes of such a file is the saver's affair, which may wait for a writer, never the reverse.
 * A check of the graph is a series of searches.
 *
 * A graph that does not serve yet (just built, or just loaded from an older snapshot) catches up: `#journal` collects
 * the labels that changed since, in rounds that run beside the writers, until few are left and it is swapped in.
 */
export class HnswIndex implements VectorIndex {
  readonly spaceId: string;
  readonly dimension: number;
  readonly #options: HnswIndexOptions;
  readonly #store: FlatStore;
  readonly #exact: ExactSearch;
  readonly #saver: GraphSaver;
  readonly #checker: GraphChecker;
  readonly #writers = new Serial();
  readonly #journal = new Journal();
  #graph: NodeGraph | null = null;
  #work: Work | null = null;
  #buildFailure: string | null = null;
  #closed: Promise<void> | null = null;

  constructor(options: HnswIndexOptions) {
    this.spaceId = options.spaceId;
    this.dimension = options.parameters.dimension;
    this.#options = options;
    this.#store = options.store;
    this.#exact = new ExactSearch(options.store);
    const current = (): NodeGraph | null => this.#graph;
    const warn = (error: unknown, message: string): void => this.#warn(error, message);
    this.#saver = new GraphSaver({ ...options, writers: this.#writers, current, warn });
    const onUnfit = (graph: NodeGraph, error: unknown): Promise<void> => this.#discard(graph, error);
    const onStrays = (): void => {
      this.#saver.count(1);
      this.#saver.saveLater();
    };
    this.#checker = new GraphChecker({ ...options, current, onStrays, onUnfit });
  }

  /**
   * Begins to serve.
   *
   * @param loaded from a snapshot, or null when there is none that counts
   */
  async begin(loaded: LoadedGraph | null): Promise<void> {
    if (loaded === null || (this.#options.readOnly && !loaded.checked)) {
      loaded?.graph.free();
      this.#maintain();
      if (this.#store.size <= FEW) await this.settled();
      return;
    }
    const { graph, missing, gone, checked } = loaded;
    this.#journal.begin(missing);
    // A graph that has to be checked first is saved afterwards, with its strays.
    this.#saver.count(Math.max(missing.size + gone, checked ? 0 : 1));
    const done = this.#start('catch-up', (signal) => this.#catchUp(graph, signal, checked));
    if (missing.size <= FEW && checked) await done.catch(() => {});
    this.#saver.saveLater();
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
    return {
      size: this.#store.size,
      mode: this.#serving === null ? 'exact' : 'hnsw',
      rebuilding: this.#work !== null,
      generation: this.#saver.generation,
      unsavedChanges: this.#graph === null && this.#saver.generation === 0 ? 0 : this.#saver.unsaved,
      problem: this.#buildFailure ?? this.#options.problem,
      recall: this.#recallNow(),
    };
  }

  #recallNow(): IndexRecall | null {
    const graph = this.#serving;
    if (graph === null) return EVERY_VECTOR_COMPARED;
    const { recall } = this.#checker;
    return recall && { ...recall, strays: graph.strays.size };
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

  /** The labels that a query is held to; asked for first, since index and graph may have gone by the time they come. */
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
      if (!this.#store.add(label, vector)) return null;
      this.#addToGraph(label, vector);
      return label;
    });
  }

  #addToGraph(label: number, vector: Float32Array): void {
    try {
      this.#graph?.add(label, vector);
    } catch (error) {
      this.#warn(
        error,
        'The graph of the index refused a vector and is built anew; search is exact meanwhile',
      );
      this.#dropGraph();
    }
  }

  async remove(labels: readonly number[]): Promise<void> {
    this.#assertWritable();
    await this.#change(labels, (label) => {
      if (!this.#store.remove(label)) return null;
      this.#graph?.remove(label);
      return label;
    });
  }

  async #change<T>(items: readonly T[], apply: (item: T) => number | null): Promise<void> {
    await this.#writers.run(async () => {
      const pacer = new Pacer();
      for (const item of items) {
        const label = apply(item);
        if (label === null) continue;
        this.#saver.count(1);
        this.#journal.note(label);
        if (pacer.due) await pacer.rest();
      }
    });
    this.#saver.saveLater();
    this.#checker.checkLater();
    this.#maintain();
  }

  async check(): Promise<void> {
    this.#assertWritable();
    await this.settled();
    await this.#checker.run();
    await this.settled();
  }

  /** Goes back to exact search until another graph is built. */
  async #discard(graph: NodeGraph, reason: unknown): Promise<void> {
    this.#warn(reason, 'The graph of the index misses too much and is built anew; search is exact meanwhile');
    await this.#writers.run(() => {
      if (this.#graph === graph) this.#dropGraph();
    });
    this.#maintain();
  }

  async save(): Promise<void> {
    await this.#saver.save();
  }

  async rebuild(): Promise<void> {
    this.#assertWritable();
    while (this.#work !== null && this.#work.kind !== 'build') await this.#work.done.catch(() => {});
    this.#assertOpen();
    if (this.#work !== null) return this.#work.done;
    this.#buildFailure = null;
    return this.#start('build', async (signal) => {
      await this.#writers.run(() => this.#dropGraph());
      await this.#build(signal);
    });
  }

  async settled(): Promise<void> {
    while (this.#work !== null) await this.#work.done.catch(() => {});
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#saver.stop();
    this.#work?.abort.abort(new AppError('SHUTTING_DOWN', 'The index was closed.'));
    await this.settled();
    await Promise.all([this.#writers.idle(), this.#exact.idle(), this.#checker.stop()]);
    await this.save().catch((error: unknown) => this.#warn(error, 'The index was not saved'));
    this.#dropGraph();
    this.#store.clear();
  }

  /** The graph that answers searches; null where every vector is compared. */
  get #serving(): NodeGraph | null {
    return this.#store.size < this.#options.exactBelow ? null : this.#graph;
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw new AppError('SHUTTING_DOWN', 'The index is closed.');
  }

  #assertWritable(): void {
    this.#assertOpen();
    if (this.#options.readOnly)
      throw new AppError('STORAGE_FAILED', 'The index was opened for reading only.');
  }

  #warn(error: unknown, message: string): void {
    this.#options.logger.warn({ spaceId: this.spaceId, error: messageOf(error) }, message);
  }

  #dropGraph(): void {
    this.#checker.replaced(null);
    this.#graph?.free();
    this.#graph = null;
  }

  /** Starts in the background what the state of things calls for. */
  #maintain(): void {
    if (this.#closed !== null || this.#options.readOnly || this.#work !== null) return;
    if (this.#graph !== null && this.#graph.deletedFraction <= MAX_DELETED_FRACTION) return;
    if (this.#buildFailure === null) this.#start('build', (signal) => this.#build(signal)).catch(() => {}); // said there
  }

  #start(kind: Work['kind'], task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const done = task(abort.signal).finally(() => {
      this.#work = null;
      this.#maintain();
    });
    done.catch((error: unknown) => {
      if (!abort.signal.aborted) this.#warn(error, `Background work on the index failed: ${kind}`);
    });
    this.#work = { kind, abort, done };
    return done;
  }

  async #build(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#store.size <= FEW) await this.#buildHere(signal);
        else await this.#buildInProcess(signal);
        return;
      } catch (error) {
        this.#journal.end();
        signal.throwIfAborted();
        this.#warn(error, 'Building the graph of the index failed');
        const hopeless = error instanceof UnfitGraphError && this.#checker.isHopeless;
        const delayMs = hopeless ? undefined : this.#options.retryDelaysMs[attempt];
        if (delayMs === undefined) {
          this.#buildFailure =
            error instanceof UnfitGraphError
              ? `The graph of the index misses too much, so searches compare every vector: ${error.message}`
              : `The graph of the index could not be built: ${messageOf(error)}`;
          throw new AppError('STORAGE_FAILED', this.#buildFailure, { cause: error });
        }
        await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  async #buildHere(signal: AbortSignal): Promise<void> {
    this.#journal.begin(this.#store.labels());
    this.#saver.count(this.#journal.size); // none of it is in a snapshot of this graph
    await this.#catchUp(NodeGraph.create(this.#options.parameters, this.#store), signal, false);
    this.#saver.saveLater();
  }

  async #buildInProcess(signal: AbortSignal): Promise<void> {
    const start = performance.now();
    let changes = 0;
    const exclusively = <T>(task: () => Promise<T>): Promise<T> =>
      this.#writers.run(() => {
        this.#journal.begin();
        ({ changes } = this.#saver);
        return task();
      });
    const order = this.#checker.order;
    await buildInProcess({ ...this.#options, signal, order, exclusively }, async ({ graph, path, facts }) => {
      await this.#catchUp(graph, signal, false);
      this.#options.logger.info(
        {
          spaceId: this.spaceId,
          vectors: facts.live,
          seconds: Math.round((performance.now() - start) / 1000),
        },
        'The graph of the index was built',
      );
      await this.#saver
        .publish(path, facts, { changes, notes: graph.notes() })
        .catch((error: unknown) => this.#warn(error, 'The new graph was not saved'));
    });
  }

  /**
   * Brings a graph that does not serve yet up to date and lets it serve.
   * @param checked its strays are known
   * @throws UnfitGraphError when it should not serve
   */
  async #catchUp(graph: NodeGraph, signal: AbortSignal, checked: boolean): Promise<void> {
    const pacer = new Pacer();
    const apply = (): Promise<void> => this.#journal.applyTo(graph, this.#store, pacer, signal);
    try {
      while (this.#journal.size > LAST_CHANGES) await apply();
      const recall = checked ? null : await this.#checker.examine(graph, signal);
      while (this.#journal.size > LAST_CHANGES) await apply();
      await this.#writers.run(async () => {
        await apply();
        signal.throwIfAborted();
        this.#dropGraph();
        this.#graph = graph;
        this.#checker.replaced(recall);
        this.#journal.end();
      });
    } catch (error) {
      graph.free();
      throw error;
    }
    if (checked) this.#checker.checkLater();
  }
}
