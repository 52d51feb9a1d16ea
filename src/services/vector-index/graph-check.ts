import type { FlatStore } from './flat-store.js';
import type { NodeGraph } from './node-graph.js';
import type { Pacer } from '../../lib/pacer.js';
import { TopNeighbours } from './top-neighbours.js';
import type { TwinGroup } from './twin-groups.js';
import type { IndexRecall } from './vector-index.js';

/** Vectors whose ten nearest are compared with those of an exact search; one takes 0.1 s at 100,000 x 768. */
const SAMPLE_SIZE = 100;
const NEIGHBOURS = 10;
/** Searches are made broader until the recall reaches this. */
const AIM = 0.99;
/** A graph below this, or with more strays than these, is not fit to serve. */
const MIN_RECALL = 0.95;
const MAX_STRAYS_FRACTION = 0.02;
/** Up to this many strays cost a search less than 0.2 ms. */
const FEW_STRAYS = 200;

export interface GraphCheckOptions {
  readonly store: FlatStore;
  readonly pacer: Pacer;
  readonly signal: AbortSignal;
}

/** A graph that misses too much. */
export class UnfitGraphError extends Error {
  override readonly name = 'UnfitGraphError';
}

/**
 * Asks a graph for every vector it has, which makes its list of strays complete, and measures its recall. What is
 * added meanwhile is asked for by itself.
 *
 * @throws UnfitGraphError when it should not serve; the signal's reason when it was aborted
 */
export async function checkGraph(graph: NodeGraph, options: GraphCheckOptions): Promise<IndexRecall> {
  const start = performance.now();
  const { pacer, signal } = options;
  for (const node of graph.nodes()) {
    graph.check(node);
    if (!pacer.due) continue;
    await pacer.rest();
    signal.throwIfAborted();
  }
  assertFewStrays(graph);

  const sample = sampleOf(graph);
  let value = await measure(graph, sample, options);
  while (value < AIM && graph.widen()) value = await measure(graph, sample, options);
  if (value < MIN_RECALL) {
    throw new UnfitGraphError(
      `Its recall is ${value.toFixed(3)}, measured with ${sample.length} of its vectors.`,
    );
  }
  return {
    value,
    sampleSize: sample.length,
    strays: graph.strays.size,
    measuredAt: new Date(),
    durationMs: performance.now() - start,
  };
}

function assertFewStrays({ strays, live }: NodeGraph): void {
  if (strays.size > Math.max(FEW_STRAYS, MAX_STRAYS_FRACTION * live))
    throw new UnfitGraphError(`It does not find ${strays.size} of its ${live} vectors.`);
}

/** Groups at equal distances over all of them. */
function sampleOf({ groups }: NodeGraph): TwinGroup[] {
  const step = Math.max(1, groups.size / SAMPLE_SIZE);
  const sample: TwinGroup[] = [];
  let i = 0;
  for (const group of groups.all()) if (i++ >= sample.length * step) sample.push(group);
  return sample.slice(0, SAMPLE_SIZE);
}

/**
 * Recall@10: the part of the ten nearest different vectors that searches find; any one as near as the tenth counts.
 * Different ones: asking for a picture with ten twins says nothing about the rest of the graph.
 */
async function measure(
  graph: NodeGraph,
  sample: readonly TwinGroup[],
  { store, pacer, signal }: GraphCheckOptions,
): Promise<number> {
  let found = 0;
  let wanted = 0;
  for (const group of sample) {
    const query = group.labels[0] === undefined ? undefined : store.view(group.labels[0])?.slice();
    if (query === undefined) continue; // removed since
    const truth = new TopNeighbours(NEIGHBOURS);
    for (const { labels } of graph.groups.all()) {
      const cosine = labels[0] === undefined ? undefined : store.cosine(labels[0], query);
      if (cosine !== undefined) truth.offer(labels[0]!, cosine);
      if (!pacer.due) continue;
      await pacer.rest();
      signal.throwIfAborted();
    }
    // Asked after the scan, and without what went during it: then only what the graph does not find is missed.
    const best = truth.sorted().filter(({ label }) => store.has(label));
    const near = graph.near(query, Math.max(NEIGHBOURS, graph.breadth));
    const got = [...near, ...graph.straysBeside(near)]
      .flatMap(({ groups }) => groups)
      .flatMap(({ labels }) => store.cosine(labels[0]!, query) ?? []);
    const last = best.at(-1)?.cosine ?? 1;
    found += Math.min(best.length, got.filter((cosine) => cosine >= last).length);
    wanted += best.length;
  }
  return wanted === 0 ? 1 : found / wanted;
}
