import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { toFailure, type Failure } from '../../../api/errors';
import { isServerReachable, whenServerReturns } from '../../../api/reachability';
import type { GalleryFilter } from '../../../gql/graphql';
import type { Source } from '../address/search-address';
import { searchFactsQuery, searchMatchesQuery } from '../documents';
import type { LimitsOf } from '../start/use-limits';
import { searchByImage } from './query-files';
import { runSearch, tooLarge, whyFailed, type QueryInput } from './run-search';

interface SearchArgs {
  readonly source: Source;
  /** What to search by when the server does not know this search (yet); undefined while that is being found out. */
  readonly input: QueryInput | null | undefined;
  readonly topK: number;
  readonly filter: GalleryFilter | null;
  readonly limits: LimitsOf;
  /** The server has given the search of the input an id. */
  readonly onSearched: (id: string) => void;
}

type Run =
  | { readonly state: 'idle' }
  /** `sent` is null when nothing is sent that would take time. */
  | { readonly state: 'running'; readonly sent: number | null }
  | { readonly state: 'failed'; readonly failure: Failure };

const IDLE: Run = { state: 'idle' };

/**
 * The matches of a query. At first by the picture itself, which is sent once; after that by the id of the search,
 * whose answers are in the cache when one comes back to it.
 */
export function useSearch({ source, input, topK, filter, limits, onSearched }: SearchArgs) {
  const client = useApolloClient();
  const [known, setKnown] = useState<string | null>(() =>
    source.kind === 'search'
      ? source.id
      : source.kind === 'image'
        ? (searchByImage.get(source.id) ?? null)
        : null,
  );
  const [run, setRun] = useState<Run>(IDLE);
  const [cancelled, setCancelled] = useState(false);
  const [attempt, setAttempt] = useState(0);

  // Coming back to a search shows what it found then, and asks what it finds in the gallery as it is now.
  const [revisited] = useState(known !== null);
  const matches = useQuery(searchMatchesQuery, {
    variables: { id: known ?? '', topK, filter },
    skip: known === null || cancelled,
    fetchPolicy: revisited ? 'cache-and-network' : 'cache-first',
    nextFetchPolicy: 'cache-first',
  });
  const gone = known !== null && matches.data?.search === null && !matches.loading;
  const facts = useQuery(searchFactsQuery, {
    variables: { id: known ?? '' },
    skip: known === null || gone || cancelled,
  });

  const start = useEffectEvent(async (abort: AbortController) => {
    if (input == null) return;
    const refused = tooLarge(input, limits?.maxUploadBytes);
    if (refused !== null) {
      setRun({ state: 'failed', failure: refused });
      return;
    }
    const { signal } = abort;
    setRun({ state: 'running', sent: 'file' in input ? 0 : null });
    try {
      const id = await runSearch(client, {
        input,
        topK,
        filter,
        signal,
        onProgress: (sent) => !signal.aborted && setRun({ state: 'running', sent: sent < 1 ? sent : null }),
      });
      if (signal.aborted) return;
      if (source.kind === 'image') searchByImage.set(source.id, id);
      setKnown(id);
      setRun(IDLE);
      onSearched(id);
    } catch (error) {
      if (signal.aborted) return;
      const failure = await whyFailed(error, input);
      if (!signal.aborted) setRun({ state: 'failed', failure });
    }
  });

  const begin = input != null && (known === null || gone) && !cancelled;
  useEffect(() => {
    if (!begin) return;
    const abort = new AbortController();
    void start(abort);
    return () => abort.abort();
  }, [begin, attempt]);

  const failure =
    run.state === 'failed' ? run.failure : matches.error === undefined ? null : toFailure(matches.error);
  const retry = (): void => {
    setCancelled(false);
    setRun(IDLE);
    if (matches.error !== undefined) void matches.refetch();
    setAttempt((before) => before + 1);
  };

  // What failed for want of a server is done again when there is one.
  const offline = failure?.code === 'NETWORK';
  const goOn = useEffectEvent(retry);
  useEffect(() => {
    if (!offline) return;
    // It may have come back before this was noticed.
    const timer = isServerReachable() ? setTimeout(() => goOn(), 1500) : undefined;
    const stop = whenServerReturns(() => goOn());
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [offline]);

  const there = matches.data?.search ?? matches.previousData?.search ?? null;
  const starting = begin && run.state !== 'failed';
  return {
    /** Null until the server has given one. */
    id: gone ? null : known,
    matches: gone ? null : (there?.matches ?? null),
    facts: facts.data?.search?.analysis ?? facts.previousData?.search?.analysis ?? null,
    searching:
      !cancelled &&
      (starting ||
        (matches.loading && matches.data === undefined) ||
        (known === null && input === undefined)),
    /** 0 to 1 while the picture is being sent. */
    sent: run.state === 'running' ? run.sent : null,
    failure,
    cancelled,
    /** Neither the server nor this browser has what it takes. */
    gone: !starting && !cancelled && failure === null && input === null && (gone || known === null),
    cancel: () => {
      setCancelled(true);
      setRun(IDLE);
    },
    retry,
    /** Against the gallery as it is now. */
    refresh: () => void matches.refetch(),
  };
}

export type Search = ReturnType<typeof useSearch>;
