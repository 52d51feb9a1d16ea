import { useTranslation } from 'react-i18next';

/** Where the cards will be. */
export function StatusSkeleton() {
  const { t } = useTranslation();
  return (
    <div className="status-grid" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: 6 }, (_, card) => (
        <div key={card} className="status-card placeholder-glow" aria-hidden="true">
          <span className="placeholder col-4 mb-3" />
          {Array.from({ length: 5 }, (_unused, line) => (
            <span key={line} className="placeholder placeholder-sm col-12 mb-2" />
          ))}
        </div>
      ))}
    </div>
  );
}
