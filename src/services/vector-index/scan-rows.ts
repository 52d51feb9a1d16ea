import type { FlatStore } from './flat-store.js';

/** Receives the vectors of a scan. */
export interface Visitor {
  /**
   * Called with a cosine and its largest difference from the exact one. Without it, all are computed exactly.
   * @returns whether the exact cosine is needed
   */
  wants?(cosine: number, error: number): boolean;
  /** Called with the exact cosine. */
  visit(label: number, cosine: number): void;
}

/**
 * Visits every vector of a store, or those of some labels, one block per step. The cosines of a block are first
 * approximated together; only those that may matter are computed exactly. Rows must not move meanwhile (`FlatStore.pin`).
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
      // A row may have been emptied meanwhile, and then assigned to another label.
      if (label === undefined || allowed?.has(label) === false) continue;
      if (rough === null || visitor.wants?.(rough.cosines[i]!, rough.errors[i]!) !== false)
        visitor.visit(label, store.cosineAt(block[i]!, query));
    }
    yield;
  }
}
