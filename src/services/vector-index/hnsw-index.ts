import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Logger } from '../../logger.js';
import { assertQuery, assertVector } from './assert-vector.js';
import { Autosave, type AutosaveOptions } from './autosave.js';
import { writeRows } from './build-rows.js';
import { runBuilder } from './builder.js';
import { ExactSearch } from './exact-search.js';
import type { FlatStore } from './flat-store.js';
import { Graph, type GraphParameters } from './graph.js';
import { type GraphFileFacts, inspectGraphFile } from './graph-file.js';
import { searchGraph } from './graph-search.js';
import { Pacer } from './pacer.js';
import { Serial } from './serial.js';
import type { SnapshotFolder } from './snapshot.js';
import type { LabelledVector, Neighbour, VectorIndex, VectorIndexStatus } from './vector-index.js';

/** A graph of which more is marked as deleted than this is built anew: dead nodes cost time and memory. */
const MAX_DELETED_FRACTION = 0.2;
/** Changes that are applied to a new graph while writers wait, just before it serves. */
const LAST_CHANGES = 32;
/**
 * So many vectors are put into a graph right here, in some 0.3 s with pauses: starting a process would take as long.
 * Opening waits for that.
 */
const FEW = 200;

export interface HnswIndexOptions {
  readonly spaceId: string;
  readonly store: FlatStore;
  readonly folder: SnapshotFolder;
  readonly parameters: GraphParameters;
  readonly logger: Logger;
  readonly builderUrl: URL;
  readonly exactBelow: number;
  readonly autosave: AutosaveOptions;
  /** Pauses before a failed build is tried again; after the last one it is given up. */
  readonly retryDelaysMs: readonly number[];
  readonly readOnly: boolean;
  /** Generation of the newest snapshot on disk, 0 for none. */
  readonly generation: number;
  readonly problem: string | null;
}

/** What stays is cleared away by the next open; the failure that led here is the one to report. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

/** Work in the background; one at a time. */
interface Work {
  readonly kind: 'build' | 'catch-up' | 'dissolve';
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * All vectors in memory, and a graph over them when there are many.
 *
 * Who may do what when: searches are synchronous towards the graph, so they need no lock. Whatever changes store and
 * graph runs in `#writers`, one after the other, and so does writing the graph to a file (which only reads it, so
 * searches go on). What becomes of such a file runs in `#savers`. A saver may wait for a writer, never the reverse.
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
  readonly #autosave: Autosave;
  readonly #writers = new Serial();
  readonly #savers = new Serial();
  #graph: Graph | null = null;
  #journal: Set<number> | null = null;
  #work: Work | null = null;
  #buildFailure: string | null = null;
  #generation: number;
  /** Changes since open, and how many of them are in the newest snapshot. */
  #changes = 0;
  #savedChanges = 0;
  #closed: Promise<void> | null = null;

