import { useTranslation } from 'react-i18next';

/** Where searches will be. */
export function HistorySkeleton({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="history-entry placeholder-glow" aria-hidden="true">
          <span className="history-query placeholder" />
          <div className="history-facts">
            <span className="placeholder col-9" />
            <span className="placeholder col-6" />
          </div>
          <div className="history-matches-place">
            <div className="history-matches">
              {Array.from({ length: 4 }, (_unused, i) => (
                <span key={i} className="history-match-place placeholder" />
              ))}
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}
