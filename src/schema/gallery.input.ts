import { ArgsType, Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import type { ImageFilter } from '../services/catalog/types.js';
import { Orientation } from './camera-facts.type.js';
import { parseAlbumId } from './ids.js';
import { parseLibraryId } from './library.type.js';
import { PageArgs } from './page.args.js';
import { GraphQLDateTime } from './scalars.js';

export enum GalleryOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  TITLE = 'TITLE',
  TAKEN_NEWEST = 'TAKEN_NEWEST',
  TAKEN_OLDEST = 'TAKEN_OLDEST',
  ALBUM = 'ALBUM',
}
registerEnumType(GalleryOrder, {
  name: 'GalleryOrder',
  description: 'Order of a list of pictures. Pictures of the same time or title are ordered by id.',
  valuesConfig: {
    NEWEST: { description: 'The most recently added first.' },
    OLDEST: { description: 'The earliest added first.' },
    TITLE: {
      description:
        'By title from A to Z, ignoring case, and with numbers by their size: IMG_2 comes before IMG_10. Otherwise by code point, not by the rules of a language.',
    },
    TAKEN_NEWEST: {
      description: 'The most recently taken first, by the clock where each picture was taken.',
    },
    TAKEN_OLDEST: { description: 'The earliest taken first, by the clock where each picture was taken.' },
    ALBUM: {
      description:
        'As in the album of the filter: a list in its own order, a smart album with the most similar pictures first.',
    },
  },
});

@InputType({
  description:
    'Conditions on pictures; a picture has to meet all of them. Those left out or null are ignored.',
})
export class GalleryFilter {
  @Field(() => [String], {
    nullable: true,
    description: 'Has all of these tags, compared like `text`. An empty list is ignored.',
  })
  tags?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Has at least one of these tags, compared like `text`. An empty list is ignored.',
  })
  anyTags?: string[] | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Added at or after this time.' })
  createdAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Added before this time.' })
  createdBefore?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Occurs in the title, in a tag or in a path within a library; at most 200 characters. Case, full width, ligatures and Unicode composition are ignored: ABC finds ＡＢＣ, fi finds ﬁ.',
  })
  text?: string | null;

  @Field(() => ID, { nullable: true, description: 'Has a file in this library, as in `Library.id`.' })
  library?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether its file is gone from its library, as in `GalleryImage.missing`.',
  })
  missing?: boolean | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Is in this album, as in `Album.id`. A smart album is searched again each time.',
  })
  album?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'Taken at or after this time. Compared with the clock where each picture was taken, so give its reading as if in UTC: `2021-05-01T00:00:00Z` is the start of May wherever that was.',
  })
  takenAfter?: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Taken before this time, given like `takenAfter`.',
  })
  takenBefore?: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'Taken with this camera, exactly as in `GalleryImage.camera`.',
  })
  camera?: string | null;

  @Field(() => String, { nullable: true, description: 'Has this format, as in `GalleryImage.format`.' })
  format?: string | null;

  @Field(() => Orientation, { nullable: true, description: 'Has this shape.' })
  orientation?: Orientation | null;

  @Field(() => Int, { nullable: true, description: 'Has at least this many pixels: width times height.' })
  minPixels?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is one of the favorites.' })
  favorite?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'Has at least this many stars, from 1 to 5.' })
  minRating?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it has any tag.' })
  tagged?: boolean | null;
}

/** Null means the same as absent. */
export function toImageFilter(filter: GalleryFilter | null | undefined): ImageFilter | undefined {
  if (!filter) return undefined;
  return {
    tags: filter.tags ?? undefined,
    anyTags: filter.anyTags ?? undefined,
    createdAfter: filter.createdAfter ?? undefined,
    createdBefore: filter.createdBefore ?? undefined,
    text: filter.text ?? undefined,
    // No library has the id 0, so nothing matches.
    libraryId: filter.library == null ? undefined : (parseLibraryId(filter.library) ?? 0),
    missing: filter.missing ?? undefined,
    // Nor has any album.
    albumId: filter.album == null ? undefined : (parseAlbumId(filter.album) ?? 0),
    takenAfter: filter.takenAfter ?? undefined,
    takenBefore: filter.takenBefore ?? undefined,
    camera: filter.camera ?? undefined,
    format: filter.format ?? undefined,
    orientation: filter.orientation ?? undefined,
    minPixels: filter.minPixels ?? undefined,
    favorite: filter.favorite ?? undefined,
    minRating: filter.minRating ?? undefined,
    tagged: filter.tagged ?? undefined,
  };
}

@ArgsType()
export class GalleryImagesArgs extends PageArgs {
  @Field(() => GalleryFilter, {
    nullable: true,
    description: 'Which pictures to list; all of them when absent.',
  })
  filter?: GalleryFilter | null;

  @Field(() => GalleryOrder, {
    nullable: true,
    defaultValue: GalleryOrder.NEWEST,
    description: 'Order of the list. A cursor is only valid with the order it came from.',
  })
  orderBy?: GalleryOrder | null;
}
