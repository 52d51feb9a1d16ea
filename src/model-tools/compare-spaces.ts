import { median } from '../lib/median.js';
/** How similarly two models see the same pictures. */
export interface SpaceComparison {
  readonly pictures: number;
  /** Of the two vectors of each picture; null if they have different lengths and cannot be compared. */
  readonly cosine: { readonly min: number; readonly median: number } | null;
  /**
   * For each picture, the share of its nearest pictures in one space that are also among its nearest in the other, 0..1;
   * null with fewer than two pictures.
   */
  readonly overlap: { readonly neighbours: number; readonly mean: number; readonly min: number } | null;
}

/**
 * @param a unit vectors of one model, one for each picture
 * @param b those of the other, of the same pictures in the same order
 * @param neighbours number of nearest pictures to compare
 */
export function compareSpaces(
  a: readonly Float32Array[],
  b: readonly Float32Array[],
  neighbours = 10,
): SpaceComparison {
  const pictures = a.length;
  const comparable = pictures > 0 && a[0]?.length === b[0]?.length;
  const cosines = comparable ? a.map((vector, i) => dot(vector, b[i]!)).sort(ascending) : [];
  // At most half of the others, since every model finds the same if all count.
  const count = Math.min(neighbours, Math.floor((pictures - 1) / 2));
  const shares = count < 1 ? [] : a.map((_, i) => common(nearest(a, i, count), nearest(b, i, count)) / count);
  return {
    pictures,
    cosine: comparable ? { min: cosines[0]!, median: median(cosines) } : null,
    overlap:
      count < 1
        ? null
        : {
            neighbours: count,
            mean: shares.reduce((sum, share) => sum + share, 0) / pictures,
            min: Math.min(...shares),
          },
  };
}

/** Indices of the vectors most similar to the one at `at`, without it; the first among equals. */
function nearest(vectors: readonly Float32Array[], at: number, count: number): Set<number> {
  const query = vectors[at]!;
  const scored = vectors.flatMap((vector, index) =>
    index === at ? [] : [{ index, similarity: dot(query, vector) }],
  );
  scored.sort((one, other) => other.similarity - one.similarity || one.index - other.index);
  return new Set(scored.slice(0, count).map(({ index }) => index));
}

const common = (a: ReadonlySet<number>, b: ReadonlySet<number>): number =>
  [...a].filter((index) => b.has(index)).length;

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const ascending = (a: number, b: number): number => a - b;
