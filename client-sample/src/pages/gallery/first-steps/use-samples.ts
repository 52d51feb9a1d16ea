import { useApolloClient } from '@apollo/client/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { graphql } from '../../../gql';
import { isNew } from './is-new';

const sampleIdsQuery = graphql(`
  query SampleIds {
    status {
      sampleIds
    }
  }
`);

/** More than there are samples: such a gallery is not asked about. */
const MOST = 500;

/**
 * Ids of the samples while the gallery holds nothing else, else null. Asked for again whenever the gallery grows or
 * shrinks; until the answer comes, the earlier one stays, so that nothing flickers while the samples are being added.
 */
export function useSamples(
  ids: readonly string[],
  total: number,
  enabled: boolean,
): readonly string[] | null {
  const client = useApolloClient();
  const [samples, setSamples] = useState<readonly string[] | null>(null);
  const take = useEffectEvent((found: readonly string[] | undefined) =>
    setSamples(found !== undefined && isNew(ids, total, found) ? found : null),
  );
  const asks = enabled && total <= MOST;
  useEffect(() => {
    if (!asks) return;
    let current = true;
    client.query({ query: sampleIdsQuery, fetchPolicy: 'network-only' }).then(
      ({ data }) => {
        if (current) take(data?.status?.sampleIds);
      },
      () => {}, // the list reports it
    );
    return () => {
      current = false;
    };
  }, [client, asks, total]);
  return asks ? samples : null;
}
