import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { check } from '../lib/check.js';
import type { Context } from '../schema/context.js';
import { mediaPath, toGalleryImage, toSearchMatch } from '../schema/gallery-image.type.js';
import { MAX_PAGE_SIZE } from '../schema/limits.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import { ClearSearchHistoryPayload, RemoveSearchesPayload } from '../schema/payloads.type.js';
import { SearchHistoryConnection, type SearchRecord } from '../schema/search.type.js';
import type { SearchRecordRow } from '../services/catalog/search-types.js';
import type { Catalog, ImageRow } from '../services/catalog/types.js';

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
    const images = await imagesOf(
      page.edges.map(({ node }) => node),
      catalog,
    );
    return toConnection(page, (row) => toSearchRecord(row, images));
  }

  @Mutation(() => RemoveSearchesPayload, {
    nullable: true,
    description: 'Deletes some of this visitor’s searches from the history.',
  })
  async removeSearches(
    @Arg('ids', () => [ID], {
      description: 'Searches to delete, 1 to 500. Unknown ids, and those of other visitors, are ignored.',
    })
    ids: string[],
    @Ctx() { catalog, history, principal: { visitorId } }: Context,
  ): Promise<RemoveSearchesPayload> {
    check(ids.length >= 1 && ids.length <= MAX_PAGE_SIZE, 'ids', `1 to ${MAX_PAGE_SIZE} ids`);
    await history.flush();
    return { removedCount: history.forget(visitorId, ids) + (await catalog.searches.remove(visitorId, ids)) };
  }

  @Mutation(() => ClearSearchHistoryPayload, {
    nullable: true,
    description: 'Deletes all of this visitor’s searches from the history.',
  })
  async clearSearchHistory(
    @Ctx() { catalog, history, principal: { visitorId } }: Context,
  ): Promise<ClearSearchHistoryPayload> {
    await history.flush();
    return { removedCount: history.forget(visitorId) + (await catalog.searches.clear(visitorId)) };
  }
}

/** The caller's searches among these ids, in the same order. */
export async function searchRecordsOf(
  ids: readonly string[],
  { catalog, history, principal: { visitorId } }: Context,
): Promise<SearchRecord[]> {
  await history.flush();
  const rows = await catalog.searches.byIds(visitorId, ids);
  const images = await imagesOf(rows, catalog);
  return rows.map((row) => toSearchRecord(row, images));
}

/** The pictures that searches refer to and that still exist. */
async function imagesOf(
  rows: readonly SearchRecordRow[],
  catalog: Catalog,
): Promise<ReadonlyMap<number, ImageRow>> {
  const ids = new Set<number>();
  for (const { matches, queryImageId } of rows) {
    for (const { imageId } of matches) ids.add(imageId);
    if (queryImageId !== null) ids.add(queryImageId);
  }
  return new Map((await catalog.images.byIds([...ids])).map((image) => [image.id, image]));
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
        ? mediaPath(queryImage, '/thumbnail?width=160')
        : null,
    matches: row.matches.flatMap(({ imageId, similarity }, i) => {
      const image = images.get(imageId);
      return image
        ? [toSearchMatch({ rank: i + 1, similarity, strength: null, percentile: null, image }, null)]
        : [];
    }),
  };
}
