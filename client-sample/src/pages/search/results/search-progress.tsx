import { useTranslation } from 'react-i18next';

interface SearchProgressProps {
  readonly searching: boolean;
  /** 0 to 1 while the picture is being sent; null while nobody knows how long it takes. */
  readonly sent: number | null;
}

/** A line below the heading; its place is kept when there is nothing to wait for. */
export function SearchProgress({ searching, sent }: SearchProgressProps) {
  const { t } = useTranslation();
  return (
    <div className="search-progress">
      {searching && (
        <div
          role="progressbar"
          aria-label={t('search.progress.searching')}
          className="progress"
          {...(sent !== null && {
            'aria-valuemin': 0,
            'aria-valuemax': 100,
            'aria-valuenow': Math.round(sent * 100),
          })}
        >
          <div
            className={`progress-bar ${sent === null ? 'progress-bar-striped progress-bar-animated' : ''}`}
            style={{ width: `${(sent ?? 1) * 100}%` }}
          />
        </div>
      )}
    </div>
  );
}
