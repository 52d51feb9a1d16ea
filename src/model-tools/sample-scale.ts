import { readFile } from 'node:fs/promises';
import { scaleOf, type SimilarityScale } from '../services/embedding/similarity-scale.js';
import type { Embedder } from '../services/embedding/types.js';

/** Fewer pictures give too few pairs. */
const FEWEST = 16;

/**
 * Measures general similarities of a model with sample pictures, for galleries that are too small to measure them.
 * @param paths pictures of several groups, a few of each
 * @returns null if there are too few
 */
export async function measureScale(
  embedder: Embedder,
  paths: readonly string[],
  options?: { readonly signal?: AbortSignal },
): Promise<SimilarityScale | null> {
  const vectors: Float32Array[] = [];
  for (const path of paths) {
    const bytes = await readFile(path).catch(() => null);
    if (bytes !== null) vectors.push((await embedder.embed(bytes, options)).vector);
  }
  if (vectors.length < FEWEST) return null;
  const cosines = vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => cosine(a, b)));
  // As precise as needed.
  return { quantiles: scaleOf(cosines).quantiles.map((value) => Number(value.toFixed(4))) };
}

/** For vectors of unit length. */
function cosine(a: Float32Array, b: Float32Array): number {
  const sum = a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0);
  return Math.min(1, Math.max(-1, sum));
}
