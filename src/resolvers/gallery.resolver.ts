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
import type { LazyBytes } from '../lib/byte-budget.js';
import { check } from '../lib/check.js';
import { pageOfList, type ListOrder } from '../lib/list-page.js';
import type { Context } from '../schema/context.js';
import {
  GalleryImage,
  GalleryImageConnection,
  mediaPath,
  SearchMatch,
  TagCountConnection,
  toGalleryImage,
  toSearchMatch,
} from '../schema/gallery-image.type.js';
import { GalleryImagesArgs, GalleryOrder, toImageFilter } from '../schema/gallery.input.js';
import { parseId, rowId, rowIds } from '../schema/ids.js';
import { GalleryChange } from '../schema/job.type.js';
import { assertThumbnailWidth, listCost, MAX_PAGE_SIZE } from '../schema/limits.js';
import { titleOfFile } from '../services/gallery/titles-and-tags.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import {
  AddToGalleryPayload,
  RemoveFromGalleryPayload,
  TagImagesPayload,
  UpdateImagePayload,
} from '../schema/payloads.type.js';
import { GraphQLUpload } from '../schema/scalars.js';
import type { TagCountRow } from '../services/catalog/types.js';
import type { GalleryChangeEvent } from '../services/gallery/gallery-changes.js';
import { normalizeFilter } from '../services/search/arguments.js';

/** Counts as text of fixed length, so that they sort like numbers. */
const TAG_ORDER: ListOrder<TagCountRow> = {
  name: 'TAGS',
  keys: 'descending',
  positionOf: ({ tag, count }) => ({ key: String(count).padStart(10, '0'), id: tag }),
};

@Resolver()
export class GalleryResolver {
  @Query(() => GalleryImageConnection, {
    nullable: true,
    description: 'The pictures of the gallery, page by page; 24 on a page by default.',
    complexity: pageCost(),
  })
  async galleryImages(
    @Args(() => GalleryImagesArgs) args: GalleryImagesArgs,
    @Ctx() { catalog, changes, search }: Context,
  ): Promise<GalleryImageConnection> {
    const { revision } = changes;
    const page = toPage(args);
    const asked = toImageFilter(args.filter);
    const filter = await search.albums.resolved(asked && normalizeFilter(asked));
    const orderBy = args.orderBy ?? GalleryOrder.NEWEST;
    const rows = await catalog.images.list({ ...page, orderBy, filter });
    return { ...toConnection(rows, toGalleryImage), revision };
  }

  @Query(() => GalleryImage, {
    nullable: true,
    description: 'A single picture. Null if there is none with this id.',
  })
  async galleryImage(
    @Arg('id', () => ID, { description: 'As in `GalleryImage.id`.' }) id: string,
    @Ctx() { catalog }: Context,
  ): Promise<GalleryImage | null> {
    const parsed = parseId(id);
    const row = parsed === null ? null : await catalog.images.byId(parsed);
    return row && toGalleryImage(row);
  }

  @Query(() => TagCountConnection, {
    nullable: true,
    description:
      'The tags in use and how many pictures have each, most used first; 500 on a page by default.',
    complexity: pageCost(MAX_PAGE_SIZE),
  })
  async tags(@Args(() => PageArgs) args: PageArgs, @Ctx() { catalog }: Context): Promise<TagCountConnection> {
    const page = toPage(args, MAX_PAGE_SIZE);
    return toConnection(pageOfList(await catalog.images.tagCounts(), TAG_ORDER, page), (tag) => tag);
  }

  @Mutation(() => AddToGalleryPayload, {
    nullable: true,
    description: 'Adds a picture. When this returns, it is stored safely and can be found.',
    complexity: 100,
  })
  async addToGallery(
    @Arg('image', () => GraphQLUpload, {
      nullable: true,
      description:
        'A picture file (multipart request), within `ServerLimits.maxUploadBytes` and `maxImagePixels`. Give either this or `url`.',
    })
    image: Promise<LazyBytes & { readonly name: string }> | null | undefined,
    @Arg('url', () => String, {
      nullable: true,
      description:
        'Address of a picture, http or https, that the server fetches if its operator allows that (URL_FETCH). Give either this or `image`.',
    })
    url: string | null | undefined,
    @Arg('title', () => String, {
      nullable: true,
      description: 'At most 200 characters. By default the name of the uploaded file without its extension.',
    })
    title: string | null | undefined,
    @Arg('tags', () => [String], {
      nullable: true,
      description:
        'At most 50 tags of 1 to 64 characters, in addition to the keywords in the picture itself. They are stored in lower case.',
    })
    tags: string[] | null | undefined,
    @Ctx() context: Context,
  ): Promise<AddToGalleryPayload> {
    const { ingest, memory, signal, pictureAt } = context;
    check(Boolean(image) !== (typeof url === 'string'), 'image', 'exactly one of image and url');
    const upload = image ? await image : null;
    const file = upload ?? pictureAt(url as string);
    const fileTitle = upload === null ? undefined : titleOfFile(upload.name);
    const fields = { title: title ?? undefined, fileTitle, tags: tags ?? undefined, signal };
    const added = await memory.use([file], (bytes) => ingest.add({ bytes, ...fields }), signal);
    return { image: toGalleryImage(added.image), created: added.created, repaired: added.repaired };
  }

