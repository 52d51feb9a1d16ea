import { seededNormal } from '../../lib/seeded-normal.js';
import type { FlatStore } from './flat-store.js';
import { BREADTH_COUNT, BREADTHS, type NodeGraph } from './node-graph.js';
import type { Pacer } from '../../lib/pacer.js';
import { resemble, SURROUNDINGS } from './likely-query.js';
import { scanRows } from './scan-rows.js';
import { TopNeighbours } from './top-neighbours.js';
import type { TwinGroup, TwinGroups } from './twin-groups.js';
import type { IndexRecall, Neighbour } from './vector-index.js';

/** Number of queries whose ten nearest are compared with an exact search. */
const SAMPLE_SIZE = 100;
/** Searches use the smallest breadth that reaches this recall. */
const AIM = 0.99;
/** Margin of the measured recall above the aim, because these queries are slightly easier than new pictures. */
const STANDARD_ERRORS = 3;
/** A graph with a lower recall, or with more strays than the following limits, is unfit to serve. */
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
 * Searches a graph for every vector in it, which completes its list of strays, and measures its recall. Vectors added
 * meanwhile are searched for separately.
 *
 * @throws UnfitGraphError if it should not serve; the signal's reason if aborted
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

  const { value, sampleSize } = await chooseBreadth(graph, options);
  if (value < MIN_RECALL) {
    throw new UnfitGraphError(
      `Its recall is ${value.toFixed(3)}, measured with ${sampleSize} queries similar to its vectors.`,
    );
  }
  return {
    value,
    sampleSize,
    breadth: graph.breadth,
    strays: graph.strays.size,
    measuredAt: new Date(),
    durationMs: performance.now() - start,
  };
}

function assertFewStrays({ strays, live }: NodeGraph): void {
  if (strays.size > Math.max(FEW_STRAYS, MAX_STRAYS_FRACTION * live))
    throw new UnfitGraphError(`It does not find ${strays.size} of its ${live} vectors.`);
}

interface Query {
  readonly vector: Float32Array;
  /** Its nearest distinct vectors, by one label each. */
  readonly nearest: readonly Neighbour[];
}

/** Finds the smallest breadth with sufficient recall, starting with the smallest. */
async function chooseBreadth(
  graph: NodeGraph,
  options: GraphCheckOptions,
): Promise<{ value: number; sampleSize: number }> {
  const queries = await queriesLike(graph, options);
  let [value, chosen]: [number, number] = [1, BREADTHS[0]];
  for (const breadth of BREADTHS) {
    const recalls = await recallsOf(graph, queries, breadth, options);
    [value, chosen] = [mean(recalls), breadth];
    if (value - STANDARD_ERRORS * standardError(recalls) >= AIM) break;
  }
  graph.breadth = chosen; // only now, since searches continue meanwhile
  return { value, sampleSize: queries.length };
}

/** For groups at regular intervals, a query resembling the surroundings of each, with its exact neighbours. */
async function queriesLike(
  { groups }: NodeGraph,
  { store, pacer, signal }: GraphCheckOptions,
): Promise<Query[]> {
  const nearest = async (query: Float32Array, count: number): Promise<Neighbour[]> => {
    const top = new TopNeighbours(count);
    // Only distinct vectors: a picture with ten twins says nothing about the rest of the graph.
    const offer = (label: number, cosine: number): void => {
      if (groups.groupOf(label)?.labels[0] === label) top.offer(label, cosine);
    };
    const wants = (cosine: number, error: number): boolean => cosine + error >= top.least;
    const unpin = store.pin();
    try {
      for (const steps = scanRows(store, query, { wants, visit: offer }); !steps.next().done;) {
        if (!pacer.due) continue;
        await pacer.rest();
        signal.throwIfAborted();
      }
    } finally {
      unpin();
    }
    return top.sorted();
  };

  const normal = seededNormal();
  const queries: Query[] = [];
  for (const { labels } of sampleOf(groups)) {
    const vector = labels[0] === undefined ? undefined : store.view(labels[0])?.slice();
    if (vector === undefined) continue; // removed meanwhile
    const around = (await nearest(vector, SURROUNDINGS)).flatMap(
      ({ label }) => store.view(label)?.slice() ?? [],
    );
    const query = resemble(around, normal) ?? vector;
    queries.push({ vector: query, nearest: await nearest(query, BREADTH_COUNT) });
  }
  return queries;
}

/** Groups at regular intervals. */
function sampleOf(groups: TwinGroups): TwinGroup[] {
  const step = Math.max(1, groups.size / SAMPLE_SIZE);
  const sample: TwinGroup[] = [];
  let i = 0;
  for (const group of groups.all()) if (i++ >= sample.length * step) sample.push(group);
  return sample.slice(0, SAMPLE_SIZE);
}

/** For each query, the share of its ten nearest that a search finds; any vector as near as the tenth counts. */
async function recallsOf(
  graph: NodeGraph,
  queries: readonly Query[],
  breadth: number,
  { store, pacer, signal }: GraphCheckOptions,
): Promise<number[]> {
  const recalls: number[] = [];
  for (const { vector, nearest } of queries) {
    const best = nearest.filter(({ label }) => store.has(label)); // vectors removed meanwhile do not count
    const near = graph.near(vector, breadth);
    const got = [...near.map(({ node }) => node), ...graph.straysBeside(near)]
      .flatMap(({ groups }) => groups)
      .flatMap(({ labels }) => store.cosine(labels[0]!, vector) ?? []);
    const last = best.at(-1)?.cosine ?? 1;
    const found = Math.min(best.length, got.filter((cosine) => cosine >= last).length);
    recalls.push(best.length === 0 ? 1 : found / best.length);
    if (!pacer.due) continue;
    await pacer.rest();
    signal.throwIfAborted();
  }
  return recalls;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length);
}
