import { useApolloClient, useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import { galleryListQuery, galleryPageQuery } from './documents';
import type { ListVariables } from './gallery-lists';

/** Enough for the first screen on a large display. */
const FIRST = 100;
/** While scrolling: loaded this far ahead of what is shown, in pages of this size. */
const AHEAD = 150;
const PAGE = 150;
/** After a jump far ahead: the largest page that the server allows. */
const LARGEST_PAGE = 500;

/** A page that the server gave. */
export interface LoadedPage {
  /** Of the gallery: every change up to it is in the page. */
  readonly revision: string;
  /** Whether it is the first page of a list. */
  readonly isFirst: boolean;
}

export interface GalleryList {
  /** Ids of what has been loaded, from the beginning and without gaps. Null before the first answer. */
  readonly ids: readonly string[] | null;
  /** How many pictures there are in all. */
  readonly total: number;
  /** Another filter or order is being loaded; `ids` are still the earlier ones. */
  readonly stale: boolean;
  readonly failure: Failure | null;
  /** The latest page. Null before the first answer. */
  readonly page: LoadedPage | null;
  retry(): void;
  refetch(): void;
}

interface Trouble {
  /** The list and the cursor that could not be loaded. */
  readonly at: string;
  readonly failure: Failure;
}

/**
 * The list that the address asks for, loaded page after page up to `needed` pictures and a little ahead. Pages are read
 * by cursor, so a jump far down loads what lies between, in large pages.
 */
export function useGalleryList(asked: ListVariables, needed: number, gone: ReadonlySet<string>): GalleryList {
  const client = useApolloClient();
  // The same list is the same, whichever object names it.
  const key = JSON.stringify(asked);
  const variables = useMemo(() => JSON.parse(key) as ListVariables, [key]);
  const { data, previousData } = useQuery(galleryListQuery, { variables, fetchPolicy: 'cache-only' });
  const known = data?.galleryImages;
  const shown = known ?? previousData?.galleryImages ?? undefined;
  const ids = useMemo(() => shown?.edges.map(({ node }) => node.id) ?? null, [shown?.edges]);
  const loaded = known == null ? 0 : (ids?.length ?? 0);
  const after = known?.pageInfo.endCursor ?? null;
  const hasMore = known?.pageInfo.hasNextPage === true;

  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const place = `${key} ${after ?? ''}`;
  const failure = trouble !== null && trouble.at === place ? trouble.failure : null;
  const underWay = useRef<AbortController>(null);
  const [latest, setLatest] = useState<LoadedPage | null>(null);
  /** Counts the answers, so that the next page is asked for after each. */
  const [answers, setAnswers] = useState(0);

  /**
   * Asks for a page and joins it to the list in the cache (see `joinedConnection`). `fetchMore` would do the same, but
   * read and compare the whole list several times for each page of it.
   */
  const load = useCallback(
    async (first: number, from: string | null): Promise<void> => {
      underWay.current?.abort();
      const request = new AbortController();
      underWay.current = request;
      const page = { ...variables, first, after: from };
      try {
        const answer = await client.query({
          query: galleryPageQuery,
          variables: page,
          fetchPolicy: 'no-cache',
          context: { fetchOptions: { signal: request.signal }, queryDeduplication: false },
        });
        if (request.signal.aborted) return;
        setTrouble(null);
        const connection = answer.data?.galleryImages;
        if (connection != null) {
          // The page may be older than a removal.
          const edges = connection.edges.filter(({ node }) => !gone.has(node.id));
          const data = { galleryImages: { ...connection, edges } };
          client.writeQuery({ query: galleryPageQuery, variables: page, data });
          setLatest({ revision: connection.revision, isFirst: from === null });
        } else if (answer.data)
          client.writeQuery({ query: galleryPageQuery, variables: page, data: answer.data });
      } catch (error) {
        if (request.signal.aborted) return;
        setTrouble({ at: `${JSON.stringify(variables)} ${from ?? ''}`, failure: toFailure(error) });
      }
      if (underWay.current === request) underWay.current = null;
      setAnswers((count) => count + 1);
    },
    [client, variables, gone],
  );

  // What is known is shown at once; the first page is requested anyway, in case something has changed.
  useEffect(() => {
    void load(FIRST, null);
    return () => underWay.current?.abort();
  }, [load]);

  useEffect(() => {
    if (!hasMore || after === null || failure !== null || underWay.current !== null) return;
    if (loaded >= needed + AHEAD) return;
    void load(needed - loaded > PAGE ? LARGEST_PAGE : PAGE, after);
  }, [load, hasMore, after, loaded, needed, failure, answers]);

  const refetch = useCallback(() => void load(FIRST, null), [load]);
  // Catches up with what changed while the server, or the connection to it, was away.
  const onReturn = useEffectEvent(refetch);
  useEffect(() => whenServerReturns(() => onReturn()), []);

  return {
    ids,
    total: shown === undefined ? 0 : shown.pageInfo.hasNextPage ? shown.totalCount : (ids?.length ?? 0),
    stale: known == null && shown !== undefined,
    failure,
    page: latest,
    retry: () => {
      setTrouble(null);
      if (known == null) refetch();
    },
    refetch,
  };
}
