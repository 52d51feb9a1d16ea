import { NetworkStatus, type OperationVariables, type TypedDocumentNode } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { toFailure, type Failure } from './errors';
import { whenServerReturns } from './reachability';

/** As much of a Relay connection as is read here. */
interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

export interface ConnectionPages<List extends Connection<unknown>> {
  /** The whole list so far; null before the first answer. */
  readonly list: List | null;
  readonly nodes: readonly List['edges'][number]['node'][] | null;
  readonly total: number;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  loadMore(): void;
  refetch(): void;
}

/**
 * A list of the server, page after page. What is known is shown at once, and what has been added since comes with the answer.
 * @param query with the variables `first` and `after`
 * @param listOf must stay the same function
 */
export function useConnection<Data, Variables extends OperationVariables, List extends Connection<unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  listOf: (data: Data) => List | null | undefined,
): ConnectionPages<List> {
  const { data, error, networkStatus, fetchMore, refetch } = useQuery<Data, OperationVariables>(query, {
    variables,
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const [moreFailure, setMoreFailure] = useState<Failure | null>(null);
  const again = useCallback(() => {
    setMoreFailure(null);
    refetch().catch(() => {}); // shown by way of `error`
  }, [refetch]);
  useEffect(() => whenServerReturns(again), [again]);

  const list = data === undefined ? null : (listOf(data) ?? null);
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
    list,
    nodes: list?.edges.map(({ node }) => node) ?? null,
    total: list?.totalCount ?? 0,
    hasMore: list?.pageInfo.hasNextPage === true && moreFailure === null,
    failure: error === undefined ? moreFailure : toFailure(error),
    loadMore,
    refetch: again,
  };
}
