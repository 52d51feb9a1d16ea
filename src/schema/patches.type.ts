import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { PatchGrid as Grid, PatchPair as Pair, Point } from '../services/embedding/types.js';

@ObjectType({
  description:
    'The patches a model sees of a picture, and the part of the upright picture they cover, in fractions of it: all of it, but where the model is shown only the middle.',
  simpleResolvers: true,
})
export class PatchGrid implements Grid {
  @Field(() => Int)
  rows!: number;

  @Field(() => Int)
  columns!: number;

  @Field(() => Float)
  left!: number;

  @Field(() => Float)
  top!: number;

  @Field(() => Float)
  width!: number;

  @Field(() => Float)
  height!: number;
}

@ObjectType({
  description: 'A place in a picture in fractions of its upright width and height, from the top left.',
  simpleResolvers: true,
})
export class PicturePoint implements Point {
  @Field(() => Float)
  x!: number;

  @Field(() => Float)
  y!: number;
}

@ObjectType({
  description: 'A patch of the query and one of the match that are each other’s most similar one.',
  simpleResolvers: true,
})
export class PatchPair implements Pair {
  @Field(() => PicturePoint, { description: 'Centre of the patch in the query.' })
  query!: Point;

  @Field(() => PicturePoint, { description: 'Centre of the patch in the match.' })
  match!: Point;

  @Field(() => Float, { description: '0 to 1: cosine of what the model makes of the two patches.' })
  similarity!: number;
}

@ObjectType({
  description: 'Where a query and a match agree: which of their patches are each other’s most similar one.',
  simpleResolvers: true,
})
export class MatchExplanation {
  @Field(() => String, {
    description:
      'PNG with transparency as data URL, to be laid over `queryGrid`’s part of the query: the hotter the better a patch agrees.',
  })
  query!: string;

  @Field(() => String, {
    description: 'PNG with transparency as data URL, to be laid over `matchGrid`’s part of the match.',
  })
  match!: string;

  @Field(() => Float, {
    description:
      '0 to 1: mean over the patches of both of the cosine to their partner, 0 for those without one.',
  })
  agreement!: number;

  @Field(() => [PatchPair], { description: 'The most similar pairs of patches, best first; at most 32.' })
  pairs!: readonly Pair[];

  @Field(() => PatchGrid)
  queryGrid!: Grid;

  @Field(() => PatchGrid)
  matchGrid!: Grid;
}
