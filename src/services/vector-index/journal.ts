import type { FlatStore } from './flat-store.js';
import type { NodeGraph } from './node-graph.js';
import type { Pacer } from '../../lib/pacer.js';

/** The labels that have changed in the store since a graph was built that does not serve yet. */
export class Journal {
  #labels: Set<number> | null = null;

  get size(): number {
    return this.#labels?.size ?? 0;
  }

  begin(labels: Iterable<number> = []): void {
    this.#labels = new Set(labels);
  }

  end(): void {
    this.#labels = null;
  }

  note(label: number): void {
    this.#labels?.add(label);
  }

  /** Applies the changes to the graph; changes made meanwhile are recorded for the next call. */
  async applyTo(graph: NodeGraph, store: FlatStore, pacer: Pacer, signal: AbortSignal): Promise<void> {
    const labels = this.#labels ?? [];
    this.begin();
    for (const label of labels) {
      signal.throwIfAborted();
      const vector = store.view(label);
      if (vector === undefined) graph.remove(label);
      else graph.add(label, vector);
      if (pacer.due) await pacer.rest();
    }
  }
}
