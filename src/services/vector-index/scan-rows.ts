import type { FlatStore } from './flat-store.js';

/** What becomes of the vectors that are looked at. */
export interface Visitor {
  /**
   * Given a cosine and how far it may be from the exact one. Without it, all exact ones have to be known.
   * @returns whether the exact one has to be known
   */
  wants?(cosine: number, error: number): boolean;
  /** Given the exact cosine. */
  visit(label: number, cosine: number): void;
}

/**
 * Looks at every vector of a store, or at those of some labels, a block with each step. All cosines of a block are
 * roughly known at once; only those that may count are computed exactly. Rows must not move meanwhile (`FlatStore.pin`).
 */
export function* scanRows(
  store: FlatStore,
  query: Float32Array,
  visitor: Visitor,
  allowed?: ReadonlySet<number>,
): Generator<void, void> {
  for (const block of store.blocks(allowed)) {
    const rough = visitor.wants === undefined ? null : store.scan(query, block);
    for (let i = 0; i < block.length; i++) {
      const label = store.labelAt(block[i]!);
      // A row may have become empty since, and then been given to another label.
      if (label === undefined || allowed?.has(label) === false) continue;
      if (rough === null || visitor.wants?.(rough.cosines[i]!, rough.errors[i]!) !== false)
        visitor.visit(label, store.cosineAt(block[i]!, query));
    }
    yield;
  }
}