  constructor(options: HnswIndexOptions) {
    this.spaceId = options.spaceId;
    this.dimension = options.parameters.dimension;
    this.#options = options;
    this.#store = options.store;
    this.#exact = new ExactSearch(options.store);
    this.#generation = options.generation;
    this.#autosave = new Autosave(options.autosave, async () => {
      await this.save().catch((error: unknown) => this.#warn(error, 'The index was not saved'));
    });
  }

  /**
   * Begins to serve.
   *
   * @param graph loaded from a snapshot, or null when there is none that counts
   * @param differing labels that the catalog and that graph do not have in common
   */
  async begin(graph: Graph | null, differing: Set<number>): Promise<void> {
    if (graph === null) {
      this.#maintain();
      if (this.#store.size <= FEW) await this.settled();
      return;
    }
    this.#journal = differing;
    this.#changes = differing.size;
    const done = this.#start('catch-up', (signal) => this.#catchUp(graph, signal));
    if (differing.size <= FEW) await done.catch(() => {});
    if (this.#unsaved > 0) this.#autosave.changed();
  }

  get size(): number {
    return this.#store.size;
  }

  has(label: number): boolean {
    return this.#store.has(label);
  }

  vector(label: number): Float32Array | undefined {
    return this.#store.view(label)?.slice();
  }

  labels(): Iterable<number> {
    return this.#store.labels();
  }

  status(): VectorIndexStatus {
    return {
      size: this.#store.size,
      mode: this.#graph === null ? 'exact' : 'hnsw',
      rebuilding: this.#work !== null,
      generation: this.#generation,
      unsavedChanges: this.#graph === null && this.#generation === 0 ? 0 : this.#unsaved,
      problem: this.#buildFailure ?? this.#options.problem,
    };
  }

  async search(query: Float32Array, k: number, allowed?: ReadonlySet<number>): Promise<Neighbour[]> {
    this.#assertOpen();
    check(Number.isInteger(k) && k >= 1, 'k', 'an integer of at least 1');
    assertQuery(query, this.dimension);
    const found = this.#graph === null ? null : searchGraph(this.#graph, this.#store, query, k, allowed);
    return found ?? this.#exact.nearest(query, k, allowed);
  }

  async countAbove(query: Float32Array, minCosine: number, allowed?: ReadonlySet<number>): Promise<number> {
    this.#assertOpen();
    assertQuery(query, this.dimension);
    return this.#exact.countAbove(query, minCosine, allowed);
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
        this.#changes++;
        this.#journal?.add(label);
        if (pacer.due) await pacer.rest();
      }
    });
    if (this.#unsaved > 0) this.#autosave.changed();
    this.#maintain();
  }

  async save(): Promise<void> {
    await this.#savers.run(() => this.#save());
  }

  async rebuild(): Promise<void> {
    this.#assertWritable();
    while (this.#work !== null && this.#work.kind !== 'build') await this.#work.done.catch(() => {});
    this.#assertOpen();
    if (this.#work !== null) return this.#work.done;
    this.#buildFailure = null;
    if (this.#isSmall) return this.#start('dissolve', () => this.#dissolve());
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
    this.#autosave.stop();
    this.#work?.abort.abort(new AppError('SHUTTING_DOWN', 'The index was closed.'));
    await this.settled();
    await Promise.all([this.#writers.idle(), this.#exact.idle()]);
    await this.save().catch((error: unknown) => this.#warn(error, 'The index was not saved'));
    this.#dropGraph();
    this.#store.clear();
  }

  get #unsaved(): number {
    return this.#changes - this.#savedChanges;
  }

  get #isSmall(): boolean {
    return this.#store.size < this.#options.exactBelow;
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
    this.#graph?.free();
    this.#graph = null;
  }

  /** Starts in the background what the state of things calls for. */
  #maintain(): void {
    if (this.#closed !== null || this.#options.readOnly || this.#work !== null) return;
    const deleted = this.#graph === null ? 0 : this.#graph.nodes - this.#store.size;
    if (this.#graph !== null && deleted <= MAX_DELETED_FRACTION * this.#graph.nodes) return;
    if (this.#isSmall) {
      if (this.#graph !== null || this.#generation > 0)
        this.#start('dissolve', () => this.#dissolve()).catch(() => {}); // said there
    } else if (this.#buildFailure === null) {
      this.#start('build', (signal) => this.#build(signal)).catch(() => {}); // said there
    }
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

  /** Goes back to exact search only, without a snapshot. */
  async #dissolve(): Promise<void> {
    await this.#writers.run(() => this.#dropGraph());
    await this.#savers.run(async () => {
      if (this.#options.readOnly) return;
      await this.#options.folder.drop();
      this.#generation = 0;
    });
  }

  async #build(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#store.size <= FEW) await this.#buildHere(signal);
        else await this.#buildInProcess(signal);
        return;
      } catch (error) {
        this.#journal = null;
        signal.throwIfAborted();
        this.#warn(error, 'Building the graph of the index failed');
        const delayMs = this.#options.retryDelaysMs[attempt];
        if (delayMs === undefined) {
          this.#buildFailure = `The graph of the index could not be built: ${messageOf(error)}`;
          throw new AppError('STORAGE_FAILED', this.#buildFailure, { cause: error });
        }
        await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  async #buildHere(signal: AbortSignal): Promise<void> {
    this.#journal = new Set(this.#store.labels());
    this.#changes += this.#journal.size; // none of it is in a snapshot of this graph
    await this.#catchUp(Graph.create(this.#options.parameters, this.#store.size), signal);
    this.#autosave.changed();
  }

  async #buildInProcess(signal: AbortSignal): Promise<void> {
    const { folder, parameters, builderUrl, logger } = this.#options;
    const rowsPath = folder.temporaryPath('rows');
    const graphPath = folder.temporaryPath('graph');
    const start = performance.now();
    try {
      await folder.create();
      const { count, changes } = await this.#writers.run(async () => {
        this.#journal = new Set();
        const changes = this.#changes;
        return { count: await writeRows(rowsPath, this.#store), changes };
      });
      await runBuilder(builderUrl, { parameters, count, rowsPath, graphPath }, signal);
      await removeQuietly(rowsPath);
      const facts = await inspectGraphFile(graphPath, parameters);
      if (facts.live !== count)
        throw new AppError('INDEX_CORRUPT', 'The graph that was built is not complete.');
      await this.#catchUp(await Graph.load(graphPath, parameters), signal);
      logger.info(
        { spaceId: this.spaceId, vectors: count, seconds: Math.round((performance.now() - start) / 1000) },
        'The graph of the index was built',
      );
      await this.#savers
        .run(() => this.#publish(graphPath, facts, changes))
        .catch((error: unknown) => this.#warn(error, 'The new graph was not saved'));
    } finally {
      await Promise.all([removeQuietly(rowsPath), removeQuietly(graphPath)]);
    }
  }

  /** Brings a graph that does not serve yet up to date and lets it serve. */
  async #catchUp(graph: Graph, signal: AbortSignal): Promise<void> {
    const pacer = new Pacer();
    const applyJournal = async (): Promise<void> => {
      const labels = this.#journal ?? [];
      this.#journal = new Set();
      for (const label of labels) {
        signal.throwIfAborted();
        const vector = this.#store.view(label);
        if (vector === undefined) graph.remove(label);
        else graph.add(label, vector);
        if (pacer.due) await pacer.rest();
      }
    };
    try {
      while ((this.#journal?.size ?? 0) > LAST_CHANGES) await applyJournal();
      await this.#writers.run(async () => {
        await applyJournal();
        signal.throwIfAborted();
        this.#dropGraph();
        this.#graph = graph;
        this.#journal = null;
      });
    } catch (error) {
      graph.free();
      throw error;
    }
  }

  async #save(): Promise<void> {
    const { folder, parameters, readOnly } = this.#options;
    if (readOnly || this.#graph === null || this.#unsaved === 0) return;
    const path = folder.temporaryPath('graph');
    try {
      await folder.create();
      const written = await this.#writers.run(async () => {
        if (this.#graph === null) return null;
        const state = { live: this.#store.size, changes: this.#changes };
        await this.#graph.write(path);
        return state;
      });
      if (written === null) return;
      const facts = await inspectGraphFile(path, parameters);
      if (facts.live !== written.live) throw new AppError('INDEX_CORRUPT', 'The graph file is not complete.');
      await this.#publish(path, facts, written.changes);
    } catch (error) {
      throw new AppError(
        'STORAGE_FAILED',
        `The snapshot of the index could not be written: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    } finally {
      await removeQuietly(path);
    }
  }

  /** @param changes how many of the changes since open the file holds */
  async #publish(path: string, facts: GraphFileFacts, changes: number): Promise<void> {
    const { generation } = await this.#options.folder.publish(path, facts, this.#generation + 1);
    this.#generation = generation;
    this.#savedChanges = changes;
    if (this.#unsaved > 0) this.#autosave.changed();
  }
}
