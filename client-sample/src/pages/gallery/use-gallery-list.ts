import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import type { GalleryPageQuery } from '../../gql/graphql';
import { galleryPageQuery } from './documents';
import type { ListVariables } from './gallery-lists';

/** Enough for the first screen of a large display. */
const FIRST = 100;
/** While scrolling along: loaded this far ahead of what is shown, in pages of this size. */
const AHEAD = 150;
const PAGE = 150;
/** After a jump far ahead: the most that the server gives at once. */
const LARGEST_PAGE = 500;

export type GalleryEdge = GalleryPageQuery['galleryImages']['edges'][number];
export type GalleryNode = GalleryEdge['node'];

export interface GalleryList {
  /** What has been loaded, from the beginning and without gaps. Null before the first answer. */
  readonly images: readonly GalleryNode[] | null;
  /** How many there are in all. */
  readonly total: number;
  /** Another filter or order is being loaded; `images` are still those of before. */
  readonly stale: boolean;
  readonly failure: Failure | null;
  /** A page further down could not be loaded. */
  readonly moreFailure: Failure | null;
  retry(): void;
  retryMore(): void;
  refetch(): void;
}

const NONE: readonly GalleryNode[] = [];

/**
 * The list that the address asks for, loaded page after page up to `needed` pictures and a little ahead. Pages are read
 * by cursor, so a jump far down loads what lies between, in large pages.
 */
export function useGalleryList({ filter, orderBy }: ListVariables, needed: number): GalleryList {
  const { data, previousData, error, networkStatus, fetchMore, refetch } = useQuery(galleryPageQuery, {
    variables: { first: FIRST, filter, orderBy },
    // What is known is shown at once; the first page is asked for again, in case something changed meanwhile.
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const list = (data ?? previousData)?.galleryImages;
  const images = useMemo(() => list?.edges.map(({ node }) => node) ?? null, [list?.edges]);
  const loaded = images?.length ?? 0;
  const hasMore = data?.galleryImages.pageInfo.hasNextPage === true;
  const after = data?.galleryImages.pageInfo.endCursor ?? null;

  const [moreError, setMoreError] = useState<{ readonly of: string; readonly error: unknown } | null>(null);
  const moreFailure = useMemo(
    () => (moreError !== null && moreError.of === after ? toFailure(moreError.error) : null),
    [moreError, after],
  );
  const [turn, setTurn] = useState(0);
  const loadingAfter = useRef<string | null>(null);

  useEffect(() => {
    const settled = networkStatus === NetworkStatus.ready || networkStatus === NetworkStatus.fetchMore;
    const enough = loaded >= needed + AHEAD;
    if (!hasMore || after === null || enough || !settled || moreFailure !== null) return;
    if (loadingAfter.current !== null) return;
    loadingAfter.current = after;
    const first = needed - loaded > PAGE ? LARGEST_PAGE : PAGE;
    fetchMore({ variables: { first, after } })
      .then(
        () => setMoreError(null),
        (reason: unknown) => setMoreError({ of: after, error: reason }),
      )
      .finally(() => {
        loadingAfter.current = null;
        setTurn((count) => count + 1);
      });
  }, [hasMore, after, loaded, needed, networkStatus, moreFailure, fetchMore, turn]);

  // Whatever changed while the server, or only the connection to it, was away.
  useEffect(
    () =>
      whenServerReturns(() => {
        setMoreError(null);
        refetch().catch(() => {}); // told by `error`
      }),
    [refetch],
  );

  const again = (): void => void refetch().catch(() => {});
  return {
    images: images ?? (list === undefined ? null : NONE),
    total: list === undefined ? 0 : list.pageInfo.hasNextPage ? Math.max(list.totalCount, loaded) : loaded,
    stale: data === undefined && previousData !== undefined,
    failure: useMemo(() => (error === undefined ? null : toFailure(error)), [error]),
    moreFailure,
    retry: again,
    retryMore: () => setMoreError(null),
    refetch: again,
  };
}
