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
      'PNG as a data URL, in the picture’s aspect ratio. Colours show the first three principal components of the patches, so areas that look alike to the model have the same colour. Null for models without patch tokens, and for a repeated search whose file is not kept.',
    complexity: PATCH_MAP_COST,
  })
  async patchMap(
    @Root() { query }: ImageAnalysis,
    @Ctx() { search, signal }: Context,
  ): Promise<string | null> {
    const map = await search.patchMap(query.subject, signal);
    return map && pngUrl(map.png);
  }

  @FieldResolver(() => PatchGrid, {
    nullable: true,
    description: 'The patches that `patchMap` shows. Null when `patchMap` is null.',
    complexity: PATCH_MAP_COST,
  })
  async patchGrid(
    @Root() { query }: ImageAnalysis,
    @Ctx() { search, signal }: Context,
  ): Promise<PatchGrid | null> {
    return (await search.patchMap(query.subject, signal))?.grid ?? null;
  }
}

@Resolver(() => SearchMatch)
export class ExplanationResolver {
  @FieldResolver(() => MatchExplanation, {
    nullable: true,
    description:
      'Where query and match agree. Computed on request, and as costly as embedding both. Null for models without patch tokens, and in the history, which does not keep query files.',
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
