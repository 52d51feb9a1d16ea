import { UMAP } from 'umap-js';
import { principalComponents, project } from '../../lib/principal-components.js';
import { weightedMean } from './weighted-mean.js';

export type LayoutMethod = 'umap' | 'pca';

export interface Layout {
  readonly method: LayoutMethod;
  /** x and y of each vector, within -1..1. */
  readonly coordinates: Float32Array;
}

/** UMAP uses this many directions of largest variance, which is much faster and preserves the neighbours. */
const DIRECTIONS = 50;
/** Number of directions for finding the nearest neighbours of a picture outside the sample. */
const PLACING_DIRECTIONS = 16;
const NEIGHBOURS = 15;
/** With fewer pictures, UMAP finds no structure. */
const LEAST_FOR_UMAP = 30;
/** UMAP in JavaScript takes about a minute for this many; the others are placed among them. */
const MOST_FOR_UMAP = 12_000;
const PLACED_BY = 5;

/**
 * Lays out vectors in two dimensions so that similar ones are close together: UMAP (McInnes, Healy, Melville 2018), or the
 * first two principal components if there are few. Deterministic.
 * @param vectors count x dimension, row-major
 */
export function layOut(vectors: Float32Array, dimension: number): Layout {
  const count = vectors.length / dimension;
  if (count < LEAST_FOR_UMAP) {
    const components = principalComponents(vectors, dimension, { components: 2 });
    return { method: 'pca', coordinates: fitSquare(pairs(project(vectors, dimension, components), count)) };
  }
  const components = principalComponents(vectors, dimension, { components: DIRECTIONS });
  const width = components.variances.length;
  const reduced = project(vectors, dimension, components);
  const sample = sampleOf(count, MOST_FOR_UMAP);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, sample.length - 1),
    minDist: 0.1,
    random: seededRandom(),
  });
  const fitted = umap.fit(sample.map((row) => Array.from(reduced.subarray(row * width, (row + 1) * width))));
  const coordinates = new Float32Array(count * 2);
  sample.forEach((row, i) => coordinates.set(fitted[i] as number[], row * 2));
  if (sample.length < count) placeOthers(reduced, width, sample, coordinates);
  return { method: 'umap', coordinates: fitSquare(coordinates) };
}

/** x and y of each row; 0 for a direction that the data does not have. */
function pairs(projected: Float32Array, count: number): Float32Array {
  const width = count === 0 ? 0 : projected.length / count;
  return Float32Array.from({ length: count * 2 }, (_, i) =>
    i % 2 < width ? projected[(i >> 1) * width + (i % 2)]! : 0,
  );
}

/** Evenly spaced rows. */
function sampleOf(count: number, most: number): number[] {
  const size = Math.min(count, most);
  return Array.from({ length: size }, (_, i) => Math.floor((i * count) / size));
}

/** Places each of the others among its nearest ones of the sample, closer to the nearest. */
function placeOthers(
  reduced: Float32Array,
  width: number,
  sample: readonly number[],
  coordinates: Float32Array,
): void {
  const used = Math.min(width, PLACING_DIRECTIONS);
  const sampled = new Set(sample);
  const points = new Float32Array(sample.length * used);
  sample.forEach((row, i) => points.set(reduced.subarray(row * width, row * width + used), i * used));
  for (let row = 0; row < coordinates.length / 2; row++) {
    if (sampled.has(row)) continue;
    const nearest: { readonly at: number; readonly squared: number }[] = [];
    for (let i = 0; i < sample.length; i++) {
      let squared = 0;
      for (let d = 0; d < used; d++) squared += (points[i * used + d]! - reduced[row * width + d]!) ** 2;
      if (nearest.length === PLACED_BY && squared >= (nearest.at(-1)?.squared as number)) continue;
      nearest.push({ at: sample[i]!, squared });
      nearest.sort((a, b) => a.squared - b.squared);
      if (nearest.length > PLACED_BY) nearest.pop();
    }
    const [x, y] = weightedMean(
      nearest.map(({ at, squared }) => ({
        x: coordinates[at * 2]!,
        y: coordinates[at * 2 + 1]!,
        weight: 1 / (1e-6 + squared),
      })),
    );
    coordinates[row * 2] = x;
    coordinates[row * 2 + 1] = y;
  }
}

/** Moves and scales to fill -1..1 in the longer direction, keeping the aspect ratio. */
function fitSquare(coordinates: Float32Array): Float32Array {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < coordinates.length; i += 2) {
    const [x, y] = [coordinates[i]!, coordinates[i + 1]!];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const half = Math.max(right - left, bottom - top) / 2 || 1;
  const centre = [(left + right) / 2, (top + bottom) / 2] as const;
  // Rounding must not push a point over the edge.
  return coordinates.map((value, i) => Math.min(1, Math.max(-1, (value - centre[i % 2]!) / half)));
}

/** Mulberry32, by Tommy Ettinger: the same gallery gives the same picture every time. */
function seededRandom(): () => number {
  let state = 0x51ed270b;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
