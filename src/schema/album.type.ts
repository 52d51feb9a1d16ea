import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AlbumRow } from '../services/catalog/album-types.js';
import type { NewSmartQuery } from '../services/search/smart-albums.js';
import { GalleryImage } from './gallery-image.type.js';
import { GalleryFilter, toImageFilter } from './gallery.input.js';
import { albumId, rowId } from './ids.js';
import { Node } from './node.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';
import { Strength } from './strength.enum.js';

@ObjectType({ description: 'The saved search of a smart album.', simpleResolvers: true })
export class AlbumSearch {
  @Field(() => GalleryImage, {
    nullable: true,
    description: 'The gallery picture that it searches by. Null if there is none, or if it has been removed.',
  })
  image!: GalleryImage | null;

  @Field(() => String, {
    nullable: true,
    description: 'A thumbnail of an uploaded query as a data URL. Null if the query is not an upload.',
  })
  thumbnailUrl!: string | null;

  @Field(() => Boolean, {
    description: 'Whether the query was a gallery picture that has been removed. The album is then empty.',
  })
  isImageRemoved!: boolean;

  @Field(() => Int, { description: 'Maximum number of pictures in the album.' })
  topK!: number;

  @Field(() => Float, {
    description:
      'Minimum similarity, from 0 to 1, with the model that served when the album was created. With another model, the similarity that excludes the same share of random pairs of pictures is used.',
  })
  minSimilarity!: number;

  @Field(() => Strength, { nullable: true, description: 'Minimum strength. Null if there is none.' })
  minStrength!: `${Strength}` | null;

  @Field(() => Boolean, { description: 'Whether the album also has a filter.' })
  isFiltered!: boolean;
}

@ObjectType({
  description:
    'A named list of pictures in its own order, or a saved search (a smart album). A picture may be in several albums.',
  implements: Node,
  simpleResolvers: true,
})
export class Album {
  @Field(() => ID, { description: 'Begins with `album-`. Never used again for another album.' })
  id!: string;

  @Field(() => String, { description: 'From 1 to 100 characters. Several albums may share it.' })
  name!: string;

  @Field(() => GraphQLDateTime, { description: 'When the album was created.' })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When its name, cover or list was last changed.' })
  updatedAt!: Date;

  @Field(() => Boolean, {
    description: 'Whether its pictures are the current results of a saved search instead of a list.',
  })
  isSmart!: boolean;

  /** Not a field; others are resolved from it. */
  row!: AlbumRow;
}

export function toAlbum(row: AlbumRow): Album {
  const { id, name, createdAt, updatedAt, smart } = row;
  return { id: albumId(id), name, createdAt, updatedAt, isSmart: smart !== null, row };
}

@ObjectType({ description: 'An album together with its position in the list.', simpleResolvers: true })
export class AlbumEdge {
  @Field(() => String, { description: 'Opaque; pass it as `after` or `before`.' })
  cursor!: string;

  @Field(() => Album, { description: 'The album at this position.' })
  node!: Album;
}

@ObjectType({
  description: 'One page of albums, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class AlbumConnection {
  @Field(() => [AlbumEdge], { description: 'The albums of this page, by name.' })
  edges!: AlbumEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many albums there are, over all pages.' })
  totalCount!: number;

  @Field(() => ID, {
    description:
      'Revision of the albums; this page includes every change up to it. Pass it to `albumsChanged(since:)` so that no change is missed in between.',
  })
  revision!: string;
}

const DEFAULT_SMART_TOP_K = 100;

@InputType({
  description:
    'A search to save as a smart album: by at most one picture, by a filter, or by both. Without a picture it lists the newest pictures that pass the filter.',
})
export class AlbumSearchInput {
  @Field(() => ID, {
    nullable: true,
    description: 'A gallery picture to search by. The album is empty once the picture is removed.',
  })
  imageId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The `SearchResult.id` of a search in the history, to search by its picture. The album keeps the vector and a thumbnail of an uploaded one.',
  })
  searchId?: string | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_SMART_TOP_K,
    description: 'Maximum number of pictures in the album, from 1 to 1000.',
  })
  topK?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Leaves out pictures below this similarity, from 0 to 1.',
  })
  minSimilarity?: number | null;

  @Field(() => Strength, {
    nullable: true,
    description: 'Leaves out pictures weaker than this. Has no effect while strengths are unknown.',
  })
  minStrength?: Strength | null;

  @Field(() => GalleryFilter, {
    nullable: true,
    description: 'Only pictures that pass this filter. Its `album` must not be a smart album.',
  })
  filter?: GalleryFilter | null;
}

/** Null means the same as absent. @throws AppError IMAGE_NOT_FOUND */
export function toSmartQuery(search: AlbumSearchInput): NewSmartQuery {
  return {
    imageId: search.imageId == null ? undefined : rowId(search.imageId),
    searchId: search.searchId ?? undefined,
    topK: search.topK ?? DEFAULT_SMART_TOP_K,
    minSimilarity: search.minSimilarity ?? 0,
    minStrength: search.minStrength ?? undefined,
    filter: toImageFilter(search.filter),
  };
}

export enum AlbumChangeKind {
  CREATED = 'CREATED',
  UPDATED = 'UPDATED',
  DELETED = 'DELETED',
  MISSED = 'MISSED',
}
registerEnumType(AlbumChangeKind, {
  name: 'AlbumChangeKind',
  description: 'What happened to an album.',
  valuesConfig: {
    CREATED: { description: 'The album was created.' },
    UPDATED: { description: 'Its name, cover or list was changed.' },
    DELETED: { description: 'The album was deleted; its pictures stay.' },
    MISSED: { description: 'Something changed before the subscription began; reload what is shown.' },
  },
});

@ObjectType({ description: 'One change of the albums.', simpleResolvers: true })
export class AlbumChange {
  @Field(() => AlbumChangeKind, { description: 'What happened. After MISSED, reload everything.' })
  kind!: `${AlbumChangeKind}`;

  @Field(() => ID, { nullable: true, description: 'The album it concerns. Null for MISSED.' })
  id!: string | null;

  @Field(() => Album, {
    nullable: true,
    description: 'The album as it is now. Null for DELETED and MISSED.',
  })
  album!: Album | null;

  @Field(() => ID, {
    description:
      'Revision of the albums after this change. Revisions can be compared as text: a later one is greater.',
  })
  revision!: string;
}
