import type { ApolloCache, Reference } from '@apollo/client';
import type { GalleryFilter, GalleryOrder } from '../../gql/graphql';
import { latestFirst, type Taken } from '../../lib/taken';
import { afterMove, type Move } from './album/moved-list';

/** Changes of the lists of pictures in the cache, without asking the server. */

export interface ListVariables {
  readonly filter: GalleryFilter | null;
  readonly orderBy: GalleryOrder;
}

interface StoredConnection {
  readonly edges: readonly {
    readonly __typename: string;
    readonly cursor: string;
    readonly node: Reference;
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
  readonly totalCount: number;
}

/** `galleryImages:{"filter":…,"orderBy":…}` → the arguments by which the cache keeps lists apart. */
function variablesOf(storeFieldName: string): Partial<ListVariables> {
  const at = storeFieldName.indexOf('{');
  return at === -1 ? {} : (JSON.parse(storeFieldName.slice(at)) as Partial<ListVariables>);
}

const sameList = (a: Partial<ListVariables>, b: ListVariables): boolean =>
  JSON.stringify([a.filter ?? null, a.orderBy]) === JSON.stringify([b.filter, b.orderBy]);

/**
 * Takes the pictures out of the cache. Lists leave them out by themselves (see `joinedConnection`), also while this is
 * only an optimistic change that may be taken back.
 */
export function forgetPictures(cache: ApolloCache, ids: readonly string[]): void {
  for (const id of ids) {
    const key = cache.identify({ __typename: 'GalleryImage', id });
    if (key !== undefined) cache.modify({ id: key, fields: (_value, { DELETE }) => DELETE });
  }
}

/** After the server said that they are gone: out of the cache, out of every list and out of its count. */
export function dropPictures(cache: ApolloCache, ids: readonly string[]): void {
  const keys = new Set(ids.map((id) => cache.identify({ __typename: 'GalleryImage', id })));
  cache.batch({
    update: () => {
      cache.modify<{ galleryImages: StoredConnection }>({
        fields: {
          galleryImages(stored, { storeFieldName }) {
            const list = stored as StoredConnection;
            const edges = list.edges.filter(({ node }) => !keys.has(node.__ref));
            const dropped = list.edges.length - edges.length;
            // Those beyond what has been loaded were counted, too; whether a filtered list had them is not known here.
            const unseen =
              list.pageInfo.hasNextPage && !variablesOf(storeFieldName).filter ? ids.length - dropped : 0;
            if (dropped === 0 && unseen === 0) return list;
            return { ...list, edges, totalCount: Math.max(edges.length, list.totalCount - dropped - unseen) };
          },
        },
      });
      forgetPictures(cache, ids);
    },
  });
}

export const isByTaken = ({ orderBy }: ListVariables): boolean =>
  orderBy === 'TAKEN_NEWEST' || orderBy === 'TAKEN_OLDEST';

/** A new picture, in the cache already. */
type NewPicture = Taken & { readonly id: string };

/**
 * Puts pictures where they belong in the list that is shown: at the beginning (newest first), at the end, as what is
 * still to be loaded (oldest first), or among the others by when they were taken. They come with the newest, or the
 * latest taken, first. Other lists are requested again when they are shown next.
 */
export function addPictures(cache: ApolloCache, shown: ListVariables, pictures: readonly NewPicture[]): void {
  cache.modify<{ galleryImages: StoredConnection }>({
    fields: {
      galleryImages(stored, { storeFieldName, toReference, readField, DELETE }) {
        if (!sameList(variablesOf(storeFieldName), shown)) return DELETE;
        const list = stored as StoredConnection;
        const known = new Set(list.edges.map(({ node }) => node.__ref));
        const fresh = pictures.flatMap((picture) => {
          const node = toReference({ __typename: 'GalleryImage', id: picture.id });
          // Its cursor is never asked for: pages are read after the last one that the server gave.
          return node === undefined || known.has(node.__ref)
            ? []
            : [{ picture, edge: { __typename: 'GalleryImageEdge', cursor: `live:${picture.id}`, node } }];
        });
        if (fresh.length === 0) return list;
        const totalCount = list.totalCount + fresh.length;
        if (shown.orderBy === 'NEWEST')
          return { ...list, edges: [...fresh.map(({ edge }) => edge), ...list.edges], totalCount };
        if (!isByTaken(shown))
          return { ...list, totalCount, pageInfo: { ...list.pageInfo, hasNextPage: true } };
        const sign = shown.orderBy === 'TAKEN_NEWEST' ? 1 : -1;
        const edges = [...list.edges];
        for (const { picture, edge } of fresh) {
          const at = edges.findIndex(({ node }) => {
            const other = takenOf(node, (name, from) => readField(name, from));
            return other !== null && sign * latestFirst(picture, other) < 0;
          });
          if (at !== -1) edges.splice(at, 0, edge);
          // Beyond what has been loaded it comes with its page.
          else if (!list.pageInfo.hasNextPage) edges.push(edge);
        }
        return { ...list, edges, totalCount };
      },
    },
  });
}

type ReadField = <Value>(name: string, from: Reference) => Value | undefined;

function takenOf(node: Reference, readField: ReadField): NewPicture | null {
  const id = readField<string>('id', node);
  const takenAt = readField<string>('takenAt', node);
  if (id === undefined || takenAt === undefined) return null;
  return { id, takenAt, takenLocal: readField<string | null>('takenLocal', node) ?? null };
}

/** Takes pictures out of one list that is shown, an album, say. They stay in the gallery, and in other lists. */
export function takePictures(cache: ApolloCache, shown: ListVariables, ids: readonly string[]): void {
  changeList(cache, shown, (list, idOf) => {
    const edges = list.edges.filter((edge) => !ids.includes(idOf(edge) ?? ''));
    return { ...list, edges, totalCount: list.totalCount - (list.edges.length - edges.length) };
  });
}

/** Moves pictures within one list. */
export function reorderPictures(cache: ApolloCache, shown: ListVariables, move: Move): void {
  changeList(cache, shown, (list, idOf) => ({ ...list, edges: afterMove(list.edges, move, idOf) }));
}

type StoredEdge = StoredConnection['edges'][number];

function changeList(
  cache: ApolloCache,
  shown: ListVariables,
  change: (list: StoredConnection, idOf: (edge: StoredEdge) => string | undefined) => StoredConnection,
): void {
  cache.modify<{ galleryImages: StoredConnection }>({
    fields: {
      galleryImages(stored, { storeFieldName, readField }) {
        const list = stored as StoredConnection;
        if (!sameList(variablesOf(storeFieldName), shown)) return list;
        return change(list, ({ node }) => readField<string>('id', node));
      },
    },
  });
}
