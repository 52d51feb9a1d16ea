import { useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent, useMemo } from 'react';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import { isAboutCaller, toFailure, type Failure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import type { LibrariesQuery } from '../../gql/graphql';
import { useDocumentVisible } from '../../lib/use-document-visible';
import { librariesQuery } from './documents';

const BUSY_MS = 1000;
const IDLE_MS = 4000;

type Node = NonNullable<LibrariesQuery['libraries']>['edges'][number]['node'];

/** What may be absent is null. */
export type Library = {
  readonly [Field in keyof Node]-?: undefined extends Node[Field]
    ? Exclude<Node[Field], undefined> | null
    : Node[Field];
};

const toLibrary = (node: Node): Library => ({
  ...node,
  __typename: 'Library',
  problemCode: node.problemCode ?? null,
  scannedAt: node.scannedAt ?? null,
  scan: node.scan ?? null,
  removal: node.removal ?? null,
});

export interface Libraries {
  /** Null before there is an answer, and for those who may not see them. */
  readonly libraries: readonly Library[] | null;
  readonly failure: Failure | null;
  /** @throws when it is refused */
  readonly refetch: () => Promise<void>;
}

/** Every library with its running jobs, also those started elsewhere. */
export function useLibraries(): Libraries {
  const visible = useDocumentVisible();
  const { data, previousData, error, refetch } = useQuery(librariesQuery, {
    fetchPolicy: 'cache-and-network',
    context: AS_ADMINISTRATOR,
  });
  const failure = error === undefined ? null : toFailure(error);
  // While the server is away, the last answer is shown.
  const edges =
    failure !== null && isAboutCaller(failure) ? undefined : (data ?? previousData)?.libraries?.edges;
  const libraries = useMemo(() => edges?.map(({ node }) => toLibrary(node)) ?? null, [edges]);
  const busy = libraries?.some(({ scan, removal }) => scan !== null || removal !== null) ?? false;

  const ask = useEffectEvent(() => {
    refetch().catch(() => {}); // shown by way of `error`
  });
  const refused = failure !== null && !failure.retryable;
  useEffect(() => {
    if (!visible || refused) return;
    const timer = setInterval(() => ask(), busy ? BUSY_MS : IDLE_MS);
    const end = whenServerReturns(() => ask());
    return () => {
      clearInterval(timer);
      end();
    };
  }, [visible, busy, refused]);

  return {
    libraries,
    failure,
    refetch: async () => {
      await refetch();
    },
  };
}