  @Mutation(() => TagImagesPayload, {
    nullable: true,
    description: 'Adds and removes tags. Changes either all of the pictures or, if one is unknown, none.',
  })
  async tagImages(
    @Arg('ids', () => [ID], { description: 'Pictures to change, 1 to 1000.' }) ids: string[],
    @Arg('add', () => [String], {
      nullable: true,
      description: 'Tags to add to each; ignored where they are present already.',
    })
    add: string[] | null | undefined,
    @Arg('remove', () => [String], {
      nullable: true,
      description: 'Tags to remove from each; ignored where they are absent.',
    })
    remove: string[] | null | undefined,
    @Ctx() { ingest }: Context,
  ): Promise<TagImagesPayload> {
    const images = await ingest.tag(rowIds(ids), add ?? [], remove ?? []);
    return { images: images.map(toGalleryImage) };
  }

  @Mutation(() => UpdateImagePayload, {
    nullable: true,
    description:
      'Changes the title or the tags of a picture. Arguments that are left out or null change nothing.',
  })
  async updateImage(
    @Arg('id', () => ID, { description: 'As in `GalleryImage.id`.' }) id: string,
    @Arg('title', () => String, { nullable: true, description: 'At most 200 characters; may be empty.' })
    title: string | null | undefined,
    @Arg('tags', () => [String], {
      nullable: true,
      description: 'Replace all tags of the picture: at most 50, of 1 to 64 characters.',
    })
    tags: string[] | null | undefined,
    @Arg('rating', () => Int, {
      nullable: true,
      description: 'From 1 to 5 stars; 0 removes the rating.',
    })
    rating: number | null | undefined,
    @Arg('favorite', () => Boolean, {
      nullable: true,
      description: 'Whether it is one of the favorites.',
    })
    favorite: boolean | null | undefined,
    @Ctx() { ingest }: Context,
  ): Promise<UpdateImagePayload> {
    const image = await ingest.update(rowId(id), {
      title: title ?? undefined,
      tags: tags ?? undefined,
      rating: rating === 0 ? null : (rating ?? undefined),
      favorite: favorite ?? undefined,
    });
    return { image: toGalleryImage(image) };
  }

  @Mutation(() => RemoveFromGalleryPayload, {
    nullable: true,
    description: 'Permanently removes pictures and their files. Unknown ids are ignored.',
  })
  async removeFromGallery(
    @Arg('ids', () => [ID], { description: 'Pictures to remove, 1 to 1000.' }) ids: string[],
    @Ctx() { ingest }: Context,
  ): Promise<RemoveFromGalleryPayload> {
    check(ids.length >= 1, 'ids', 'at least one id');
    const rows = ids.map(parseId).filter((id) => id !== null);
    return { removedIds: rows.length === 0 ? [] : (await ingest.remove(rows)).map(String) };
  }

  @Subscription(() => GalleryChange, {
    description: 'Every change of the gallery from now on, with the pictures it touched.',
    subscribe: ({ args, context }: { args: { since?: string | null }; context: Context }) =>
      context.changes.subscribe(args.since ?? undefined),
  })
  galleryChanged(
    @Arg('since', () => ID, {
      nullable: true,
      description:
        'The `revision` of a list the client is showing. If the gallery has changed since, the first event is MISSED.',
    })
    _since: string | null | undefined,
    @Root() { kind, ids, images, revision }: GalleryChangeEvent,
  ): GalleryChange {
    return { kind, ids: ids.map(String), images: images.map(toGalleryImage), revision };
  }
}

@Resolver(() => GalleryImage)
export class GalleryImageResolver {
  @FieldResolver(() => String, {
    description:
      'URL path of a WebP thumbnail on this server. It is made on first request, in the next larger of a few fixed widths.',
  })
  thumbnailUrl(
    @Root() image: GalleryImage,
    @Arg('width', () => Int, {
      nullable: true,
      defaultValue: 320,
      description: 'Wanted width in pixels, from 16 to 4096.',
    })
    width: number | null,
  ): string {
    const pixels = width ?? 320;
    assertThumbnailWidth(pixels);
    return mediaPath(image, `/thumbnail?width=${pixels}`);
  }

  @FieldResolver(() => [SearchMatch], {
    description:
      'The other pictures of the gallery that look most like this one, best first. Empty while this one has no vector.',
    complexity: listCost(50, (args) => Number(args['topK'] ?? 12)),
  })
  async similar(
    @Root() image: GalleryImage,
    @Arg('topK', () => Int, {
      nullable: true,
      defaultValue: 12,
      description: 'Maximum number of matches to return, from 1 to 1000.',
    })
    topK: number | null,
    @Ctx() { search }: Context,
  ): Promise<SearchMatch[]> {
    const matches = await search.similar(Number(image.id), topK ?? 12);
    const query = search.fileOf(image);
    return matches.map((match) => toSearchMatch(match, query));
  }
}
