import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';
import type { ImageFilter } from '../services/catalog/types.js';
import { parseAlbumId } from './ids.js';
import { parseLibraryId } from './library.type.js';
import { PageArgs } from './page.args.js';
import { GraphQLDateTime } from './scalars.js';

export enum GalleryOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  TITLE = 'TITLE',
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
        'By title from A to Z, ignoring case; otherwise by code point, not by the rules of a language.',
    },
    ALBUM: {
      description:
        'As in the album that the filter names: a list in its own order, a smart album with the most alike first.',
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
    description: 'Is in this album, as in `Album.id`. What a smart album has is found anew each time.',
  })
  album?: string | null;
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
    // Nor is it an album's.
    albumId: filter.album == null ? undefined : (parseAlbumId(filter.album) ?? 0),
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
