import type { FlatStore } from './flat-store.js';
import type { GraphNode } from './node-graph.js';
import type { Pacer } from '../../lib/pacer.js';
import { hashOf } from './vector-hash.js';

/** Labels whose vectors are identical bit by bit. Most groups have one member. */
export interface TwinGroup {
  /** Ascending; at least one as long as the group is in use. */
  readonly labels: number[];
  readonly hash: number;
  /** Their common node in a graph; null until they have one. */
  node: GraphNode | null;
  /** The next group with the same hash. */
  next: TwinGroup | null;
}

/**
 * Groups of equal vectors in a store. A graph has one node per group: separate nodes for equal vectors would fill each
 * other's lists of links and become an island that hides everything else.
 *
 * Each graph has its own groups, since it may lag behind the store: a label is then still in the group of its old vector.
 * At worst this leads to a second group of the same vector, which is harmless.
 */
export class TwinGroups {
  readonly #store: FlatStore;
  readonly #byHash = new Map<number, TwinGroup>();
  readonly #byLabel = new Map<number, TwinGroup>();
  #size = 0;

  constructor(store: FlatStore) {
    this.#store = store;
  }

  /** The groups of a whole store. The caller must keep it unchanged until the promise resolves. */
  static async of(store: FlatStore, pacer: Pacer): Promise<TwinGroups> {
    const groups = new TwinGroups(store);
    // Ascending, so that the same gallery always gives the same groups and graph, whatever its history.
    for (const label of Uint32Array.from(store.labels()).sort()) {
      groups.add(label, store.view(label)!);
      if (pacer.due) await pacer.rest();
    }
    return groups;
  }

  /** Number of groups. */
  get size(): number {
    return this.#size;
  }

  /** Every group once. Groups added meanwhile may be included, and removed ones too, without labels. */
  *all(): Generator<TwinGroup> {
    for (const first of this.#byHash.values()) {
      for (let group: TwinGroup | null = first; group !== null; group = group.next) yield group;
    }
  }

  find(vector: Float32Array, hash = hashOf(vector)): TwinGroup | null {
    let group = this.#byHash.get(hash) ?? null;
    while (group !== null && !this.#store.holds(group.labels[0]!, vector)) group = group.next;
    return group;
  }

  /** Adds a label that is in no group to that of its vector. @param vector of this label in the store */
  add(label: number, vector: Float32Array): TwinGroup {
    const hash = hashOf(vector);
    let group = this.find(vector, hash);
    if (group === null) {
      group = { labels: [], hash, node: null, next: this.#byHash.get(hash) ?? null };
      this.#byHash.set(hash, group);
      this.#size++;
    }
    group.labels.splice(placeOf(label, group.labels), 0, label);
    this.#byLabel.set(label, group);
    return group;
  }

  groupOf(label: number): TwinGroup | undefined {
    return this.#byLabel.get(label);
  }

  /** @returns its former group, which has no labels if this was the last; undefined if it had none */
  remove(label: number): TwinGroup | undefined {
    const group = this.#byLabel.get(label);
    if (group === undefined) return undefined;
    this.#byLabel.delete(label);
    group.labels.splice(placeOf(label, group.labels), 1);
    if (group.labels.length === 0) this.#unlink(group);
    return group;
  }

  #unlink(group: TwinGroup): void {
    this.#size--;
    const first = this.#byHash.get(group.hash)!;
    if (first !== group) {
      let before = first;
      while (before.next !== group) before = before.next!;
      before.next = group.next;
    } else if (group.next === null) this.#byHash.delete(group.hash);
    else this.#byHash.set(group.hash, group.next);
  }
}

/** Index of a label in ascending labels, or where it belongs. */
function placeOf(label: number, labels: readonly number[]): number {
  let from = 0;
  for (let to = labels.length; from < to;) {
    const middle = (from + to) >> 1;
    if (labels[middle]! < label) from = middle + 1;
    else to = middle;
  }
  return from;
}
