import type { Strength } from '../gql/graphql';

/** Pairs as rare as one in 10^4 fill all of the bar that is no copy's. */
const RAREST = 4;
const MOST_BUT_COPIES = 0.9;

/**
 * How full a bar is that shows a strength: copies fill it, others by how rare a pair as alike is (its logarithm, so that 95, 99 and
 * 99.9 of 100 can be told apart).
 * @param percentile share of random pairs that are less alike, 0..1
 */
export function strengthShare(strength: Strength, percentile: number): number {
  if (strength === 'COPY') return 1;
  const rarity = -Math.log10(Math.max(10 ** -RAREST, 1 - percentile));
  return (MOST_BUT_COPIES * rarity) / RAREST;
}

interface Measured {
  readonly similarity: number;
  readonly strength?: Strength | null;
}

/** A step in similarity of at least this is a border even where strengths are unknown. */
const LARGE_GAP = 0.15;

/**
 * Where the weaker ones of matches begin, best first: at the first WEAK one, or, where strengths are unknown, behind the
 * largest gap. Null when there is nothing to divide.
 */
export function weakerFrom(matches: readonly Measured[]): number | null {
  if (matches.some(({ strength }) => strength != null)) {
    const weak = matches.findIndex(({ strength }) => strength === 'WEAK');
    return weak === -1 ? null : weak;
  }
  let [at, largest] = [0, 0];
  matches.forEach(({ similarity }, i) => {
    const gap = i === 0 ? 0 : (matches[i - 1]?.similarity ?? similarity) - similarity;
    if (gap > largest) [at, largest] = [i, gap];
  });
  return largest >= LARGE_GAP ? at : null;
}
