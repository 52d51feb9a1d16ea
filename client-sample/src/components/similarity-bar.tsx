import { useTranslation } from 'react-i18next';
import { formatPercent } from '../lib/format';

/** A similarity as number and bar. */
export function SimilarityBar({ value }: { readonly value: number }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="d-flex align-items-center gap-2 similarity">
      <div className="progress flex-grow-1 similarity-bar" aria-hidden="true">
        <div className="progress-bar" style={{ width: `${value * 100}%` }} />
      </div>
      <span className="small tabular">
        <span className="visually-hidden">{t('common.similarity')} </span>
        {formatPercent(i18n.language, value)}
      </span>
    </div>
  );
}
