import type { ComplexityEstimator } from 'graphql-query-complexity';
import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { LazyBytes } from '../lib/byte-budget.js';
import { check } from '../lib/check.js';
import { rowId } from '../schema/ids.js';
import type { Context } from '../schema/context.js';
import { listCost, MAX_BATCH } from '../schema/limits.js';
import { GraphQLUpload } from '../schema/scalars.js';
import { MatchArgs, QueryImageArgs, toSearchArgs } from '../schema/search.args.js';
import { BatchSearchItem, SearchResult, toSearchResult } from '../schema/search.type.js';
import type { QuerySource } from '../services/search/types.js';
import { assertSearchArgs } from '../services/search/arguments.js';

/** Cost of embedding a picture; a plain field costs 1. */
const EMBED_COST = 100;
const topKOf = (args: Record<string, unknown>): number => Number(args['topK'] ?? 10);
const searchCost: ComplexityEstimator = ({ args, childComplexity }) =>
  EMBED_COST + Math.max(1, topKOf(args)) * Math.ceil(childComplexity / 2);

/** The query picture of the three arguments. @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND, IMAGE_TOO_LARGE, URL_NOT_ALLOWED */
export async function querySource(
  { image, imageId, url }: QueryImageArgs,
  { pictureAt }: Pick<Context, 'pictureAt'>,
): Promise<QuerySource> {
  const given = [Boolean(image), typeof imageId === 'string', typeof url === 'string'];
  check(given.filter(Boolean).length === 1, 'image', 'exactly one of image, imageId and url');
  if (image) return { file: await image };
  if (typeof url === 'string') return { file: pictureAt(url) };
  return { imageId: rowId(imageId as string) };
}

@Resolver()
export class SearchResolver {
  @Query(() => SearchResult, {
    nullable: true,
    description:
      'The gallery pictures that look most like one picture. Give exactly one of `image`, `imageId` and `url`.',
    complexity: searchCost,
  })
  async searchByImage(
    @Args(() => QueryImageArgs) picture: QueryImageArgs,
    @Args(() => MatchArgs) args: MatchArgs,
    @Ctx() context: Context,
  ): Promise<SearchResult> {
    const searchArgs = toSearchArgs(args);
    assertSearchArgs(searchArgs);
    const source = await querySource(picture, context);
    return toSearchResult(
      await context.search.search(source, searchArgs, context.principal.visitorId, context.signal),
    );
  }

  @Query(() => SearchResult, {
    nullable: true,
    description:
      'Repeats an earlier search against today’s gallery. Null if it is no longer in the history, its picture was removed or the model has changed.',
    complexity: searchCost,
  })
  async search(
    @Arg('id', () => ID, { description: 'The `SearchResult.id` or `SearchRecord.id` of the earlier search.' })
    id: string,
    @Args(() => MatchArgs) args: MatchArgs,
    @Ctx() { search, signal }: Context,
  ): Promise<SearchResult | null> {
    const answer = await search.again(id, toSearchArgs(args), signal);
    return answer && toSearchResult(answer);
  }

  @Query(() => [BatchSearchItem], {
    nullable: true,
    description:
      'Searches with many pictures in one request, in their order. A picture that fails does not affect the others.',
    complexity: listCost(
      0,
      (args) => (EMBED_COST * ((args['images'] as unknown[] | undefined)?.length ?? 1)) / 10,
    ),
  })
  async searchByImages(
    @Arg('images', () => [GraphQLUpload], { description: 'From 1 to 64 picture files (multipart request).' })
    images: Promise<LazyBytes>[],
    @Args(() => MatchArgs) args: MatchArgs,
    @Ctx() context: Context,
  ): Promise<BatchSearchItem[]> {
    check(images.length >= 1 && images.length <= MAX_BATCH, 'images', `1 to ${MAX_BATCH} files`);
    const searchArgs = toSearchArgs(args);
    assertSearchArgs(searchArgs);
    return Promise.all(
      images.map(async (image, index) => {
        try {
          const answer = await context.search.search(
            { file: await image },
            searchArgs,
            context.principal.visitorId,
            context.signal,
          );
          return { index, result: toSearchResult(answer), error: null };
        } catch (error) {
          return { index, result: null, error: context.publicError(error) };
        }
      }),
    );
  }
}
