import { AppError, messageOf } from '../../errors.js';
import { Pacer } from '../../lib/pacer.js';
import type { Serial } from '../../lib/serial.js';
import { buildInProcess } from './build-graph.js';
import { BuildProgress } from './build-progress.js';
import { buildPatiently } from './build-patiently.js';
import type { FlatStore } from './flat-store.js';
import { UnfitGraphError } from './graph-check.js';
import { GraphChecker } from './graph-checker.js';
import type { GraphKeeperOptions } from './graph-keeper-options.js';
import { GraphSaver } from './graph-saver.js';
import {
  gaveUpOf,
  graphOf,
  withGraph,
  withoutWork,
  withWork,
  workOf,
  type GraphState,
  type Work,
} from './graph-state.js';
import { IndexLog } from './index-log.js';
import { Journal } from './journal.js';
import type { LoadedGraph } from './load-graph.js';
import { NodeGraph } from './node-graph.js';
import type { IndexRecall, VectorIndexStatus } from './vector-index.js';

/** A graph with a larger share of deleted nodes is rebuilt, since these cost time and memory. */
const MAX_DELETED_FRACTION = 0.2;
/** Maximum number of changes that are applied to a new graph while writers wait, just before it serves. */
const LAST_CHANGES = 32;
/**
 * Up to this many vectors are added to a graph in this process, in about 0.3 s with pauses: starting another process
 * takes as long. Opening waits for it.
 */
const FEW = 200;

/**
 * Keeps a graph for a store: loads it from its snapshot or builds it in the background, checks and saves it, and rebuilds
 * it when it is no longer fit.
 *
 * A graph that does not serve yet (just built, or loaded from an older snapshot) catches up: `#journal` collects changed
 * labels, which are applied in rounds, concurrently with the writers, until few are left and the graph is swapped in.
 */
export class GraphKeeper {
  readonly #options: GraphKeeperOptions;
  readonly #store: FlatStore;
  readonly #saver: GraphSaver;
  readonly #checker: GraphChecker;
  readonly #writers: Serial;
  readonly #journal = new Journal();
  readonly #log: IndexLog;
  readonly #progress: BuildProgress;
  #state: GraphState = { kind: 'none', gaveUp: null };
  #closing = false;

  constructor(options: GraphKeeperOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#writers = options.writers;
    this.#log = new IndexLog(options.logger, options.spaceId);
    const current = (): NodeGraph | null => this.serving;
    this.#saver = new GraphSaver({ ...options, current, log: this.#log });
    const onUnfit = (graph: NodeGraph, error: unknown): Promise<void> => this.#discard(graph, error);
    this.#progress = new BuildProgress(this.#log);
    const onStrays = (): void => {
      this.#saver.count(1);
      this.#saver.saveLater();
    };
    this.#checker = new GraphChecker({ ...options, current, onStrays, onUnfit });
  }

