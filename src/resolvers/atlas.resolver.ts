import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Atlas, AtlasPosition, toAtlas } from '../schema/atlas.type.js';
import type { Context } from '../schema/context.js';
import { ImageAnalysis } from '../schema/image-analysis.type.js';
import { primaryOf } from '../services/search/query.js';

@Resolver(() => ImageAnalysis)
export class AtlasResolver {
  @Query(() => Atlas, {
    nullable: true,
    description:
      'The whole gallery laid out in two dimensions by similarity. It is computed in the background on first use, and again after many changes.',
    complexity: 500,
  })
  async atlas(@Ctx() { atlas }: Context): Promise<Atlas> {
    return toAtlas(await atlas.view());
  }

  @FieldResolver(() => AtlasPosition, {
    nullable: true,
    description:
      'Where the picture would lie in the atlas, among its nearest neighbours. Null while there is no layout.',
    complexity: 20,
  })
  async atlasPosition(
    @Root() { query }: ImageAnalysis,
    @Ctx() { atlas }: Context,
  ): Promise<AtlasPosition | null> {
    const place = await atlas.place(primaryOf(query).vector);
    return place && { x: place[0], y: place[1] };
  }
}
