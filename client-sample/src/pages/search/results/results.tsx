import { Fragment } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state';
import { ErrorNotice } from '../../../components/error-notice';
import { readFragment, type FragmentType } from '../../../gql';
import { formatDuration, formatNumber, formatPercent } from '../../../lib/format';
import { weakerFrom } from '../../../lib/strength';
import { writeView, type SearchView } from '../address/search-address';
import { resultCardFragment } from '../documents';
import type { Search } from '../query/use-search';
import { frameRatio } from './frame-ratio';
import { ResultCard } from './result-card';
import { SaveAlbum, type SavedSearch } from './save-album';
import { SearchProgress } from './search-progress';

export type Match = FragmentType<typeof resultCardFragment>;

interface ResultsProps {
  readonly search: Search;
  readonly view: SearchView;
  /** Null before there is an answer. */
  readonly matches: readonly Match[] | null;
  /** Those of them that reach the minimum. */
  readonly passing: readonly Match[];
  readonly minimum: number;
  readonly sha256: string | null;
  readonly totalMs: number | null;
  readonly gallerySize: number | undefined;
  /** What would be saved as an album; null while there is nothing to save. */
  readonly saved: SavedSearch | null;
  readonly compared: string | null;
  readonly onCompare: ((id: string) => void) | null;
  readonly onOpen: (id: string) => void;
  readonly onAnySimilarity: () => void;
  readonly onAnyTags: () => void;
}

/** The matches, or why there are none. */
export function Results(props: ResultsProps) {
  const { search, view, matches, passing, sha256, saved, compared, onCompare, onOpen, onAnySimilarity } =
    props;
  const { t } = useTranslation();
  const { searching, failure, cancelled, sent } = search;
  const summary = useSummary(props);
  const offline = failure?.code === 'NETWORK';
  const weaker = weakerFrom(passing.map((match) => readFragment(resultCardFragment, match)));
  const empty = matches !== null && passing.length === 0 && !searching && failure === null;

  return (
    <section className="search-results" aria-labelledby="results-title" aria-busy={searching}>
      <div className="search-head">
        <h2 className="h5 mb-0" id="results-title">
          {t('search.results.title')}
        </h2>
        <p className="small text-body-secondary mb-0 tabular" role="status">
          {summary}
        </p>
        {searching && (
          <Button size="sm" variant="link" className="ms-auto py-0" onClick={search.cancel}>
            {t('common.cancel')}
          </Button>
        )}
        {!searching && saved !== null && <SaveAlbum {...saved} />}
      </div>
      <SearchProgress searching={searching} sent={sent} />
      {failure !== null && !offline && (
        <ErrorNotice failure={failure} onRetry={failure.retryable ? search.retry : undefined} />
      )}
      {offline && matches === null && <EmptyState title={t('search.progress.waiting')} />}
      {cancelled && (
        <EmptyState title={t('search.progress.cancelled')}>
          <Button variant="outline-primary" onClick={search.retry}>
            {t('search.progress.again')}
          </Button>
        </EmptyState>
      )}
      {empty && <NoMatches {...props} />}
      {matches === null && searching && <ResultSkeleton count={Math.min(view.count, 12)} />}
      {matches !== null && (
        <ol
          className={`result-grid ${searching ? 'stale' : ''}`}
          style={{ ['--ratio' as string]: frameRatio(matches.map(imageOf)) }}
        >
          {passing.map((match, i) => {
            const { id, sha256: hash } = imageOf(match);
            return (
              <Fragment key={id}>
                {i === weaker && <li className="result-weaker">{t('search.results.weaker')}</li>}
                <ResultCard
                  match={match}
                  same={hash === sha256}
                  compared={compared === id}
                  eager={i < 6}
                  moreLike={`/${writeView({ ...view, source: { kind: 'image', id }, shown: null })}`}
                  onOpen={onOpen}
                  onCompare={onCompare}
                />
              </Fragment>
            );
          })}
        </ol>
      )}
      {matches !== null && passing.length > 0 && passing.length < matches.length && (
        <p className="text-center mt-3">
          <Button variant="link" size="sm" onClick={onAnySimilarity}>
            {t('search.results.showAll')}
          </Button>
        </p>
      )}
    </section>
  );
}

export const imageOf = (match: Match) => readFragment(resultCardFragment, match).image;

function useSummary({ search, matches, passing, minimum, totalMs }: ResultsProps): string {
  const { t, i18n } = useTranslation();
  const number = (value: number): string => formatNumber(i18n.language, value);
  if (search.searching) {
    return search.sent === null
      ? t('search.progress.searching')
      : t('search.progress.sending', { percent: formatPercent(i18n.language, search.sent, 0) });
  }
  if (matches === null || matches.length === 0 || search.failure !== null) return '';
  if (passing.length < matches.length) {
    return t('search.results.some', {
      shown: number(passing.length),
      number: number(matches.length),
      hidden: number(matches.length - passing.length),
      minimum: formatPercent(i18n.language, minimum, 0),
    });
  }
  return t('search.results.summary', {
    count: matches.length,
    number: number(matches.length),
    time: totalMs === null ? '…' : formatDuration(i18n.language, totalMs),
  });
}

/** Why no picture is shown, and what to do about it. */
function NoMatches(props: ResultsProps) {
  const { matches, minimum, view, gallerySize, onAnySimilarity, onAnyTags } = props;
  const { t, i18n } = useTranslation();
  const best = matches?.[0];
  if (best !== undefined) {
    return (
      <EmptyState
        title={t('search.results.noneAbove', {
          minimum: formatPercent(i18n.language, minimum, 0),
          best: formatPercent(i18n.language, readFragment(resultCardFragment, best).similarity),
        })}
      >
        <Button variant="outline-primary" onClick={onAnySimilarity}>
          {t('search.results.showAll')}
        </Button>
      </EmptyState>
    );
  }
  if (view.tags.length > 0) {
    return (
      <EmptyState title={t('search.results.noneTagged')}>
        <Button variant="outline-primary" onClick={onAnyTags}>
          {t('search.results.noneTaggedAction')}
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={t(
        gallerySize === 0
          ? 'search.results.emptyGallery'
          : view.source?.kind === 'image'
            ? 'search.results.onlyOne'
            : 'search.results.none',
      )}
    />
  );
}

/** The place of the matches while they are not there yet: of the size they will have. */
function ResultSkeleton({ count }: { readonly count: number }) {
  return (
    <div className="result-grid" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="result">
          <div className="result-picture skeleton" />
          <div className="skeleton-line" />
          <div className="skeleton-line short" />
        </div>
      ))}
    </div>
  );
}
