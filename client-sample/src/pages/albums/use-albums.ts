import { NetworkStatus } from '@apollo/client';
import { useQuery, useSubscription } from '@apollo/client/react';
import { useCallback, useEffect, useState } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import type { AlbumsQuery } from '../../gql/graphql';
import { albumsChangedSubscription, albumsQuery } from './documents';

const PAGE = 50;

export interface Albums {
  /** Null before the first answer. */
  readonly albums: readonly NonNullable<AlbumsQuery['albums']>['edges'][number]['node'][] | null;
  readonly total: number;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  loadMore(): void;
  refetch(): void;
}

/** The albums by name, page after page; what another window changes is seen at once. */
export function useAlbums(): Albums {
  const { data, error, networkStatus, fetchMore, refetch } = useQuery(albumsQuery, {
    variables: { first: PAGE },
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const [moreFailure, setMoreFailure] = useState<Failure | null>(null);
  const again = useCallback(() => {
    setMoreFailure(null);
    refetch().catch(() => {}); // shown by way of `error`
  }, [refetch]);
  useEffect(() => whenServerReturns(again), [again]);

  const list = data?.albums;
  // The first known one: with any other, the subscription would start again.
  const [since, setSince] = useState<string | null>(null);
  if (since === null && list != null) setSince(list.revision);
  useSubscription(albumsChangedSubscription, {
    variables: { since },
    skip: since === null,
    ignoreResults: true,
    // A new name changes the order, too; one that was changed is in the cache already.
    onData: () => again(),
  });

  const after = list?.pageInfo.endCursor ?? null;
  const loadMore = useCallback(() => {
    if (after === null || networkStatus !== NetworkStatus.ready) return;
    fetchMore({ variables: { after } }).catch((reason: unknown) => setMoreFailure(toFailure(reason)));
  }, [after, networkStatus, fetchMore]);

  return {
    albums: list?.edges.map(({ node }) => node) ?? null,
    total: list?.totalCount ?? 0,
    hasMore: list?.pageInfo.hasNextPage === true && moreFailure === null,
    failure: error === undefined ? moreFailure : toFailure(error),
    loadMore,
    refetch: again,
  };
}
