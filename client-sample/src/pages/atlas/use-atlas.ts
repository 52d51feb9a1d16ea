import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo } from 'react';
import { graphql } from '../../gql';
import type { AtlasQuery } from '../../gql/graphql';
import type { Point } from './atlas-map';

const atlasQuery = graphql(`
  query Atlas {
    atlas {
      state
      spaceId
      method
      computedAt
      ids
      coordinates
      missing
    }
  }
`);

const POLL_MS = 2000;

/** The layout, asked for again while it is being computed. */
export function useAtlas(): {
  readonly atlas: NonNullable<AtlasQuery['atlas']> | undefined;
  readonly points: readonly Point[];
  readonly error: Error | undefined;
  readonly refetch: () => void;
} {
  const { data, error, refetch, startPolling, stopPolling } = useQuery(atlasQuery, {
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: false,
  });
  const atlas = data?.atlas ?? undefined;
  const busy = atlas?.state === 'COMPUTING' || atlas?.state === 'REFRESHING';
  usePolling(busy, startPolling, stopPolling);
  const points = useMemo(
    () =>
      (atlas?.ids ?? []).map((id, i) => ({
        id,
        x: atlas?.coordinates[2 * i] ?? 0,
        y: atlas?.coordinates[2 * i + 1] ?? 0,
      })),
    [atlas],
  );
  return { atlas, points, error, refetch: () => void refetch() };
}

function usePolling(active: boolean, start: (ms: number) => void, stop: () => void): void {
  useEffect(() => {
    if (!active) return;
    start(POLL_MS);
    return stop;
  }, [active, start, stop]);
}
