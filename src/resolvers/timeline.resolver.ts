import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { check } from '../lib/check.js';
import { CameraCount, GalleryMonth } from '../schema/camera-facts.type.js';
import type { Context } from '../schema/context.js';
import { GalleryFilter, GalleryOrder, toImageFilter } from '../schema/gallery.input.js';
import { listCost } from '../schema/limits.js';
import { normalizeFilter } from '../services/search/arguments.js';

/** Months and cameras that a gallery may well have. */
const MANY = 300;

@Resolver()
export class TimelineResolver {
  @Query(() => [GalleryMonth], {
    nullable: true,
    description:
      'The months in which pictures were taken, each with its place in `galleryImages`: a timeline of the whole gallery in one request.',
    complexity: listCost(50, () => MANY),
  })
  async galleryMonths(
    @Arg('filter', () => GalleryFilter, {
      nullable: true,
      description: 'Which pictures to count; all of them when absent.',
    })
    filter: GalleryFilter | null | undefined,
    @Arg('orderBy', () => GalleryOrder, {
      nullable: true,
      defaultValue: GalleryOrder.TAKEN_NEWEST,
      description: 'Order of the months and of their pictures: TAKEN_NEWEST or TAKEN_OLDEST.',
    })
    orderBy: GalleryOrder | null,
    @Ctx() { catalog, search }: Context,
  ): Promise<GalleryMonth[]> {
    const order = orderBy ?? GalleryOrder.TAKEN_NEWEST;
    const isByTime = order === GalleryOrder.TAKEN_NEWEST || order === GalleryOrder.TAKEN_OLDEST;
    check(isByTime, 'orderBy', 'TAKEN_NEWEST or TAKEN_OLDEST');
    const asked = toImageFilter(filter);
    const resolved = await search.albums.resolved(asked && normalizeFilter(asked));
    return catalog.images.months(
      resolved ?? {},
      order === GalleryOrder.TAKEN_OLDEST ? 'TAKEN_OLDEST' : 'TAKEN_NEWEST',
    );
  }

  @Query(() => [CameraCount], {
    nullable: true,
    description: 'The cameras that took the pictures of the gallery, most used first.',
    complexity: listCost(50, () => MANY),
  })
  async cameras(@Ctx() { catalog }: Context): Promise<CameraCount[]> {
    return catalog.images.cameraCounts();
  }
}
