import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { Page, PageRequest } from '../lib/cursor.js';
import {
  AddToAlbumPayload,
  CreateAlbumPayload,
  DeleteAlbumPayload,
  MoveInAlbumPayload,
  RemoveFromAlbumPayload,
  UpdateAlbumPayload,
} from '../schema/album-payloads.type.js';
import {
  Album,
  AlbumChange,
  AlbumConnection,
  AlbumSearch,
  AlbumSearchInput,
  toAlbum,
  toSmartQuery,
} from '../schema/album.type.js';
import type { Context } from '../schema/context.js';
import { GalleryImage, GalleryImageConnection, toGalleryImage } from '../schema/gallery-image.type.js';
import { albumId, albumRowId, parseAlbumId, rowId, rowIds } from '../schema/ids.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import type { AlbumChangeEvent } from '../services/albums/album-changes.js';
import type { ImageRow } from '../services/catalog/types.js';

const ALBUMS_ON_PAGE = 50;
const MAX_ALBUMS_OF_IMAGE = 100;
/** A smart album is a search. */
const SMART_COST = 20;

@Resolver(() => Album)
export class AlbumResolver {
  /** What a smart album has, found once for each time that it is read. */
  readonly #found = new WeakMap<Album, Promise<number[]>>();

  @Query(() => AlbumConnection, {
    nullable: true,
    description: 'The albums by name; 50 on a page by default.',
    complexity: pageCost(ALBUMS_ON_PAGE),
  })
  async albums(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { catalog, albums }: Context,
  ): Promise<AlbumConnection> {
    const { revision } = albums.changes;
    const page = await catalog.albums.list(toPage(args, ALBUMS_ON_PAGE));
    return { ...toConnection(page, toAlbum), revision };
  }

  @Query(() => Album, { nullable: true, description: 'A single album. Null if there is none with this id.' })
  async album(
    @Arg('id', () => ID, { description: 'As in `Album.id`.' }) id: string,
    @Ctx() { catalog }: Context,
  ): Promise<Album | null> {
    const parsed = parseAlbumId(id);
    const [row] = parsed === null ? [] : await catalog.albums.byIds([parsed]);
    return row === undefined ? null : toAlbum(row);
  }

