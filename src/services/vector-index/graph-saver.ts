import { rm } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.js';
import { AfterChanges, type AfterChangesOptions } from './after-changes.js';
import type { GraphParameters } from './graph.js';
import { type GraphFileFacts, inspectGraphFile } from './graph-file.js';
import type { IndexLog } from './index-log.js';
import type { NodeGraph } from './node-graph.js';
import { Serial } from '../../lib/serial.js';
import type { SnapshotFolder, SnapshotNotes } from './snapshot.js';

export interface GraphSaverOptions {
  readonly folder: SnapshotFolder;
  readonly parameters: GraphParameters;
  readonly readOnly: boolean;
  readonly saving: AfterChangesOptions;
  /** Generation of the newest snapshot on disk; 0 for none. */
  readonly generation: number;
  /** Serialises changes of store and graph, and writing the graph to a file. */
  readonly writers: Serial;
  /** The serving graph. */
  readonly current: () => NodeGraph | null;
  readonly log: IndexLog;
}

/** Removes a file without reporting errors: the next open removes what stays, and an earlier failure is reported. */
export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

/** Keeps the snapshot on disk close to the graph in memory. It waits for writers, but they never wait for it. */
export class GraphSaver {
  readonly #options: GraphSaverOptions;
  readonly #queue = new Serial();
  readonly #autosave: AfterChanges;
  #generation: number;
  /** Changes since open, and how many of them are in the newest snapshot. */
  #changes = 0;
  #savedChanges = 0;

  constructor(options: GraphSaverOptions) {
    this.#options = options;
    this.#generation = options.generation;
    this.#autosave = new AfterChanges(options.saving, async () => {
      await this.save().catch((error: unknown) => options.log.warn(error, 'The index was not saved'));
    });
  }

  get generation(): number {
    return this.#generation;
  }

  get changes(): number {
    return this.#changes;
  }

  get unsaved(): number {
    return this.#changes - this.#savedChanges;
  }

  count(changes: number): void {
    this.#changes += changes;
  }

  /** Saves after a while, if there are unsaved changes. */
  saveLater(): void {
    if (this.unsaved > 0) this.#autosave.changed();
  }

  stop(): void {
    this.#autosave.stop();
  }

  /** @throws AppError STORAGE_FAILED */
  async save(): Promise<void> {
    await this.#queue.run(() => this.#save());
  }

  async #save(): Promise<void> {
    const { folder, parameters, readOnly, current, writers } = this.#options;
    if (readOnly || current() === null || this.unsaved === 0) return;
    const path = folder.temporaryPath('graph');
    try {
      await folder.create();
      const written = await writers.run(async () => {
        const graph = current();
        if (graph === null) return null;
        const state = { live: graph.live, notes: graph.notes(), changes: this.#changes };
        await graph.write(path);
        return state;
      });
      if (written === null) return;
      const facts = await inspectGraphFile(path, parameters);
      if (facts.live !== written.live) throw new AppError('INDEX_CORRUPT', 'The graph file is not complete.');
      await this.#publish(path, facts, written);
    } catch (error) {
      throw new AppError(
        'STORAGE_FAILED',
        `The snapshot of the index could not be written: ${messageOf(error)}`,
        { cause: error },
      );
    } finally {
      await removeQuietly(path);
    }
  }

  /**
   * Makes a graph file the snapshot.
   * @param state number of changes since open that it contains, and the graph's `notes`
   */
  async publish(
    path: string,
    facts: GraphFileFacts,
    state: { readonly changes: number; readonly notes: SnapshotNotes },
  ): Promise<void> {
    await this.#queue.run(() => this.#publish(path, facts, state));
  }

  async #publish(
    path: string,
    facts: GraphFileFacts,
    { changes, notes }: { readonly changes: number; readonly notes: SnapshotNotes },
  ): Promise<void> {
    const { generation } = await this.#options.folder.publish(path, facts, this.#generation + 1, notes);
    this.#generation = generation;
    this.#savedChanges = changes;
    this.saveLater();
  }
}
