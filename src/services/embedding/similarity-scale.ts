/**
 * What a similarity means in one space. Cosines of different models have different scales: with one, copies are at 0.98,
 * with another at 0.9. So similarities are read against how alike random pairs of the same space are.
 */

/** From most to least alike. */
export const STRENGTHS = ['COPY', 'VERY_SIMILAR', 'SIMILAR', 'WEAK'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** Shares of random pairs at which a scale keeps a quantile: every hundredth, and finer where it matters. */
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
 * A copy is at most this part as far away (1 - cosine) as the median of random pairs. Copies that were scaled,
 * recompressed or exposed otherwise are at 0.14 in 95 of 100 cases with either version of the built-in model
 * (docs/builtin-model.md); pictures that merely resemble each other are mostly beyond 0.2.
 */
const COPY_DISTANCE = 0.15;
/** Where more than one random pair in a thousand is as near as that (a series of one scene), only what is nearer counts as a copy, */
const COPY_SHARE = 0.999;
/** but at this part of the distance always: such a gallery may have many copies. */
const SURE_COPY_DISTANCE = 0.12;
/** Of 100 random pairs one is very similar, four more are similar. */
const VERY_SIMILAR_SHARE = 0.99;
const SIMILAR_SHARE = 0.95;

/** @param cosines of random pairs, at least one; not kept */
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

/** The least similarity of each strength. */
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

/** Share of random pairs that are less alike, 0..1; linear between the quantiles. */
export function percentileOf({ quantiles }: SimilarityScale, similarity: number): number {
  const above = quantiles.findIndex((value) => value > similarity);
  if (above === -1) return 1;
  if (above === 0) return 0;
  const [low, high] = [quantiles[above - 1] ?? 0, quantiles[above] ?? 0];
  const [from, to] = [SHARES[above - 1] ?? 0, SHARES[above] ?? 0];
  return from + ((similarity - low) / (high - low)) * (to - from);
}

/** The similarity of which this share of random pairs is less alike: the inverse of `percentileOf`. */
export function similarityAt({ quantiles }: SimilarityScale, percentile: number): number {
  const above = SHARES.findIndex((share) => share > percentile);
  if (above === -1) return quantiles.at(-1) ?? 1;
  const [low, high] = [quantiles[above - 1] ?? 0, quantiles[above] ?? 0];
  const [from, to] = [SHARES[above - 1] ?? 0, SHARES[above] ?? 0];
  return low + ((percentile - from) / (to - from)) * (high - low);
}
