import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from '../../../src/logger.js';
import { openVectorIndex, type VectorIndexOptions } from '../../../src/services/vector-index/open.js';
import type { Manifest } from '../../../src/services/vector-index/snapshot.js';
import type {
  LabelledVector,
  Neighbour,
  VectorIndex,
  Within,
} from '../../../src/services/vector-index/vector-index.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Processes cannot load TypeScript: the builder runs as it was built. */
export const BUILDER_URL = pathToFileURL(join(process.cwd(), 'dist/workers/index-builder.js'));

export const DIMENSION = 32;
export const SPACE = 'space-a';

/** Seeded numbers in 0..1 (mulberry32, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function unit(values: Iterable<number>): Float32Array {
  const vector = Float32Array.from(values);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export function randomVector(random: () => number, dimension = DIMENSION): Float32Array {
  return unit(Array.from({ length: dimension }, () => gaussian(random)));
}

/** Vectors around common centres, as embeddings of pictures are; labels 1..count. */
export function clustered(
  count: number,
  seed: number,
  { dimension = DIMENSION, clusters = 50 } = {},
): LabelledVector[] {
  const random = seededRandom(seed);
  const centres = Array.from({ length: clusters }, () => randomVector(random, dimension));
  return Array.from({ length: count }, (_, i) => {
    const centre = centres[Math.floor(random() * clusters)]!;
    const spread = 0.7 / Math.sqrt(dimension);
    return { label: i + 1, vector: unit(centre.map((value) => value + gaussian(random) * spread)) };
  });
}

/** The definition, spelled out. */
export function oracle(
  entries: Iterable<LabelledVector>,
  query: Float32Array,
  k: number,
  allowed?: ReadonlySet<number>,
): Neighbour[] {
  return [...entries]
    .filter(({ label }) => allowed === undefined || allowed.has(label))
    .map(({ label, vector }) => ({
      label,
      cosine: vector.reduce((sum, value, i) => sum + value * query[i]!, 0),
    }))
    .sort((a, b) => b.cosine - a.cosine || a.label - b.label)
    .slice(0, k);
}

/** A filter that stands for these labels. */
export const withinLabels = (labels: ReadonlySet<number>): Within => ({
  filter: {},
  ids: async () => labels,
});

export function labelsOf(neighbours: readonly Neighbour[]): number[] {
  return neighbours.map(({ label }) => label);
}

/** The part of `expected` that was found. */
export function recall(found: readonly Neighbour[], expected: readonly Neighbour[]): number {
  const labels = new Set(labelsOf(found));
  return expected.length === 0
    ? 1
    : expected.filter(({ label }) => labels.has(label)).length / expected.length;
}

export async function* pagesOf(entries: readonly LabelledVector[]): VectorIndexOptions['vectors'] {
  for (let i = 0; i < entries.length; i += 500) {
    yield entries.slice(i, i + 500).map(({ label, vector }) => ({ id: label, vector }));
  }
}

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function open(
  dir: string,
  entries: readonly LabelledVector[],
  options: Partial<VectorIndexOptions> = {},
): Promise<VectorIndex> {
  return openVectorIndex({
    dir,
    spaceId: SPACE,
    dimension: DIMENSION,
    vectors: pagesOf(entries),
    logger: recordingLogger(),
    builderUrl: BUILDER_URL,
    lowPriority: false,
    exactBelow: 1,
    retryDelaysMs: [1, 1],
    ...options,
  });
}

/** An index whose graph serves, closed again: leaves a snapshot behind. */
export async function leaveSnapshot(
  dir: string,
  entries: readonly LabelledVector[],
  options: Partial<VectorIndexOptions> = {},
): Promise<Manifest> {
  const index = await open(dir, entries, options);
  await index.settled();
  await index.close();
  return readManifest(dir);
}

export async function readManifest(dir: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(dir, SPACE, 'MANIFEST.json'), 'utf8')) as Manifest;
}

/** Waits for another process to make a file. */
export async function appears(path: string): Promise<void> {
  await waitFor(path, () => existsSync(path));
}