  /** @param loaded from a snapshot; null if there is no valid one */
  async begin(loaded: LoadedGraph | null): Promise<void> {
    if (loaded === null || (this.#options.readOnly && !loaded.checked)) {
      loaded?.graph.free();
      this.#maintain();
      if (this.#store.size <= FEW) await this.settled();
      return;
    }
    const { graph, missing, gone, checked } = loaded;
    this.#journal.begin(missing);
    // A graph that must be checked first is saved afterwards, with its strays.
    this.#saver.count(Math.max(missing.size + gone, checked ? 0 : 1));
    const done = this.#start('catch-up', (signal) => this.#catchUp(graph, signal, checked));
    if (missing.size <= FEW && checked) await done.catch(() => {});
    this.#saver.saveLater();
  }

  get serving(): NodeGraph | null {
    return graphOf(this.#state);
  }

  /** Of the graph that serves; null until it was measured. */
  get recall(): IndexRecall | null {
    const { recall } = this.#checker;
    return recall && { ...recall, strays: this.serving?.strays.size ?? 0 };
  }

  /** @returns `problem` is null unless a build was given up */
  status(): Pick<VectorIndexStatus, 'rebuilding' | 'built' | 'generation' | 'unsavedChanges' | 'problem'> {
    const { generation, unsaved } = this.#saver;
    return {
      rebuilding: workOf(this.#state) !== null,
      built: this.#progress.part,
      generation,
      unsavedChanges: this.serving === null && generation === 0 ? 0 : unsaved,
      problem: gaveUpOf(this.#state),
    };
  }

  /** Writers call this for a vector that was added to the store, or removed from it (null). */
  changed(label: number, vector: Float32Array | null): void {
    if (vector === null) this.serving?.remove(label);
    else this.#add(label, vector);
    this.#saver.count(1);
    this.#journal.note(label);
  }

  #add(label: number, vector: Float32Array): void {
    try {
      this.serving?.add(label, vector);
    } catch (error) {
      this.#log.warn(
        error,
        'The graph of the index refused a vector and is rebuilt; search is exact meanwhile',
      );
      this.#serve(null);
    }
  }

  /** Call this after one or many changes. */
  followUp(): void {
    this.#saver.saveLater();
    this.#checker.checkLater();
    this.#maintain();
  }

  async check(): Promise<void> {
    await this.settled();
    await this.#checker.run();
    await this.settled();
  }

  /** Returns to exact search until another graph is built. */
  async #discard(graph: NodeGraph, reason: unknown): Promise<void> {
    this.#log.warn(
      reason,
      'The graph of the index misses too much and is rebuilt; search is exact meanwhile',
    );
    await this.#writers.run(() => {
      if (this.serving === graph) this.#serve(null);
    });
    this.#maintain();
  }

  async save(): Promise<void> {
    await this.#saver.save();
  }

  async rebuild(): Promise<void> {
    if (this.#options.limitation !== null) return;
    let work = workOf(this.#state);
    for (; work !== null && work.kind !== 'build'; work = workOf(this.#state))
      await work.done.catch(() => {});
    if (this.#closing) throw new AppError('SHUTTING_DOWN', 'The index is closed.');
    if (work !== null) return work.done;
    return this.#start('build', async (signal) => {
      await this.#writers.run(() => this.#serve(null));
      await this.#build(signal);
    });
  }

  /** Resolves when there is no background work. */
  async settled(): Promise<void> {
    for (let work; (work = workOf(this.#state)) !== null;) await work.done.catch(() => {});
  }

  /** Starts no more work, gives up a running build, and saves once the writers are done. */
  async close(): Promise<void> {
    this.#saver.stop();
    this.#closing = true;
    workOf(this.#state)?.abort.abort(new AppError('SHUTTING_DOWN', 'The index was closed.'));
    await this.settled();
    await Promise.all([this.#writers.idle(), this.#checker.stop()]);
    await this.save().catch((error: unknown) => this.#log.warn(error, 'The index was not saved'));
    this.#serve(null);
  }

  /** Makes this graph serve, or none. @param recall from its check; null to measure it soon */
  #serve(graph: NodeGraph | null, recall: IndexRecall | null = null): void {
    const old = this.serving;
    this.#checker.replaced(recall);
    this.#state = withGraph(this.#state, graph);
    old?.free();
  }

  /** Starts the background work that the current state requires. */
  #maintain(): void {
    const { readOnly, limitation } = this.#options;
    if (this.#closing || readOnly || limitation !== null || workOf(this.#state) !== null) return;
    if (this.serving !== null && this.serving.deletedFraction <= MAX_DELETED_FRACTION) return;
    if (gaveUpOf(this.#state) === null) this.#start('build', (signal) => this.#build(signal)).catch(() => {}); // logged there
  }

  #start(kind: Work['kind'], task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      let gaveUp: string | null = null;
      try {
        await Promise.resolve(); // until the state shows that this is running
        await task(abort.signal);
      } catch (error) {
        if (!abort.signal.aborted) {
          if (kind === 'build') gaveUp = messageOf(error);
          this.#log.warn(error, `Background work on the index failed: ${kind}`);
        }
        throw error;
      } finally {
        this.#state = withoutWork(this.#state, gaveUp);
        this.#maintain();
      }
    };
    const done = run();
    done.catch(() => {}); // logged above, and reported to those who wait
    this.#state = withWork(this.#state, { kind, abort, done });
    return done;
  }

  #build(signal: AbortSignal): Promise<void> {
    const build = async (): Promise<void> => {
      try {
        await (this.#store.size <= FEW ? this.#buildHere(signal) : this.#buildInProcess(signal));
      } catch (error) {
        this.#journal.end();
        throw error;
      }
    };
    const onFailure = (error: unknown): boolean => {
      this.#log.warn(error, 'Building the graph of the index failed');
      return error instanceof UnfitGraphError && this.#checker.isHopeless;
    };
    return buildPatiently(build, { retryDelaysMs: this.#options.retryDelaysMs, signal, onFailure });
  }

  async #buildHere(signal: AbortSignal): Promise<void> {
    this.#journal.begin(this.#store.labels());
    this.#saver.count(this.#journal.size); // no snapshot of this graph has these changes
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
    const [order, progress] = [this.#checker.order, this.#progress];
    await buildInProcess(
      { ...this.#options, signal, order, progress, exclusively },
      async ({ graph, path, facts }) => {
        await this.#catchUp(graph, signal, false);
        const seconds = Math.round((performance.now() - start) / 1000);
        this.#log.say({ vectors: facts.live, seconds }, 'The graph of the index was built');
        await this.#saver
          .publish(path, facts, { changes, notes: graph.notes() })
          .catch((error: unknown) => this.#log.warn(error, 'The new graph was not saved'));
      },
    );
  }

  /**
   * Brings a graph that does not serve yet up to date and makes it serve.
   * @param checked whether its strays are known
   * @throws UnfitGraphError if it should not serve
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
        this.#serve(graph, recall);
        this.#journal.end();
      });
    } catch (error) {
      graph.free();
      throw error;
    }
    if (checked) this.#checker.checkLater();
  }
}
