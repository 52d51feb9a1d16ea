import { InMemoryCache, type FieldPolicy, type Reference } from '@apollo/client';
import type { JobState, ModelProgress } from '../gql/graphql';
import { isRunning } from '../lib/job-state';

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
 * Pages of a Relay connection joined into one list by cursor. An item that came twice (because others were added
 * meanwhile) is listed once; one that was removed from the cache is left out, and out of the count.
 *
 * A page without `after` begins the list anew, unless it is how the known list begins: asking again for what has not
 * changed (on coming back to a page, say) must not throw the pages after it away.
 */
function joinedConnection(keyArgs: readonly string[]): FieldPolicy<Connection> {
  return {
    keyArgs: [...keyArgs],
    read(existing, { canRead }) {
      const edges = existing?.edges;
      if (edges === undefined) return existing;
      const there = edges.filter((edge) => edge.node === undefined || canRead(edge.node));
      const { totalCount } = existing ?? {};
      return {
        ...existing,
        edges: there,
        ...(totalCount !== undefined && {
          totalCount: Math.max(there.length, totalCount - (edges.length - there.length)),
        }),
      };
    },
    merge(existing, incoming, { args, canRead }) {
      const after = args?.['after'] as string | null | undefined;
      if (existing === undefined) return incoming;
      const before = existing.edges ?? [];
      const coming = incoming.edges ?? [];
      if (after == null) {
        const same =
          existing.totalCount === incoming.totalCount &&
          coming.length < before.length &&
          coming.every((edge, i) => edge.node?.__ref === before[i]?.node?.__ref);
        return same ? { ...existing, edges: [...coming, ...before.slice(coming.length)] } : incoming;
      }
      const at = before.findIndex((edge) => edge.cursor === after);
      const kept = (at === -1 ? before : before.slice(0, at + 1)).filter((edge) => canRead(edge.node));
      const known = new Set(kept.map((edge) => edge.node?.__ref));
      return { ...incoming, edges: [...kept, ...coming.filter((edge) => !known.has(edge.node?.__ref))] };
    },
  };
}

/** Matches whose picture still exists. */
const matchesThatAreThere: FieldPolicy<readonly { readonly image?: Reference }[]> = {
  merge: false,
  read: (existing, { canRead }) => existing?.filter(({ image }) => image === undefined || canRead(image)),
};

const staysKnown: FieldPolicy = {
  merge: (existing: unknown, incoming: unknown) => incoming ?? existing ?? null,
};
const neverLess: FieldPolicy<number> = { merge: (existing = 0, incoming) => Math.max(existing, incoming) };

/** Answers may arrive out of order: one that says that a job is running may come after the event that it has ended. */
const jobFields: Record<string, FieldPolicy> = {
  state: {
    merge: (existing: JobState | undefined, incoming: JobState) =>
      existing !== undefined && !isRunning(existing) ? existing : incoming,
  },
  finishedAt: staysKnown,
  total: staysKnown,
  model: {
    merge: (existing: ModelProgress | null | undefined, incoming: ModelProgress | null) =>
      existing?.stage === 'DONE' && incoming?.stage !== 'DONE' ? existing : incoming,
  },
  ...Object.fromEntries(
    ['done', 'added', 'skipped', 'tagged', 'repaired', 'failed'].map((name) => [name, neverLess]),
  ),
};

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          galleryImages: joinedConnection(['filter', 'orderBy']),
          albums: joinedConnection([]),
          searchHistory: joinedConnection([]),
          tags: joinedConnection([]),
          // Whole in every answer, which may know more or less of each library.
          libraries: { merge: false },
          galleryImage: {
            read: (existing: Reference | undefined, { args, toReference }) =>
              existing ?? toReference({ __typename: 'GalleryImage', id: String(args?.['id']) }),
          },
          album: {
            read: (existing: Reference | null | undefined, { args, toReference, canRead }) => {
              const known = toReference({ __typename: 'Album', id: String(args?.['id']) });
              return existing === undefined && known !== undefined && canRead(known) ? known : existing;
            },
          },
          status: { merge: true },
        },
      },
      // Values without an identity: answers about two pictures must not be merged.
      ImageAnalysis: { keyFields: false, merge: false },
      AlbumSearch: { keyFields: false, merge: true },
      SearchMatch: { keyFields: false, merge: false },
      ModelInfo: { keyFields: false, merge: true },
      ServerStatus: { keyFields: false, merge: true },
      IndexStatus: { keyFields: false, merge: true },
      EmbedderStatus: { keyFields: false, merge: true },
      ServerLimits: { keyFields: false, merge: true },
      // Kept by arguments: the same search has other matches for another count or other tags.
      SearchResult: {
        keyFields: false,
        merge: true,
        fields: { matches: matchesThatAreThere, analysis: { merge: true } },
      },
      GalleryImage: { fields: { similar: matchesThatAreThere } },
      Job: { fields: jobFields },
      JobConnection: { merge: false },
      SearchRecord: { fields: { matches: matchesThatAreThere } },
      TagCount: { keyFields: ['tag'] },
    },
  });
}
