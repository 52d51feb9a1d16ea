import type { FlatStore } from './flat-store.js';
import { distanceError } from './graph.js';
import { type GraphNode, MIN_HOST_COSINE, type NodeGraph } from './node-graph.js';
import { TopNeighbours } from './top-neighbours.js';
import type { Neighbour } from './vector-index.js';

/** Up to this many allowed vectors, or this share of all, are compared one by one, which is cheaper and exact. */
const SCANNED_COUNT = 2_000;
const SCANNED_FRACTION = 0.05;
/** Over-fetch factor for filtered searches, on top of the share of allowed vectors. */
const MARGIN = 1.5;
/** A search for this many neighbours blocks the event loop for about 10 ms; for more, a yielding scan is better. */
const MAX_ASKED = 1_024;
/** Each further neighbour from the graph costs about as much as comparing this many vectors (768 dimensions). */
const ROWS_PER_NEIGHBOUR = 16;

/**
 * The `k` nearest by the graph; null if comparing every (allowed) vector is cheaper or the only way.
 *
 * Cosines are recomputed from the stored vectors and determine the order, so that a neighbour always has the same number
 * and place. This skips candidates that cannot be among the best by the graph's own, rougher cosines. A filter is applied
 * to the graph's results, never inside hnswlib: a callback into JavaScript for every visited node costs 7 to 136 ms per
 * search at 100,000 vectors.
 */
export function searchGraph(
  graph: NodeGraph,
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
  const breadth = graph.breadthFor(wanted);
  const error = distanceError(query.length);
  let asked = allowed === undefined ? wanted : Math.ceil(wanted * (size / candidates) * MARGIN);
  // hnswlib examines that many candidates anyway: with all of them, the exact cosines decide close cases.
  for (asked = Math.max(asked, breadth); ; asked *= 2) {
    if (asked > MAX_ASKED || (asked > graph.breadth && asked * ROWS_PER_NEIGHBOUR > candidates)) return null;
    const top = new TopNeighbours(k);
    let found = 0;
    const offer = (node: GraphNode, most: number): void => {
      if ((node.centre === null ? most : atMost(most)) < top.least) return;
      for (const { labels } of node.groups) {
        const cosine = store.cosine(labels[0]!, query);
        if (cosine !== undefined) found += offerTwins(top, labels, cosine, k, allowed);
      }
    };
    const near = graph.near(query, asked);
    for (const { node, cosine } of near) offer(node, cosine + error);
    if (found >= wanted) {
      for (const stray of graph.straysBeside(near))
        offer(stray, stray.centre === null ? 1 : graph.cosine(stray, query));
      return top.sorted();
    }
    // Without a filter, too few results mean that parts of the graph are unreachable from its entry.
    if (allowed === undefined) return null;
  }
}

const HOST_SINE = Math.sqrt(1 - MIN_HOST_COSINE ** 2);

/** The largest possible cosine of a vector whose node has this one: the angle may be smaller by their distance. */
function atMost(cosine: number): number {
  if (cosine >= MIN_HOST_COSINE) return 1;
  return cosine * MIN_HOST_COSINE + Math.sqrt(1 - cosine ** 2) * HOST_SINE;
}

/** Offers the first `k` allowed labels in ascending order; the others have the same cosine and cannot be better. */
function offerTwins(
  top: TopNeighbours,
  labels: readonly number[],
  cosine: number,
  k: number,
  allowed: ReadonlySet<number> | undefined,
): number {
  let offered = 0;
  for (let i = 0; i < labels.length && offered < k; i++) {
    if (allowed !== undefined && !allowed.has(labels[i]!)) continue;
    top.offer(labels[i]!, cosine);
    offered++;
  }
  return offered;
}
