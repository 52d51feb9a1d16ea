import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Atlas, AtlasPosition, toAtlas } from '../schema/atlas.type.js';
import type { Context } from '../schema/context.js';
import { ImageAnalysis } from '../schema/image-analysis.type.js';

@Resolver(() => ImageAnalysis)
export class AtlasResolver {
  @Query(() => Atlas, {
    nullable: true,
    description:
      'The whole gallery laid out in two dimensions by similarity. Computed in the background when it is asked for first, and again when the gallery has changed much.',
    complexity: 500,
  })
  async atlas(@Ctx() { atlas }: Context): Promise<Atlas> {
    return toAtlas(await atlas.view());
  }

  @FieldResolver(() => AtlasPosition, {
    nullable: true,
    description: 'Where the picture would lie in the atlas, between its nearest; null while there is none.',
    complexity: 20,
  })
  async atlasPosition(
    @Root() { query }: ImageAnalysis,
    @Ctx() { atlas }: Context,
  ): Promise<AtlasPosition | null> {
    const place = await atlas.place(query.vector);
    return place && { x: place[0], y: place[1] };
  }
}
