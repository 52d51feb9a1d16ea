import { ArgsType, Field, Float, ID, Int } from 'type-graphql';
import type { LazyBytes } from '../lib/byte-budget.js';
import type { SearchArgs } from '../services/search/types.js';
import { GalleryFilter, toImageFilter } from './gallery.input.js';
import { GraphQLUpload } from './scalars.js';
import { Strength } from './strength.enum.js';

const DEFAULT_TOP_K = 10;

/** Exactly one of the three. */
@ArgsType()
export class QueryImageArgs {
  @Field(() => GraphQLUpload, {
    nullable: true,
    description: 'A picture file (multipart request). Give exactly one of `image`, `imageId` and `url`.',
  })
  image?: Promise<LazyBytes> | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A picture of the gallery. Give exactly one of `image`, `imageId` and `url`.',
  })
  imageId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Address of a picture, http or https, that the server fetches if its operator allows that (URL_FETCH). Give exactly one of `image`, `imageId` and `url`.',
  })
  url?: string | null;
}

/** Arguments of every search besides its query: how many matches, and which. */
@ArgsType()
export class MatchArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_TOP_K,
    description: 'Maximum number of matches to return, from 1 to 1000.',
  })
  topK?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Leaves out matches below this similarity, from 0 to 1.',
  })
  minSimilarity?: number | null;

  @Field(() => Strength, {
    nullable: true,
    description: 'Leaves out matches weaker than this. Has no effect while strengths are unknown.',
  })
  minStrength?: Strength | null;

  @Field(() => GalleryFilter, {
    nullable: true,
    description: 'Only pictures that pass this filter can match; all of them when absent.',
  })
  filter?: GalleryFilter | null;
}

/** Null means the default, like an absent argument. */
export function toSearchArgs({ topK, minSimilarity, minStrength, filter }: MatchArgs): SearchArgs {
  return {
    topK: topK ?? DEFAULT_TOP_K,
    minSimilarity: minSimilarity ?? 0,
    minStrength: minStrength ?? undefined,
    filter: toImageFilter(filter),
  };
}
