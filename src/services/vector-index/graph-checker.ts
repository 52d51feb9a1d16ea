import { AfterChanges, type AfterChangesOptions } from './after-changes.js';
import type { FlatStore } from './flat-store.js';
import { checkGraph, UnfitGraphError } from './graph-check.js';
import type { NodeGraph } from './node-graph.js';
import { Pacer } from '../../lib/pacer.js';
import type { IndexRecall } from './vector-index.js';

/** The check of a serving graph takes a tenth of the event loop's time; of one that does not serve yet, half of it. */
const RESTS_PER_SLICE = 9;
const RESTS_PER_FIRST_SLICE = 1;
/** After this many unfit graphs, built in different orders, no other is expected to be fit. */
const MAX_UNFIT = 3;

export interface GraphCheckerOptions {
  readonly store: FlatStore;
  readonly readOnly: boolean;
  readonly checking: AfterChangesOptions;
  /** The graph that serves. */
  readonly current: () => NodeGraph | null;
  /** Called when its strays have changed. */
  readonly onStrays: () => void;
  /** Called when the serving graph must no longer serve. Does not reject. */
  readonly onUnfit: (graph: NodeGraph, error: unknown) => Promise<void>;
}

/** Checks graphs before they serve, and some time after each change. */
export class GraphChecker {
  readonly #options: GraphCheckerOptions;
  readonly #auto: AfterChanges;
  #running: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #recall: IndexRecall | null = null;
  #unfitInARow = 0;
  #order = 0;
  #stopped = false;

  constructor(options: GraphCheckerOptions) {
    this.#options = options;
    this.#auto = new AfterChanges(options.checking, () => this.run(RESTS_PER_SLICE));
  }

  /** Recall of the serving graph; null until measured. */
  get recall(): IndexRecall | null {
    return this.#recall;
  }

  /** The order in which to build the next graph: a new one after each unfit graph. */
  get order(): number {
    return this.#order;
  }

  /** Whether too many graphs in a row were unfit. */
  get isHopeless(): boolean {
    return this.#unfitInARow >= MAX_UNFIT;
  }

  checkLater(): void {
    if (!this.#options.readOnly) this.#auto.changed();
  }

  /** Call this when another graph serves, or none. @param recall result of `examine`; null to measure it soon */
  replaced(recall: IndexRecall | null): void {
    this.#running?.abort.abort(new Error('The graph was replaced.'));
    this.#recall = recall;
  }

  /**
   * Checks a graph before it serves.
   * @throws UnfitGraphError if it should not; the signal's reason if aborted
   */
  async examine(
    graph: NodeGraph,
    signal: AbortSignal,
    restPerSlice = RESTS_PER_FIRST_SLICE,
  ): Promise<IndexRecall> {
    try {
      const pacer = new Pacer(restPerSlice);
      const recall = await checkGraph(graph, { store: this.#options.store, pacer, signal });
      this.#unfitInARow = 0;
      return recall;
    } catch (error) {
      if (error instanceof UnfitGraphError) {
        this.#unfitInARow++;
        this.#order++;
      }
      throw error;
    }
  }

  /** Checks the serving graph. Does not reject. @param restPerSlice see `Pacer` */
  async run(restPerSlice = 0): Promise<void> {
    while (this.#running !== null) await this.#running.done; // it may have missed the latest changes
    const graph = this.#options.current();
    if (graph === null || this.#stopped) return;
    const abort = new AbortController();
    this.#running = { abort, done: this.#run(graph, abort.signal, restPerSlice) };
    await this.#running.done;
  }

  async #run(graph: NodeGraph, signal: AbortSignal, restPerSlice: number): Promise<void> {
    try {
      const before = graph.strayChanges;
      this.#recall = await this.examine(graph, signal, restPerSlice);
      if (graph.strayChanges !== before) this.#options.onStrays();
    } catch (error) {
      if (!signal.aborted) await this.#options.onUnfit(graph, error);
    } finally {
      this.#running = null;
    }
  }

  /** Stops checks; resolves when none is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#auto.stop();
    this.#running?.abort.abort(new Error('The index was closed.'));
    await this.#running?.done;
  }
}
