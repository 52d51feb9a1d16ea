import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ImageRow } from '../services/catalog/types.js';
import type { Match, PictureFile } from '../services/search/types.js';
import { Coordinates, Exposure, TakenSource } from './camera-facts.type.js';
import { FORMAT_DESCRIPTION } from './format-description.js';
import { Node } from './node.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';
import { Strength } from './strength.enum.js';

@ObjectType({ description: 'A picture of the gallery.', implements: Node, simpleResolvers: true })
export class GalleryImage {
  @Field(() => ID, { description: 'Never used again for another picture, even after this one is removed.' })
  id!: string;

  @Field(() => String, { description: 'At most 200 characters; may be empty.' })
  title!: string;

  @Field(() => String, {
    description:
      'URL path of the original file on this server. Its content never changes. A browser that requests it for display but does not support the format gets a WebP instead.',
  })
  url!: string;

  @Field(() => Int, {
    description: 'Width in pixels, after any rotation. For a camera raw file, the width of its preview.',
  })
  width!: number;

  @Field(() => Int, {
    description: 'Height in pixels, after any rotation. For a camera raw file, the height of its preview.',
  })
  height!: number;

  @Field(() => String, { description: FORMAT_DESCRIPTION })
  format!: string;

  @Field(() => Int, { description: 'Size of the original file in bytes.' })
  bytes!: number;

  @Field(() => String, {
    description: 'SHA-256 of the original file in hexadecimal. No two pictures of a gallery share it.',
  })
  sha256!: string;

  @Field(() => [String], { description: 'In lower case and sorted.' })
  tags!: readonly string[];

  @Field(() => GraphQLDateTime, {
    description: 'When the picture was added to the gallery, not when it was taken.',
  })
  createdAt!: Date;

  @Field(() => Boolean, {
    description: 'Whether the server keeps a copy of the file. Otherwise only libraries have it.',
  })
  stored!: boolean;

  @Field(() => Boolean, {
    description: 'Whether its file is gone from its library, or the disk of the library is not available.',
  })
  missing!: boolean;

  @Field(() => GraphQLDateTime, {
    description:
      'When the picture was taken; `takenFrom` says how this is known. Where `takenOffset` is null the time zone of the camera is unknown, and this is the reading of its clock, as if in UTC.',
  })
  takenAt!: Date;

  @Field(() => String, {
    nullable: true,
    description:
      'Date and time as the clock of the camera showed them, without a time zone: `2021-04-11T15:47:53`, perhaps with milliseconds. Null unless `takenFrom` is PICTURE.',
  })
  takenLocal!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many minutes that clock was ahead of UTC. Null if the picture does not say.',
  })
  takenOffset!: number | null;

  @Field(() => TakenSource, { description: 'Where `takenAt` is from.' })
  takenFrom!: TakenSource;

  @Field(() => String, {
    nullable: true,
    description: 'Maker and model of the camera; at most 100 characters.',
  })
  camera!: string | null;

  @Field(() => String, { nullable: true, description: 'Model of the lens; at most 100 characters.' })
  lens!: string | null;

  @Field(() => Exposure, { nullable: true, description: 'Null if nothing is known.' })
  exposure!: ImageRow['exposure'];

  @Field(() => Coordinates, {
    nullable: true,
    description:
      'Where the picture was taken. Null if the picture does not say, or if the operator does not store it (KEEP_LOCATION).',
  })
  coordinates!: ImageRow['place'];

  @Field(() => Int, { nullable: true, description: 'From 1 to 5 stars. Null if it is not rated.' })
  rating!: number | null;

  @Field(() => Boolean, { description: 'Whether it is one of the favorites.' })
  favorite!: boolean;

  /** Not a field; part of the picture's paths. */
  version!: number;
}

/** The path changes with the content, so that no cache serves the old one. */
export function mediaPath({ id, version }: { id: string | number; version: number }, part = ''): string {
  return version === 0
    ? `/media/${id}${part}`
    : `/media/${id}${part}${part.includes('?') ? '&' : '?'}v=${version}`;
}

export function toGalleryImage({ taken, place, ...row }: ImageRow): GalleryImage {
  return {
    ...{ ...row, id: String(row.id), url: mediaPath(row), coordinates: place },
    takenAt: taken.at,
    takenLocal: taken.local,
    takenOffset: taken.offsetMinutes,
    takenFrom: taken.from,
  };
}

@ObjectType({ description: 'A gallery picture that looks like the query.', simpleResolvers: true })
export class SearchMatch {
  @Field(() => Int, { description: 'Position among the matches; 1 is the most similar.' })
  rank!: number;

  @Field(() => Float, {
    description:
      'Cosine of the two vectors from 0 to 1; a negative one counts as 0. Values of different models cannot be compared.',
  })
  similarity!: number;

  @Field(() => Strength, {
    nullable: true,
    description:
      'What the similarity means with this model, measured on this gallery. Null in the history, and while there are too few pictures to measure.',
  })
  strength!: Strength | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of random pairs of pictures that are less similar than this one, from 0 to 1. Null when `strength` is null.',
  })
  percentile!: number | null;

  @Field(() => GalleryImage, { description: 'The matching picture as it is now.' })
  image!: GalleryImage;

  /** Not a field; `explanation` needs it. Null if the query is no longer known. */
  query!: PictureFile | null;
}

export const toSearchMatch = (match: Match, query: PictureFile | null): SearchMatch => ({
  ...match,
  image: toGalleryImage(match.image),
  query,
});

@ObjectType({ description: 'A picture together with its position in the list.', simpleResolvers: true })
export class GalleryImageEdge {
  @Field(() => String, {
    description:
      'Opaque; pass it as `after` or `before`, with the same `orderBy`, to list what follows or precedes this picture.',
  })
  cursor!: string;

  @Field(() => GalleryImage, { description: 'The picture at this position.' })
  node!: GalleryImage;
}

@ObjectType({
  description: 'One page of gallery pictures, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class GalleryImageConnection {
  @Field(() => [GalleryImageEdge], { description: 'The pictures of this page in the order asked for.' })
  edges!: GalleryImageEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many pictures pass the filter, over all pages.' })
  totalCount!: number;

  @Field(() => ID, {
    description:
      'Revision of the gallery; this page includes every change up to it. Pass it to `galleryChanged(since:)` so that no change is missed in between.',
  })
  revision!: string;
}

@ObjectType({ description: 'A tag and how often it is used.', simpleResolvers: true })
export class TagCount {
  @Field(() => String, { description: 'In lower case, as in `GalleryImage.tags`.' })
  tag!: string;

  @Field(() => Int, { description: 'How many pictures have the tag; at least 1.' })
  count!: number;
}

@ObjectType({ description: 'A tag together with its position in the list.', simpleResolvers: true })
export class TagCountEdge {
  @Field(() => String, { description: 'Opaque; pass it as `after` or `before`.' })
  cursor!: string;

  @Field(() => TagCount, { description: 'The tag at this position.' })
  node!: TagCount;
}

@ObjectType({
  description: 'One page of tags, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class TagCountConnection {
  @Field(() => [TagCountEdge], { description: 'The tags of this page, most used first.' })
  edges!: TagCountEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many tags are in use, over all pages.' })
  totalCount!: number;
}
