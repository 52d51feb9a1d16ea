import { useApolloClient, useMutation } from '@apollo/client/react';
import { useMemo, useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { toFailure } from '../../api/errors';
import { EmptyState } from '../../components/empty-state';
import { AskDialog } from '../../components/ask-dialog';
import { ErrorNotice } from '../../components/error-notice';
import { useUndoable } from '../../components/use-undoable';
import { formatDay, formatNumber } from '../../lib/format';
import { usePageTitle } from '../../lib/page-title';
import { useWhenVisible } from '../../lib/use-when-visible';
import '../../styles/history.css';
import { clearHistoryMutation, removeSearchesMutation } from './documents';
import { HistoryEntry } from './history-entry';
import { HistorySkeleton } from './history-skeleton';
import { useHistory, type History } from './use-history';

type Search = NonNullable<History['nodes']>[number];

export function HistoryPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('history.title'));
  const history = useHistory();
  const { nodes: searches, total, failure } = history;
  const heading = useRef<HTMLHeadingElement>(null);
  const removeSearch = useRemoveSearch();
  const [clearing, setClearing] = useState(false);
  const [clear, clearState] = useMutation(clearHistoryMutation, {
    update: (cache) => cache.evict({ id: 'ROOT_QUERY', fieldName: 'searchHistory' }),
  });

  const end = useRef<HTMLDivElement>(null);
  useWhenVisible(end, history.loadMore, history.loadMore);
  const days = useMemo(() => byDay(searches ?? [], i18n.language), [searches, i18n.language]);

  return (
    <Container fluid="xxl" className="history page-width py-4">
      <div className="history-head">
        <h1 className="h3 mb-0" ref={heading} tabIndex={-1}>
          {t('history.title')}
        </h1>
        <p className="text-body-secondary mb-0 tabular" role="status">
          {searches !== null &&
            t('history.count', { count: total, number: formatNumber(i18n.language, total) })}
        </p>
        {searches !== null && searches.length > 0 && (
          <Button
            variant="outline-secondary"
            size="sm"
            className="ms-auto"
            onClick={() => {
              clearState.reset();
              setClearing(true);
            }}
          >
            {t('history.clear')}
          </Button>
        )}
      </div>
      <p className="text-body-secondary">{t('history.hint')}</p>

      {searches === null && failure === null && <HistorySkeleton />}
      {searches?.length === 0 && failure === null && (
        <EmptyState title={t('history.empty')}>
          <p>{t('history.emptyHint')}</p>
          <Link className="btn btn-primary" to="/">
            {t('history.toSearch')}
          </Link>
        </EmptyState>
      )}
      {days.map(({ day, entries }) => (
        <section key={day} aria-label={day}>
          <h2 className="history-day">{day}</h2>
          {entries.map((search) => (
            <HistoryEntry
              key={search.id}
              entry={search}
              onRemove={() => {
                removeSearch(search.id);
                // The button that had the focus is gone.
                heading.current?.focus({ preventScroll: true });
              }}
            />
          ))}
        </section>
      ))}
      {failure !== null && <ErrorNotice failure={failure} onRetry={history.refetch} />}
      {history.hasMore && <HistorySkeleton rows={2} />}
      <div ref={end} />

      {clearing && (
        <AskDialog
          title={t('history.clearTitle')}
          action={t('history.clearAll')}
          variant="danger"
          busy={clearState.loading}
          onHide={() => setClearing(false)}
          onAction={() => {
            clear().then(
              () => setClearing(false),
              () => {}, // shown below
            );
          }}
        >
          <p className="mb-0">
            {t('history.clearQuestion', { count: total, number: formatNumber(i18n.language, total) })}
          </p>
          {clearState.error !== undefined && (
            <div className="mt-3">
              <ErrorNotice failure={toFailure(clearState.error)} />
            </div>
          )}
        </AskDialog>
      )}
    </Container>
  );
}

/** The searches of each day together, in the order they have. */
function byDay(searches: readonly Search[], locale: string) {
  const days: { readonly day: string; readonly entries: Search[] }[] = [];
  for (const search of searches) {
    const day = formatDay(locale, search.createdAt);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(search);
    else days.push({ day, entries: [search] });
  }
  return days;
}

/** Hidden at once; forgotten by the server when the time to undo it has passed. */
function useRemoveSearch(): (id: string) => void {
  const client = useApolloClient();
  const { t } = useTranslation();
  const undoable = useUndoable();
  return (id) =>
    undoable({
      message: t('history.removed'),
      failed: t('history.removeFailed'),
      mutate: (context) =>
        client.mutate({
          mutation: removeSearchesMutation,
          variables: { ids: [id] },
          context: { ...context },
          optimisticResponse: { removeSearches: { __typename: 'RemoveSearchesPayload', removedCount: 1 } },
          // The list leaves out what is not in the cache (see `joinedConnection`).
          update: (cache) => {
            const key = cache.identify({ __typename: 'SearchRecord', id });
            if (key !== undefined) cache.modify({ id: key, fields: (_value, { DELETE }) => DELETE });
          },
        }),
    });
}
