import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import { jobCardFragment } from '../../components/job-card';
import { readFragment } from '../../gql';
import { isRunning } from '../../lib/job-state';
import type { SpacesQuery, StatusQuery } from '../../gql/graphql';
import { useDocumentVisible } from '../../lib/use-document-visible';
import { spacesQuery, statusQuery } from './documents';

const BUSY_MS = 2000;
const IDLE_MS = 10_000;

interface Status {
  readonly status: NonNullable<StatusQuery['status']> | null;
  readonly spaces: NonNullable<SpacesQuery['status']> | null;
  readonly failure: Failure | null;
  refetch(): void;
}

/** The server's status as it goes on: asked for often while it works, seldom while it rests, never while nobody looks. */
export function useStatus(): Status {
  const visible = useDocumentVisible();
  const main = useQuery(statusQuery, { fetchPolicy: 'cache-and-network' });
  const more = useQuery(spacesQuery, { fetchPolicy: 'cache-and-network' });
  const status = main.data?.status ?? null;
  const spaces = more.error === undefined ? (more.data?.status ?? null) : null;

  const working =
    status !== null &&
    (status.index.rebuilding ||
      status.embedder.queued + status.embedder.running > 0 ||
      spaces?.modelSwitch != null ||
      status.jobs.edges.some(({ node }) => isRunning(readFragment(jobCardFragment, node).state)));
  const { refetch } = main;
  const { refetch: refetchMore } = more;
  // Not asked again where it is not known; `error` is of another kind while the server is away.
  const knowsMore = more.error === undefined || toFailure(more.error).key !== 'PROTOCOL';

  useEffect(() => {
    if (!visible) return;
    const ask = (): void => {
      refetch().catch(() => {}); // shown by way of `error`
      if (knowsMore) refetchMore().catch(() => {});
    };
    const timer = setInterval(ask, working ? BUSY_MS : IDLE_MS);
    const end = whenServerReturns(ask);
    return () => {
      clearInterval(timer);
      end();
    };
  }, [visible, working, knowsMore, refetch, refetchMore]);

  return {
    status,
    spaces,
    failure: main.error === undefined ? null : toFailure(main.error),
    refetch: () => void refetch().catch(() => {}),
  };
}
