import ProgressBar from 'react-bootstrap/ProgressBar';
import { useTranslation } from 'react-i18next';
import { formatPercent } from '../lib/format';

/** A similarity as number and bar. */
export function SimilarityBar({ value }: { readonly value: number }) {
  const { t, i18n } = useTranslation();
  const text = formatPercent(i18n.language, value);
  return (
    <div className="d-flex align-items-center gap-2 similarity">
      <ProgressBar
        now={value * 100}
        className="flex-grow-1 similarity-bar"
        aria-label={t('common.similarity')}
        title={text}
      />
      <span className="small tabular">{text}</span>
    </div>
  );
}
