import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { check } from '../lib/check.js';
import { toAlbum } from '../schema/album.type.js';
import type { Context } from '../schema/context.js';
import { toGalleryImage } from '../schema/gallery-image.type.js';
import { albumId, parseAlbumId, parseId } from '../schema/ids.js';
import { libraryId, parseLibraryId, toLibrary } from '../schema/library.type.js';
import { listCost, MAX_PAGE_SIZE } from '../schema/limits.js';
import { Node, type AnyNode } from '../schema/node.type.js';
import { searchRecordsOf } from './history.resolver.js';

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description:
      'Anything with an id of its own: a picture, an album, a job, a search of this visitor, or, for administrators, a library. Null if there is none with this id.',
  })
  async node(
    @Arg('id', () => ID, { description: 'As in `Node.id`.' }) id: string,
    @Ctx() context: Context,
  ): Promise<AnyNode | null> {
    const [node] = await nodesOf([id], context);
    return node ?? null;
  }

  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description: 'Several nodes, in the order of the ids; null for each unknown id.',
    complexity: listCost(1, ({ ids }) => (Array.isArray(ids) ? ids.length : MAX_PAGE_SIZE)),
  })
  async nodes(
    @Arg('ids', () => [ID], { description: 'As in `Node.id`; at most 500.' }) ids: string[],
    @Ctx() context: Context,
  ): Promise<(AnyNode | null)[]> {
    check(ids.length <= MAX_PAGE_SIZE, 'ids', `at most ${MAX_PAGE_SIZE} ids`);
    return nodesOf(ids, context);
  }
}

/**
 * Pictures have numbers, albums and libraries a prefix, jobs and searches UUIDs, so each id is looked up in at most two
 * places.
 */
async function nodesOf(ids: readonly string[], context: Context): Promise<(AnyNode | null)[]> {
  const { catalog, jobs, libraries, principal } = context;
  const rows = ids.map(parseId).filter((id) => id !== null);
  const albumRows = ids.map(parseAlbumId).filter((id) => id !== null);
  const isOther = (id: string): boolean =>
    parseId(id) === null && parseAlbumId(id) === null && parseLibraryId(id) === null;
  const others = ids.filter((id) => isOther(id) && jobs.get(id) === undefined);
  const [images, albums, searches] = await Promise.all([
    catalog.images.byIds([...new Set(rows)]),
    catalog.albums.byIds([...new Set(albumRows)]),
    others.length === 0 ? [] : searchRecordsOf([...new Set(others)], context),
  ]);
  const found = new Map<string, AnyNode>();
  for (const row of images) found.set(String(row.id), { __typename: 'GalleryImage', ...toGalleryImage(row) });
  for (const row of albums) found.set(albumId(row.id), { __typename: 'Album', ...toAlbum(row) });
  for (const search of searches) found.set(search.id, { __typename: 'SearchRecord', ...search });
  if (principal.role === 'administrator' && ids.some((id) => parseLibraryId(id) !== null)) {
    for (const state of await libraries.states())
      found.set(libraryId(state.id), { __typename: 'Library', ...toLibrary(state) });
  }
  return ids.map((id) => {
    const job = jobs.get(id);
    return job === undefined ? (found.get(id) ?? null) : { __typename: 'Job', ...job };
  });
}
