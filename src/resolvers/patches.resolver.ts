import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { SearchMatch } from '../schema/gallery-image.type.js';
import { ImageAnalysis } from '../schema/image-analysis.type.js';
import { EXPLANATION_COST, PATCH_MAP_COST } from '../schema/limits.js';
import { MatchExplanation, PatchGrid } from '../schema/patches.type.js';

const pngUrl = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64')}`;

@Resolver(() => ImageAnalysis)
export class PatchMapResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'PNG as data URL, in the aspect of the picture: the first three principal components of the patches as colours, so that what looks alike to the model has the same colour. Null for models without patches, and for a search of before, whose file is not kept.',
    complexity: PATCH_MAP_COST,
  })
  async patchMap(
    @Root() { query }: ImageAnalysis,
    @Ctx() { search, signal }: Context,
  ): Promise<string | null> {
    const map = await search.patchMap(query, signal);
    return map && pngUrl(map.png);
  }

  @FieldResolver(() => PatchGrid, {
    nullable: true,
    description: 'What `patchMap` shows; null when that is.',
    complexity: PATCH_MAP_COST,
  })
  async patchGrid(
    @Root() { query }: ImageAnalysis,
    @Ctx() { search, signal }: Context,
  ): Promise<PatchGrid | null> {
    return (await search.patchMap(query, signal))?.grid ?? null;
  }
}

@Resolver(() => SearchMatch)
export class ExplanationResolver {
  @FieldResolver(() => MatchExplanation, {
    nullable: true,
    description:
      'Where query and match agree, computed when asked for: it costs as much as embedding both. Null for models without patches, and where the query’s file is not kept: in the history.',
    complexity: ({ childComplexity }) => EXPLANATION_COST + childComplexity,
  })
  async explanation(
    @Root() { query, image }: SearchMatch,
    @Ctx() { search, signal }: Context,
  ): Promise<MatchExplanation | null> {
    const explanation = query && (await search.explain(query, image, signal));
    if (!explanation) return null;
    const { query: overQuery, match: overMatch, agreement, pairs } = explanation;
    return {
      query: pngUrl(overQuery.png),
      match: pngUrl(overMatch.png),
      agreement,
      pairs,
      queryGrid: overQuery.grid,
      matchGrid: overMatch.grid,
    };
  }
}
