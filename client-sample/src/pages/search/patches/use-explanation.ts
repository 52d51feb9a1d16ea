import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { toFailure, type Failure } from '../../../api/errors';
import { readFragment } from '../../../gql';
import type { ExplanationFragment, GalleryFilter } from '../../../gql/graphql';
import type { QueryInput } from '../query/run-search';
import {
  explanationFragment,
  explanationQuery,
  forgetSearchMutation,
  uploadExplanationQuery,
} from './documents';

export type MatchExplanation = NonNullable<ExplanationFragment['explanation']>;

interface Explained {
  readonly imageId: string;
  /** Null when there is none for this picture. */
  readonly explanation: MatchExplanation | null;
  readonly failure: Failure | null;
}

interface ExplanationArgs {
  /** Null while none is wanted. */
  readonly image: { readonly id: string; readonly createdAt: string; readonly title: string } | null;
  readonly searchId: string;
  readonly input: QueryInput;
}

/** Where the query and a match agree; undefined while the server is at it. */
export function useExplanation({ image, searchId, input }: ExplanationArgs): Explained | null | undefined {
  const client = useApolloClient();
  const [explained, setExplained] = useState<Explained | null>(null);
  const file = 'file' in input ? input.file : null;
  const { id = null, createdAt = '', title = '' } = image ?? {};

  useEffect(() => {
    if (id === null) return;
    const abort = new AbortController();
    const { signal } = abort;
    const filter = onlyThis(createdAt, title);
    const context = { queryDeduplication: false, fetchOptions: { signal } };
    const asked =
      file === null
        ? client
            .query({ query: explanationQuery, variables: { id: searchId, filter }, context })
            .then(({ data }) => data?.search?.matches ?? [])
        : client
            .query({
              query: uploadExplanationQuery,
              variables: { image: file, filter },
              fetchPolicy: 'no-cache',
              context,
            })
            .then(({ data }) => {
              const search = data?.searchByImage;
              // It was no search of the visitor's.
              if (search != null)
                void client
                  .mutate({ mutation: forgetSearchMutation, variables: { id: search.id } })
                  .catch(() => {});
              return search?.matches ?? [];
            });
    asked
      .then((matches) => {
        if (signal.aborted) return;
        const found = matches
          .map((match) => readFragment(explanationFragment, match))
          .find((match) => match.image.id === id);
        setExplained({ imageId: id, explanation: found?.explanation ?? null, failure: null });
      })
      .catch((error: unknown) => {
        if (!signal.aborted) setExplained({ imageId: id, explanation: null, failure: toFailure(error) });
      });
    return () => abort.abort();
  }, [client, id, createdAt, title, searchId, file]);

  if (id === null) return null;
  return explained?.imageId === id ? explained : undefined;
}

/** The API explains the matches of a search; this one alone is what was added at its instant, under its title. */
function onlyThis(createdAt: string, title: string): GalleryFilter {
  const text = title.trim();
  return {
    createdAfter: createdAt,
    createdBefore: new Date(Date.parse(createdAt) + 1).toISOString(),
    ...(text !== '' && text.length <= 200 && { text }),
  };
}
