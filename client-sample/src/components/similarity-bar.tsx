import { useTranslation } from 'react-i18next';
import type { Strength } from '../gql/graphql';
import { formatPercent } from '../lib/format';
import { strengthShare } from '../lib/strength';

interface SimilarityBarProps {
  readonly value: number;
  /** What it means with this model; null while that is not known. */
  readonly strength?: Strength | null;
  /** Share of random pairs that are less alike. */
  readonly percentile?: number | null;
}

/** A similarity as word and bar, its number on hover; as number and bar where nothing is known of its model's scale. */
export function SimilarityBar({ value, strength = null, percentile = null }: SimilarityBarProps) {
  const { t, i18n } = useTranslation();
  const percent = formatPercent(i18n.language, value);
  const known = strength !== null && percentile !== null;
  const width = known ? strengthShare(strength, percentile) : value;
  const title = known
    ? t('common.strengthOf', { percent, percentile: formatPercent(i18n.language, percentile) })
    : undefined;
  return (
    <div className="d-flex align-items-center gap-2 similarity" title={title}>
      <div className="progress similarity-bar" aria-hidden="true">
        <div
          className={`progress-bar ${known ? `strength-${strength.toLowerCase()}` : ''}`}
          style={{ width: `${width * 100}%` }}
        />
      </div>
      <span className="small tabular text-nowrap">
        <span className="visually-hidden">{t('common.similarity')} </span>
        {known ? t(`common.strength.${strength}`) : percent}
      </span>
    </div>
  );
}