  @FieldResolver(() => GalleryImageConnection, {
    nullable: true,
    description:
      'Its pictures: a list in its own order; a smart album with the most similar first, or the newest if it has no query picture. 24 on a page by default.',
    complexity: pageCost(undefined, SMART_COST),
  })
  async images(
    @Root() album: Album,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: Context,
  ): Promise<GalleryImageConnection> {
    const { revision } = context.changes;
    return { ...toConnection(await this.#page(album, toPage(args), context), toGalleryImage), revision };
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many pictures it has. Null when its search failed.',
    complexity: SMART_COST,
  })
  async count(@Root() album: Album, @Ctx() context: Context): Promise<number> {
    return album.isSmart ? (await this.#idsOf(album, context)).length : album.row.count;
  }

  @FieldResolver(() => GalleryImage, {
    nullable: true,
    description: 'The picture chosen as its cover, otherwise its first picture. Null when it is empty.',
    complexity: SMART_COST,
  })
  async cover(@Root() album: Album, @Ctx() context: Context): Promise<GalleryImage | null> {
    const { coverId } = album.row;
    const id = coverId === null && album.isSmart ? (await this.#idsOf(album, context))[0] : coverId;
    const image = id == null ? null : await context.catalog.images.byId(id);
    return image && toGalleryImage(image);
  }

  @Mutation(() => CreateAlbumPayload, {
    nullable: true,
    description: 'Creates an album: a list of pictures, or a saved search.',
    complexity: 20,
  })
  async createAlbum(
    @Arg('name', () => String, { description: 'From 1 to 100 characters.' }) name: string,
    @Arg('ids', () => [ID], {
      nullable: true,
      description: 'The pictures of a list in their order, at most 1000; none by default.',
    })
    ids: string[] | null | undefined,
    @Arg('search', () => AlbumSearchInput, {
      nullable: true,
      description: 'The search of a smart album. Give either this or `ids`.',
    })
    search: AlbumSearchInput | null | undefined,
    @Ctx() context: Context,
  ): Promise<CreateAlbumPayload> {
    const smart = search && (await context.search.albums.toSave(toSmartQuery(search)));
    return { album: toAlbum(await context.albums.create(name, rowIds(ids ?? []), smart ?? null)) };
  }

  @Mutation(() => UpdateAlbumPayload, {
    nullable: true,
    description: 'Changes the name or the cover. Arguments that are left out or null change nothing.',
  })
  async updateAlbum(
    @Arg('id', () => ID, { description: 'As in `Album.id`.' }) id: string,
    @Arg('name', () => String, { nullable: true, description: 'From 1 to 100 characters.' })
    name: string | null | undefined,
    @Arg('cover', () => ID, {
      nullable: true,
      description: 'A picture of the list; any picture of the gallery for a smart album.',
    })
    cover: string | null | undefined,
    @Ctx() { albums }: Context,
  ): Promise<UpdateAlbumPayload> {
    const coverId = cover == null ? undefined : rowId(cover);
    return { album: toAlbum(await albums.update(albumRowId(id), { name: name ?? undefined, coverId })) };
  }

  @Mutation(() => DeleteAlbumPayload, {
    nullable: true,
    description: 'Deletes an album. Its pictures stay in the gallery.',
  })
  async deleteAlbum(
    @Arg('id', () => ID, { description: 'As in `Album.id`. An unknown one is ignored.' }) id: string,
    @Ctx() { albums }: Context,
  ): Promise<DeleteAlbumPayload> {
    const parsed = parseAlbumId(id);
    return { deletedId: parsed !== null && (await albums.delete(parsed)) ? id : null };
  }

  @Mutation(() => AddToAlbumPayload, {
    nullable: true,
    description:
      'Adds pictures to a list. Those already in it keep their place. If one is unknown, nothing is changed.',
  })
  async addToAlbum(
    @Arg('id', () => ID, { description: 'As in `Album.id`; not of a smart album.' }) id: string,
    @Arg('images', () => [ID], { description: 'Pictures in the order in which to add them, 1 to 1000.' })
    images: string[],
    @Arg('before', () => ID, {
      nullable: true,
      description: 'The picture of the album before which to insert them; the end of the list by default.',
    })
    before: string | null | undefined,
    @Ctx() { albums }: Context,
  ): Promise<AddToAlbumPayload> {
    const { album, added } = await albums.add(
      albumRowId(id),
      rowIds(images),
      before == null ? null : rowId(before),
    );
    return { album: toAlbum(album), addedCount: added };
  }

  @Mutation(() => MoveInAlbumPayload, {
    nullable: true,
    description: 'Moves pictures within a list. If one is not in it, nothing is changed.',
  })
  async moveInAlbum(
    @Arg('id', () => ID, { description: 'As in `Album.id`; not of a smart album.' }) id: string,
    @Arg('images', () => [ID], { description: 'Pictures of the album in their new order, 1 to 1000.' })
    images: string[],
    @Arg('before', () => ID, {
      nullable: true,
      description:
        'The picture of the album before which to move them, not one of those moved; the end of the list by default.',
    })
    before: string | null | undefined,
    @Ctx() { albums }: Context,
  ): Promise<MoveInAlbumPayload> {
    const album = await albums.move(albumRowId(id), rowIds(images), before == null ? null : rowId(before));
    return { album: toAlbum(album) };
  }

  @Mutation(() => RemoveFromAlbumPayload, {
    nullable: true,
    description:
      'Removes pictures from a list. They stay in the gallery. Those that are not in the list are ignored.',
  })
  async removeFromAlbum(
    @Arg('id', () => ID, { description: 'As in `Album.id`; not of a smart album.' }) id: string,
    @Arg('images', () => [ID], { description: 'Pictures to remove, 1 to 1000.' }) images: string[],
    @Ctx() { albums }: Context,
  ): Promise<RemoveFromAlbumPayload> {
    const { album, removed } = await albums.take(albumRowId(id), rowIds(images));
    return { album: toAlbum(album), removedCount: removed };
  }

  @Subscription(() => AlbumChange, {
    description:
      'Every change of the albums from now on. A picture that is removed from the gallery leaves its albums without an event here; see `galleryChanged`.',
    subscribe: ({ args, context }: { args: { since?: string | null }; context: Context }) =>
      context.albums.changes.subscribe(args.since ?? undefined),
  })
  albumsChanged(
    @Arg('since', () => ID, {
      nullable: true,
      description:
        'The `revision` of a list the client is showing. If the albums have changed since, the first event is MISSED.',
    })
    _since: string | null | undefined,
    @Root() { kind, id, album, revision }: AlbumChangeEvent,
  ): AlbumChange {
    return { kind, id: id === null ? null : albumId(id), album: album && toAlbum(album), revision };
  }

  #idsOf(album: Album, { search }: Context): Promise<number[]> {
    const known = this.#found.get(album);
    if (known !== undefined) return known;
    const ids = search.albums.idsOf(album.row);
    this.#found.set(album, ids);
    return ids;
  }

  async #page(album: Album, page: PageRequest, context: Context): Promise<Page<ImageRow>> {
    const filter = album.isSmart ? { among: await this.#idsOf(album, context) } : { albumId: album.row.id };
    return context.catalog.images.list({ ...page, orderBy: 'ALBUM', filter });
  }
}

@Resolver(() => Album)
export class AlbumSearchResolver {
  @FieldResolver(() => AlbumSearch, {
    nullable: true,
    description: 'The saved search of a smart album. Null for a list.',
  })
  async search(@Root() { row }: Album, @Ctx() { catalog }: Context): Promise<AlbumSearch | null> {
    const { smart } = row;
    if (smart === null) return null;
    const { imageId, upload, topK, minSimilarity, minStrength, filter } = smart;
    const image = imageId === null ? null : await catalog.images.byId(imageId);
    return {
      image: image && toGalleryImage(image),
      thumbnailUrl:
        upload && `data:${upload.thumbnailType};base64,${Buffer.from(upload.thumbnail).toString('base64')}`,
      isImageRemoved: imageId !== null && image === null,
      topK,
      minSimilarity,
      minStrength: minStrength ?? null,
      isFiltered: filter !== undefined,
    };
  }
}

@Resolver(() => GalleryImage)
export class AlbumsOfImageResolver {
  @FieldResolver(() => [Album], {
    description: 'The lists that contain it, by name; at most 100. Smart albums are not included.',
    complexity: 5,
  })
  async albums(@Root() { id }: GalleryImage, @Ctx() { catalog }: Context): Promise<Album[]> {
    return (await catalog.albums.ofImage(Number(id), MAX_ALBUMS_OF_IMAGE)).map(toAlbum);
  }
}
