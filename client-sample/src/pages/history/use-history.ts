import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import type { HistoryQuery } from '../../gql/graphql';
import { historyQuery } from './documents';

const PAGE = 24;

export interface History {
  /** Null before the first answer. */
  readonly searches: readonly NonNullable<HistoryQuery['searchHistory']>['edges'][number]['node'][] | null;
  readonly total: number;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  loadMore(): void;
  refetch(): void;
}

/** This visitor's searches, newest first, page after page. */
export function useHistory(): History {
  const { data, error, networkStatus, fetchMore, refetch } = useQuery(historyQuery, {
    variables: { first: PAGE },
    // What is known is shown at once; searches made since then come with the answer.
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const [moreFailure, setMoreFailure] = useState<Failure | null>(null);
  const again = useCallback(() => {
    setMoreFailure(null);
    refetch().catch(() => {}); // shown by way of `error`
  }, [refetch]);
  useEffect(() => whenServerReturns(again), [again]);

  const list = data?.searchHistory;
  const after = list?.pageInfo.endCursor ?? null;
  const asked = useRef<string | null>(null);
  const loadMore = useCallback(() => {
    if (after === null || asked.current === after || networkStatus !== NetworkStatus.ready) return;
    asked.current = after;
    fetchMore({ variables: { after } })
      .catch((reason: unknown) => setMoreFailure(toFailure(reason)))
      .finally(() =>
        // Apollo tells of the longer list in a task of its own; until then this page is not asked for again.
        setTimeout(() => {
          asked.current = null;
        }),
      );
  }, [after, networkStatus, fetchMore]);

  return {
    searches: list?.edges.map(({ node }) => node) ?? null,
    total: list?.totalCount ?? 0,
    hasMore: list?.pageInfo.hasNextPage === true && moreFailure === null,
    failure: error === undefined ? moreFailure : toFailure(error),
    loadMore,
    refetch: again,
  };
}
