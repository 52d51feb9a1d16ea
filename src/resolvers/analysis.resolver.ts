import { Arg, Args, Ctx, FieldResolver, Float, Int, Query, Resolver, Root } from 'type-graphql';
import { check } from '../lib/check.js';
import type { Context } from '../schema/context.js';
import {
  DominantColor,
  ImageAnalysis,
  ModelInfo,
  toImageAnalysis,
  VectorStatistics,
} from '../schema/image-analysis.type.js';
import { QueryImageArgs } from '../schema/search.args.js';
import { primaryOf } from '../services/search/query.js';
import { dominantColors } from '../services/search/dominant-colors.js';
import { histogram, statistics } from '../services/search/vector-statistics.js';
import { querySource } from './search.resolver.js';

@Resolver(() => ImageAnalysis)
export class AnalysisResolver {
  @Query(() => ImageAnalysis, {
    nullable: true,
    description:
      'What the server computes from a picture, without searching. Give exactly one of `image`, `imageId` and `url`.',
    complexity: 100,
  })
  async imageAnalysis(
    @Args(() => QueryImageArgs) args: QueryImageArgs,
    @Ctx() context: Context,
  ): Promise<ImageAnalysis> {
    const start = performance.now();
    const source = await querySource(args, context);
    const query = await context.search.query(source, { signal: context.signal });
    return toImageAnalysis(query, {
      ...(query.subject.embedding?.timings ?? { queueMs: 0, decodeMs: 0, embedMs: 0 }),
      searchMs: 0,
      totalMs: performance.now() - start,
    });
  }

  @FieldResolver(() => ModelInfo, { description: 'The model that computed the vector.' })
  model(@Root() { query }: ImageAnalysis): ModelInfo {
    return primaryOf(query).model;
  }

  @FieldResolver(() => VectorStatistics, { description: 'The vector of the picture, and statistics of it.' })
  vector(@Root() { query }: ImageAnalysis): VectorStatistics {
    const { vector } = primaryOf(query);
    return { vector, ...statistics(vector) };
  }

  @FieldResolver(() => Int, {
    description: 'How many gallery pictures are at least this similar to the query.',
    complexity: 50,
  })
  matchCount(
    @Root() { query }: ImageAnalysis,
    @Arg('minSimilarity', () => Float, {
      nullable: true,
      defaultValue: 0.5,
      description: 'From 0 to 1; 0 counts every picture.',
    })
    minSimilarity: number | null,
    @Ctx() { search }: Context,
  ): Promise<number> {
    return search.matchCount(primaryOf(query).vector, minSimilarity ?? 0.5);
  }

  @FieldResolver(() => [DominantColor], {
    description: 'Up to five colours that cover the most, largest share first.',
    complexity: 20,
  })
  async dominantColors(
    @Root() { query }: ImageAnalysis,
    @Ctx() { search, signal }: Context,
  ): Promise<DominantColor[]> {
    return dominantColors(await search.swatch(query.subject, signal));
  }
}

@Resolver(() => VectorStatistics)
export class VectorStatisticsResolver {
  @FieldResolver(() => [Int], {
    description: 'How many components fall into each of `bins` equally wide ranges from `min` to `max`.',
  })
  histogram(
    @Root() { vector }: VectorStatistics,
    @Arg('bins', () => Int, { defaultValue: 32, description: 'Number of ranges, from 1 to 512.' })
    bins: number,
  ): number[] {
    const count = bins ?? 32;
    check(count >= 1 && count <= 512, 'bins', 'a whole number from 1 to 512');
    return histogram(vector, count);
  }

  @FieldResolver(() => [Float], { description: 'All components; as many as `dimension`.' })
  values(@Root() { vector }: VectorStatistics): number[] {
    return Array.from(vector);
  }
}
