import type { MatchExplanation } from './use-explanation';

/** More would hide the picture. */
const MOST = 6;
/** Fractions of the picture: nearer ones say the same. */
const APART = 0.12;

interface PairMarksProps {
  readonly pairs: MatchExplanation['pairs'];
  readonly of: 'query' | 'match';
}

/** Numbers on the parts that correspond most: the same number on both pictures. */
export function PairMarks({ pairs, of }: PairMarksProps) {
  return chosen(pairs).map((pair, i) => (
    <span
      key={i}
      className="pair-mark"
      style={{ left: `${pair[of].x * 100}%`, top: `${pair[of].y * 100}%` }}
      aria-hidden="true"
    >
      {i + 1}
    </span>
  ));
}

/** The best pairs that lie apart in both pictures. */
function chosen(pairs: MatchExplanation['pairs']): MatchExplanation['pairs'] {
  const far = (a: { x: number; y: number }, b: { x: number; y: number }): boolean =>
    Math.hypot(a.x - b.x, a.y - b.y) > APART;
  const found: MatchExplanation['pairs'][number][] = [];
  for (const pair of pairs) {
    if (found.length === MOST) break;
    if (found.every((one) => far(one.query, pair.query) && far(one.match, pair.match))) found.push(pair);
  }
  return found;
}
