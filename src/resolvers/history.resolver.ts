import { Arg, Args, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { check } from '../lib/check.js';
import type { Context } from '../schema/context.js';
import { toGalleryImage, toSearchMatch } from '../schema/gallery-image.type.js';
import { MAX_PAGE_SIZE } from '../schema/limits.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import { SearchHistoryConnection, type SearchRecord } from '../schema/search.type.js';
import type { ImageRow, SearchRecordRow } from '../services/catalog/types.js';

@Resolver()
export class HistoryResolver {
  @Query(() => SearchHistoryConnection, {
    nullable: true,
    description: 'The searches of this visitor, newest first; 24 on a page by default.',
    complexity: pageCost(),
  })
  async searchHistory(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: Context,
  ): Promise<SearchHistoryConnection> {
    const request = toPage(args);
    const { catalog, history } = context;
    const { visitorId } = context.principal;
    await history.flush();
    const page = await catalog.searches.list({ visitorId, ...request });
    const ids = new Set<number>();
    for (const { node } of page.edges) {
      for (const { imageId } of node.matches) ids.add(imageId);
      if (node.queryImageId !== null) ids.add(node.queryImageId);
    }
    const images = new Map((await catalog.images.byIds([...ids])).map((image) => [image.id, image]));
    return toConnection(page, (row) => toSearchRecord(row, images));
  }

  @Mutation(() => Int, {
    nullable: true,
    description: 'Deletes some of this visitor’s searches from the history. Returns how many were deleted.',
  })
  async removeSearches(
    @Arg('ids', () => [ID], {
      description: 'Searches to delete, 1 to 500. Unknown ids, and those of other visitors, are ignored.',
    })
    ids: string[],
    @Ctx() { catalog, history, principal: { visitorId } }: Context,
  ): Promise<number> {
    check(ids.length >= 1 && ids.length <= MAX_PAGE_SIZE, 'ids', `1 to ${MAX_PAGE_SIZE} ids`);
    await history.flush();
    return history.forget(visitorId, ids) + (await catalog.searches.remove(visitorId, ids));
  }

  @Mutation(() => Int, {
    nullable: true,
    description: 'Deletes all of this visitor’s searches from the history. Returns how many were deleted.',
  })
  async clearSearchHistory(@Ctx() { catalog, history, principal: { visitorId } }: Context): Promise<number> {
    await history.flush();
    return history.forget(visitorId) + (await catalog.searches.clear(visitorId));
  }
}

function toSearchRecord(row: SearchRecordRow, images: ReadonlyMap<number, ImageRow>): SearchRecord {
  const queryImage = row.queryImageId === null ? undefined : images.get(row.queryImageId);
  return {
    id: row.id,
    createdAt: row.createdAt,
    modelId: row.modelId,
    totalMs: row.totalMs,
    queryImage: queryImage ? toGalleryImage(queryImage) : null,
    thumbnailUrl: row.thumbnail
      ? `/media/history/${row.id}`
      : queryImage
        ? `/media/${queryImage.id}/thumbnail?width=160`
        : null,
    matches: row.matches.flatMap(({ imageId, similarity }, i) => {
      const image = images.get(imageId);
      return image
        ? [toSearchMatch({ rank: i + 1, similarity, strength: null, percentile: null, image }, null)]
        : [];
    }),
  };
}
