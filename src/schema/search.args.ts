import type { FileUpload } from 'graphql-upload/processRequest.mjs';
import { ArgsType, Field, Float, ID, Int } from 'type-graphql';
import { GalleryFilter } from './gallery.input.js';
import { GraphQLUpload } from './scalars.js';

/** Exactly one of the two. */
@ArgsType()
export class QueryImageArgs {
  @Field(() => GraphQLUpload, { nullable: true, description: 'A picture file (multipart request).' })
  image?: Promise<FileUpload> | null;

  @Field(() => ID, { nullable: true, description: 'A picture of the gallery.' })
  imageId?: string | null;
}

@ArgsType()
export class SearchByImageArgs extends QueryImageArgs {
  @Field(() => Int, { defaultValue: 10, description: '1 to 1000.' })
  topK!: number;

  @Field(() => Float, { defaultValue: 0, description: '0 to 1.' })
  minSimilarity!: number;

  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;
}

@ArgsType()
export class SearchByImagesArgs {
  @Field(() => [GraphQLUpload], { description: '1 to 64 picture files.' })
  images!: Promise<FileUpload>[];

  @Field(() => Int, { defaultValue: 10, description: '1 to 1000.' })
  topK!: number;

  @Field(() => Float, { defaultValue: 0, description: '0 to 1.' })
  minSimilarity!: number;

  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;
}
