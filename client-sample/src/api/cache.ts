import { InMemoryCache, type FieldPolicy, type Reference } from '@apollo/client';

interface Edge {
  readonly cursor?: string;
  readonly node?: Reference;
}

interface Connection {
  readonly edges?: readonly Edge[];
  readonly pageInfo?: { readonly endCursor?: string | null; readonly hasNextPage?: boolean };
  readonly totalCount?: number;
}

/**
 * Pages of a Relay connection joined into one list by cursor. A page without `after` begins the list anew; a picture
 * that came twice (because others were added meanwhile) is listed once.
 */
function joinedConnection(keyArgs: readonly string[]): FieldPolicy<Connection> {
  return {
    keyArgs: [...keyArgs],
    merge(existing, incoming, { args, readField }) {
      const after = args?.['after'] as string | null | undefined;
      if (existing === undefined || after == null) return incoming;
      const before = existing.edges ?? [];
      const at = before.findIndex((edge) => edge.cursor === after);
      const kept = at === -1 ? before : before.slice(0, at + 1);
      const known = new Set(kept.map((edge) => readField('id', edge.node)));
      const added = (incoming.edges ?? []).filter((edge) => !known.has(readField('id', edge.node)));
      return { ...incoming, edges: [...kept, ...added] };
    },
  };
}

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          galleryImages: joinedConnection(['filter', 'orderBy']),
          searchHistory: joinedConnection([]),
          galleryImage: {
            read: (existing: Reference | undefined, { args, toReference }) =>
              existing ?? toReference({ __typename: 'GalleryImage', id: String(args?.['id']) }),
          },
          status: { merge: true },
        },
      },
      // Values without an identity: two answers about two pictures must not run together.
      ImageAnalysis: { keyFields: false, merge: false },
      SearchMatch: { keyFields: false, merge: false },
      ModelInfo: { keyFields: false, merge: true },
      ServerStatus: { keyFields: false, merge: true },
      TagCount: { keyFields: ['tag'] },
    },
  });
}
