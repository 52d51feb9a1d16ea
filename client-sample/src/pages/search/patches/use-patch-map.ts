import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import type { FragmentType } from '../../../gql';
import type { QueryInput } from '../query/run-search';
import { patchMapQuery, type patchGridFragment } from './documents';

interface PatchMap {
  readonly src: string;
  readonly grid: FragmentType<typeof patchGridFragment>;
}

export interface PatchMapState {
  readonly map: PatchMap | null;
  readonly loading: boolean;
  readonly failed: boolean;
}

const NOTHING: PatchMapState = { map: null, loading: false, failed: false };

/** The patch map of the query, once it is wanted: the server has to run the model for it. */
export function usePatchMap(input: QueryInput | null, wanted: boolean): PatchMapState {
  const client = useApolloClient();
  const [state, setState] = useState(NOTHING);
  const file = input !== null && 'file' in input ? input.file : null;
  const imageId = input !== null && 'imageId' in input ? input.imageId : null;
  const there = state.map !== null;
  useEffect(() => {
    if (!wanted || there || (file === null && imageId === null)) return;
    const abort = new AbortController();
    setState({ ...NOTHING, loading: true });
    client
      .query({
        query: patchMapQuery,
        variables: file === null ? { imageId } : { image: file },
        ...(file !== null && { fetchPolicy: 'no-cache' as const }), // all files look alike to a cache
        context: { queryDeduplication: false, fetchOptions: { signal: abort.signal } },
      })
      .then(({ data }) => {
        if (abort.signal.aborted) return;
        const { patchMap, patchGrid } = data?.imageAnalysis ?? {};
        setState(
          patchMap && patchGrid
            ? { ...NOTHING, map: { src: patchMap, grid: patchGrid } }
            : { ...NOTHING, failed: true },
        );
      })
      .catch(() => {
        if (!abort.signal.aborted) setState({ ...NOTHING, failed: true });
      });
    return () => abort.abort();
  }, [client, wanted, there, file, imageId]);
  return state;
}
