/**
 * What a similarity means in one space. Cosines of different models have different scales: copies are at 0.98 with one
 * model and at 0.9 with another. So similarities are compared with those of random pairs in the same space.
 */

/** From most to least similar. */
export const STRENGTHS = ['COPY', 'VERY_SIMILAR', 'SIMILAR', 'WEAK'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** Shares of random pairs at which a scale stores a quantile: every hundredth, and finer where it matters. */
export const SHARES: readonly number[] = [
  ...Array.from({ length: 100 }, (_, i) => i / 100),
  0.995,
  0.999,
  0.9995,
  1,
];

/** Cosines of random pairs of pictures, at the shares of `SHARES`; ascending. */
export interface SimilarityScale {
  readonly quantiles: readonly number[];
}

/**
 * The distance (1 - cosine) of a copy is at most this share of the median distance of random pairs. Copies that were
 * scaled, recompressed or exposed differently are within 0.14 in 95 of 100 cases with either version of the built-in model
 * (docs/builtin-model.md); pictures that merely resemble each other are mostly beyond 0.2.
 */
const COPY_DISTANCE = 0.15;
/** If more than one random pair in a thousand is that near (a series of one scene), only nearer ones count as copies, */
const COPY_SHARE = 0.999;
/** but always within this share, since such a gallery may have many copies. */
const SURE_COPY_DISTANCE = 0.12;
/** One of 100 random pairs is very similar, four more are similar. */
const VERY_SIMILAR_SHARE = 0.99;
const SIMILAR_SHARE = 0.95;

/** @param cosines of random pairs, at least one; not stored */
export function scaleOf(cosines: readonly number[]): SimilarityScale {
  const sorted = Float64Array.from(cosines).sort();
  const last = sorted.length - 1;
  return {
    quantiles: SHARES.map((share) => {
      const at = share * last;
      const below = sorted[Math.floor(at)] ?? 0;
      const above = sorted[Math.ceil(at)] ?? below;
      return below + (at - Math.floor(at)) * (above - below);
    }),
  };
}

const quantile = ({ quantiles }: SimilarityScale, share: number): number =>
  quantiles[SHARES.indexOf(share)] ?? 0;

/** The minimum similarity of each strength. */
export function bordersOf(scale: SimilarityScale): Readonly<Record<Strength, number>> {
  const usual = 1 - quantile(scale, 0.5);
  const copy = Math.max(
    1 - COPY_DISTANCE * usual,
    Math.min(quantile(scale, COPY_SHARE), 1 - SURE_COPY_DISTANCE * usual),
  );
  const verySimilar = Math.min(copy, quantile(scale, VERY_SIMILAR_SHARE));
  return {
    COPY: copy,
    VERY_SIMILAR: verySimilar,
    SIMILAR: Math.min(verySimilar, quantile(scale, SIMILAR_SHARE)),
    WEAK: 0,
  };
}

export function strengthOf(scale: SimilarityScale, similarity: number): Strength {
  const borders = bordersOf(scale);
  return STRENGTHS.find((strength) => similarity >= borders[strength]) ?? 'WEAK';
}

/** Share of random pairs that are less similar, 0..1; linear between the quantiles. */
export function percentileOf({ quantiles }: SimilarityScale, similarity: number): number {
  const above = quantiles.findIndex((value) => value > similarity);
  if (above === -1) return 1;
  if (above === 0) return 0;
  const [low, high] = [quantiles[above - 1] ?? 0, quantiles[above] ?? 0];
  const [from, to] = [SHARES[above - 1] ?? 0, SHARES[above] ?? 0];
  return from + ((similarity - low) / (high - low)) * (to - from);
}

/** The similarity above this share of random pairs: the inverse of `percentileOf`. */
export function similarityAt({ quantiles }: SimilarityScale, percentile: number): number {
  const above = SHARES.findIndex((share) => share > percentile);
  if (above === -1) return quantiles.at(-1) ?? 1;
  const [low, high] = [quantiles[above - 1] ?? 0, quantiles[above] ?? 0];
  const [from, to] = [SHARES[above - 1] ?? 0, SHARES[above] ?? 0];
  return low + ((percentile - from) / (to - from)) * (high - low);
}
