import type { FlatStore } from './flat-store.js';
import { MIN_EF, type Graph } from './graph.js';
import { TopNeighbours } from './top-neighbours.js';
import type { Neighbour } from './vector-index.js';

/** So few allowed vectors, or so small a part, are looked at one by one: cheaper, and exact. */
const SCANNED_COUNT = 2_000;
const SCANNED_FRACTION = 0.05;
/** The graph is asked for so many times more neighbours than the share of allowed ones calls for. */
const MARGIN = 1.5;
/** A search for so many neighbours holds the event loop for some 10 ms; beyond, a scan that pauses is kinder. */
const MAX_ASKED = 1_024;
/** One more neighbour asked of the graph costs about as much as looking at so many vectors (768 dimensions). */
const ROWS_PER_NEIGHBOUR = 16;

/** From so many vectors on a search is as broad as `efSearch` says; below it, in proportion. */
const FULL_BREADTH_COUNT = 20_000;

/**
 * How many candidates a search looks at. Fewer vectors need fewer for the same recall: of 10,000 hard ones (Gaussian,
 * projected from 64 dimensions) 130 candidates find 0.997 of the true ten, where 20,000 need 200 for 0.99.
 */
export function breadthOf(size: number, efSearch: number): number {
  return Math.round(
    Math.min(efSearch, MIN_EF + (Math.max(0, efSearch - MIN_EF) * size) / FULL_BREADTH_COUNT),
  );
}

/**
 * The `k` nearest by the graph, or null when looking at every (allowed) vector is cheaper or is the only way.
 *
 * Cosines are computed anew from the stored vectors and the order is made from them, so that a neighbour has the same
 * number and the same place whichever way it was found. A filter is applied to what the graph returns, never inside
 * hnswlib: a callback into JavaScript for every node visited costs 7 to 136 ms a search at 100,000 vectors.
 */
export function searchGraph(
  graph: Graph,
  store: FlatStore,
  query: Float32Array,
  k: number,
  allowed?: ReadonlySet<number>,
): Neighbour[] | null {
  const size = store.size;
  const candidates = Math.min(size, allowed?.size ?? size);
  if (allowed !== undefined && (candidates <= SCANNED_COUNT || candidates < SCANNED_FRACTION * size))
    return null;

  const wanted = Math.min(k, candidates);
  const breadth = breadthOf(size, graph.parameters.efSearch);
  let asked = allowed === undefined ? wanted : Math.ceil(wanted * (size / candidates) * MARGIN);
  // hnswlib looks at that many candidates anyway: taking them all lets the exact cosines decide close calls.
  for (asked = Math.max(asked, breadth); ; asked *= 2) {
    if (asked > MAX_ASKED || (asked > breadth && asked * ROWS_PER_NEIGHBOUR > candidates)) return null;
    const top = new TopNeighbours(k);
    let found = 0;
    for (const label of graph.search(query, asked)) {
      if (allowed !== undefined && !allowed.has(label)) continue;
      const cosine = store.cosine(label, query);
      if (cosine === undefined) continue;
      top.offer(label, cosine);
      found++;
    }
    if (found >= wanted) return top.sorted();
    // Without a filter fewer than wanted means that parts of the graph cannot be reached from its entry.
    if (allowed === undefined) return null;
  }
}
