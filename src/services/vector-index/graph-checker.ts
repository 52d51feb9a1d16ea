import { AfterChanges, type AfterChangesOptions } from './after-changes.js';
import type { FlatStore } from './flat-store.js';
import { checkGraph, UnfitGraphError } from './graph-check.js';
import type { NodeGraph } from './node-graph.js';
import { Pacer } from '../../lib/pacer.js';
import type { IndexRecall } from './vector-index.js';

/** A check of a graph that serves takes a tenth of the event loop's time, of one that does not serve yet half of it. */
const RESTS_PER_SLICE = 9;
const RESTS_PER_FIRST_SLICE = 1;
/** After this many unfit graphs of this gallery, in different orders, no other will be fit. */
const MAX_UNFIT = 3;

export interface GraphCheckerOptions {
  readonly store: FlatStore;
  readonly readOnly: boolean;
  readonly checking: AfterChangesOptions;
  /** The graph that serves. */
  readonly current: () => NodeGraph | null;
  /** Its strays are others than before. */
  readonly onStrays: () => void;
  /** Called when the serving graph must not serve any longer. Does not reject. */
  readonly onUnfit: (graph: NodeGraph, error: unknown) => Promise<void>;
}

/** Checks graphs: before they serve, and some time after each change. */
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

  /** Of the graph that serves; null until it was measured. */
  get recall(): IndexRecall | null {
    return this.#recall;
  }

  /** In which order the next graph is to be built: another one after each that was not fit. */
  get order(): number {
    return this.#order;
  }

  /** Graph after graph was not fit. */
  get isHopeless(): boolean {
    return this.#unfitInARow >= MAX_UNFIT;
  }

  checkLater(): void {
    if (!this.#options.readOnly) this.#auto.changed();
  }

  /** Another graph serves from now on, or none. @param recall as `examine` gave it; null to measure it soon */
  replaced(recall: IndexRecall | null): void {
    this.#running?.abort.abort(new Error('The graph was replaced.'));
    this.#recall = recall;
  }

  /**
   * Checks a graph before it serves.
   * @throws UnfitGraphError when it should not; the signal's reason when it was aborted
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

  /** Checks the graph that serves. Does not reject. @param restPerSlice see `Pacer` */
  async run(restPerSlice = 0): Promise<void> {
    while (this.#running !== null) await this.#running.done; // it may not see the latest changes
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

  /** Resolves when nothing is being checked any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#auto.stop();
    this.#running?.abort.abort(new Error('The index was closed.'));
    await this.#running?.done;
  }
}
