import type { ApolloClient } from '@apollo/client';
import { failure, toFailure, type Failure } from '../../../api/errors';
import type { GalleryFilter } from '../../../gql/graphql';
import { searchByPictureQuery, searchFactsQuery, searchMatchesQuery } from '../documents';

/** What a search begins with. */
export type QueryInput = { readonly file: File } | { readonly imageId: string };

export interface SearchRequest {
  readonly input: QueryInput;
  readonly topK: number;
  readonly filter: GalleryFilter | null;
  readonly signal: AbortSignal;
  /** The share of the file that has been sent. */
  readonly onProgress: (share: number) => void;
}

/**
 * Searches by a picture. What comes back is kept in the cache as the answer for its id, which is how the page asks
 * from then on. @returns the id
 */
export async function runSearch(client: ApolloClient, request: SearchRequest): Promise<string> {
  const { input, topK, filter, signal, onProgress } = request;
  const uploaded = 'file' in input;
  const { data } = await client.query({
    query: searchByPictureQuery,
    variables: { ...(uploaded ? { image: input.file } : { imageId: input.imageId }), topK, filter },
    fetchPolicy: 'no-cache', // all files look alike to a cache
    context: {
      queryDeduplication: false, // and to this
      fetchOptions: { signal, ...(uploaded && { onUploadProgress: onProgress }) },
    },
  });
  if (data?.searchByImage == null) throw new Error('The server answered without data.');
  const { id, matches, analysis } = data.searchByImage;
  client.writeQuery({
    query: searchMatchesQuery,
    variables: { id, topK, filter },
    data: { search: { __typename: 'SearchResult', id, matches } },
  });
  client.writeQuery({
    query: searchFactsQuery,
    variables: { id },
    data: { search: { __typename: 'SearchResult', id, analysis } },
  });
  return id;
}

/** Before the server says the same: what it will not take need not be sent. */
export function tooLarge(input: QueryInput, limit: number | undefined): Failure | null {
  if (limit === undefined || !('file' in input) || input.file.size <= limit) return null;
  return { ...failure('IMAGE_TOO_LARGE'), details: { limit, actual: input.file.size, unit: 'bytes' } };
}

/** A browser tells a file that it can no longer read as it tells a server that is not there. */
export async function whyFailed(error: unknown, input: QueryInput): Promise<Failure> {
  const known = toFailure(error);
  if (known.code !== 'NETWORK' || !('file' in input)) return known;
  return (await isReadable(input.file)) ? known : failure('FILE_GONE');
}

const isReadable = (file: File): Promise<boolean> =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
