import { ArgsType, Field, Float, ID, Int } from 'type-graphql';
import type { LazyBytes } from '../lib/byte-budget.js';
import type { SearchArgs } from '../services/search/types.js';
import { GalleryFilter, toImageFilter } from './gallery.input.js';
import { GraphQLUpload } from './scalars.js';
import { Strength } from './strength.enum.js';

const DEFAULT_TOP_K = 10;

/** Exactly one of the two. */
@ArgsType()
export class QueryImageArgs {
  @Field(() => GraphQLUpload, { nullable: true, description: 'A picture file (multipart request).' })
  image?: Promise<LazyBytes> | null;

  @Field(() => ID, { nullable: true, description: 'A picture of the gallery.' })
  imageId?: string | null;
}

@ArgsType()
export class SearchByImageArgs extends QueryImageArgs {
  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_TOP_K, description: '1 to 1000.' })
  topK?: number | null;

  @Field(() => Float, { nullable: true, defaultValue: 0, description: '0 to 1.' })
  minSimilarity?: number | null;

  @Field(() => Strength, {
    nullable: true,
    description: 'Only matches of this strength or a greater one. No bound while strengths are unknown.',
  })
  minStrength?: Strength | null;

  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;
}

@ArgsType()
export class SearchAgainArgs {
  @Field(() => ID, { description: 'Of the result of that search.' })
  id!: string;

  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_TOP_K, description: '1 to 1000.' })
  topK?: number | null;

  @Field(() => Float, { nullable: true, defaultValue: 0, description: '0 to 1.' })
  minSimilarity?: number | null;

  @Field(() => Strength, {
    nullable: true,
    description: 'Only matches of this strength or a greater one. No bound while strengths are unknown.',
  })
  minStrength?: Strength | null;

  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;
}

@ArgsType()
export class SearchByImagesArgs {
  @Field(() => [GraphQLUpload], { description: '1 to 64 picture files.' })
  images!: Promise<LazyBytes>[];

  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_TOP_K, description: '1 to 1000.' })
  topK?: number | null;

  @Field(() => Float, { nullable: true, defaultValue: 0, description: '0 to 1.' })
  minSimilarity?: number | null;

  @Field(() => Strength, {
    nullable: true,
    description: 'Only matches of this strength or a greater one. No bound while strengths are unknown.',
  })
  minStrength?: Strength | null;

  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;
}

/** A null means the default, as an absent argument does. */
export function toSearchArgs({
  topK,
  minSimilarity,
  minStrength,
  filter,
}: Pick<SearchByImageArgs, 'topK' | 'minSimilarity' | 'minStrength' | 'filter'>): SearchArgs {
  return {
    topK: topK ?? DEFAULT_TOP_K,
    minSimilarity: minSimilarity ?? 0,
    minStrength: minStrength ?? undefined,
    filter: toImageFilter(filter),
  };
}
