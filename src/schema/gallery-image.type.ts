import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ImageRow } from '../services/catalog/types.js';
import type { Match, PictureFile } from '../services/search/types.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';
import { Strength } from './strength.enum.js';

@ObjectType({ description: 'A picture of the gallery.', simpleResolvers: true })
export class GalleryImage {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'May be empty.' })
  title!: string;

  @Field(() => String, { description: 'Path of the original file, relative to the server; immutable.' })
  url!: string;

  @Field(() => Int, { description: 'Upright width in pixels.' })
  width!: number;

  @Field(() => Int, { description: 'Upright height in pixels.' })
  height!: number;

  @Field(() => String, { description: 'By content: jpeg, png, webp, gif, avif or tiff.' })
  format!: string;

  @Field(() => Int, { description: 'Size of the file.' })
  bytes!: number;

  @Field(() => String, { description: 'Hex sha256 of the file.' })
  sha256!: string;

  @Field(() => [String], { description: 'Lower case, sorted.' })
  tags!: readonly string[];

  @Field(() => GraphQLDateTime)
  createdAt!: Date;
}

export function toGalleryImage(row: ImageRow): GalleryImage {
  return { ...row, id: String(row.id), url: `/media/${row.id}` };
}

@ObjectType({ description: 'A picture that looks like another.', simpleResolvers: true })
export class SearchMatch {
  @Field(() => Int, { description: '1 is the most similar.' })
  rank!: number;

  @Field(() => Float, { description: '0 to 1: max(0, cosine of the two vectors).' })
  similarity!: number;

  @Field(() => Strength, {
    nullable: true,
    description:
      'What the similarity means with this model, measured on this gallery. Null in the history, and while there are too few pictures to measure.',
  })
  strength!: Strength | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of random pairs of pictures that are less alike, 0 to 1. Null when `strength` is.',
  })
  percentile!: number | null;

  @Field(() => GalleryImage)
  image!: GalleryImage;

  /** Not a field; `explanation` needs it. Null where the query is not known any more. */
  query!: PictureFile | null;
}

export const toSearchMatch = (match: Match, query: PictureFile | null): SearchMatch => ({
  ...match,
  image: toGalleryImage(match.image),
  query,
});

@ObjectType({ simpleResolvers: true })
export class GalleryImageEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => GalleryImage)
  node!: GalleryImage;
}

@ObjectType({ simpleResolvers: true })
export class GalleryImageConnection {
  @Field(() => [GalleryImageEdge])
  edges!: GalleryImageEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'Pictures that pass the filter, over all pages.' })
  totalCount!: number;

  @Field(() => ID, {
    description:
      'Of the gallery: every change up to it is in this page. For `galleryChanged(since:)`, so that no change is missed between the two.',
  })
  revision!: string;
}

@ObjectType({ simpleResolvers: true })
export class AddToGalleryPayload {
  @Field(() => GalleryImage)
  image!: GalleryImage;

  @Field(() => Boolean, {
    description: 'False when the same bytes were there already; `image` is then the first one.',
  })
  created!: boolean;

  @Field(() => Boolean, {
    description: 'The same bytes were there, but their file was gone or damaged: it was put back.',
  })
  repaired!: boolean;
}

@ObjectType({ simpleResolvers: true })
export class RemoveFromGalleryPayload {
  @Field(() => [ID], { description: 'The ids that were there and are gone now.' })
  removedIds!: string[];
}

@ObjectType({ simpleResolvers: true })
export class TagCount {
  @Field(() => String)
  tag!: string;

  @Field(() => Int)
  count!: number;
}
