import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { PatchGrid as Grid, PatchPair as Pair, Point } from '../services/embedding/types.js';

@ObjectType({
  description:
    'The grid of patches a model sees in a picture, and the part of the upright picture it covers: all of it, unless the model crops to the centre.',
  simpleResolvers: true,
})
export class PatchGrid implements Grid {
  @Field(() => Int, { description: 'Number of patches from top to bottom.' })
  rows!: number;

  @Field(() => Int, { description: 'Number of patches from left to right.' })
  columns!: number;

  @Field(() => Float, { description: 'Left edge of the covered part, as a fraction of the picture’s width.' })
  left!: number;

  @Field(() => Float, { description: 'Top edge of the covered part, as a fraction of the picture’s height.' })
  top!: number;

  @Field(() => Float, { description: 'Width of the covered part, as a fraction of the picture’s width.' })
  width!: number;

  @Field(() => Float, { description: 'Height of the covered part, as a fraction of the picture’s height.' })
  height!: number;
}

@ObjectType({
  description: 'A point in an upright picture, measured from its top left corner.',
  simpleResolvers: true,
})
export class PicturePoint implements Point {
  @Field(() => Float, { description: 'Distance from the left edge, from 0 to 1 of the width.' })
  x!: number;

  @Field(() => Float, { description: 'Distance from the top edge, from 0 to 1 of the height.' })
  y!: number;
}

@ObjectType({
  description: 'A patch of the query and a patch of the match that are each other’s most similar.',
  simpleResolvers: true,
})
export class PatchPair implements Pair {
  @Field(() => PicturePoint, { description: 'Centre of the patch in the query.' })
  query!: Point;

  @Field(() => PicturePoint, { description: 'Centre of the patch in the match.' })
  match!: Point;

  @Field(() => Float, { description: 'Cosine of the model’s tokens of the two patches, from 0 to 1.' })
  similarity!: number;
}

@ObjectType({
  description: 'Where a query and a match agree: which of their patches are each other’s most similar.',
  simpleResolvers: true,
})
export class MatchExplanation {
  @Field(() => String, {
    description:
      'Transparent PNG as a data URL, to lay over the part of the query that `queryGrid` covers. Hotter colours mean better agreement.',
  })
  query!: string;

  @Field(() => String, {
    description:
      'Transparent PNG as a data URL, to lay over the part of the match that `matchGrid` covers. Hotter colours mean better agreement.',
  })
  match!: string;

  @Field(() => Float, {
    description:
      'Mean, over all patches of both pictures, of the cosine to the partner patch; 0 for patches without one. From 0 to 1.',
  })
  agreement!: number;

  @Field(() => [PatchPair], { description: 'The most similar pairs of patches, best first; at most 32.' })
  pairs!: readonly Pair[];

  @Field(() => PatchGrid, { description: 'The part of the query that the overlay `query` belongs on.' })
  queryGrid!: Grid;

  @Field(() => PatchGrid, { description: 'The part of the match that the overlay `match` belongs on.' })
  matchGrid!: Grid;
}
