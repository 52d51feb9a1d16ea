import { ArgsType, Field, InputType, Int, registerEnumType } from 'type-graphql';
import type { ImageFilter } from '../services/catalog/types.js';
import { check } from '../lib/check.js';
import { MAX_PAGE_SIZE } from './limits.js';
import { GraphQLDateTime } from './scalars.js';

export enum GalleryOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  TITLE = 'TITLE',
}
registerEnumType(GalleryOrder, { name: 'GalleryOrder' });

@InputType({ description: 'Pictures that pass every condition given.' })
export class GalleryFilter {
  @Field(() => [String], { nullable: true, description: 'Has all of these tags, compared as texts are.' })
  tags?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Has at least one of these tags.' })
  anyTags?: string[] | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Added at or after this instant.' })
  createdAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Added before this instant.' })
  createdBefore?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Part of the title or of a tag. Case does not count, nor do full width, ligatures and composition: ABC finds ＡＢＣ, fi finds ﬁ.',
  })
  text?: string | null;
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
  };
}

export const DEFAULT_PAGE_SIZE = 24;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_PAGE_SIZE, description: '1 to 500.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'A cursor of the page before.' })
  after?: string | null;
}

@ArgsType()
export class GalleryImagesArgs extends PageArgs {
  @Field(() => GalleryFilter, { nullable: true })
  filter?: GalleryFilter | null;

  @Field(() => GalleryOrder, { nullable: true, defaultValue: GalleryOrder.NEWEST })
  orderBy?: GalleryOrder | null;
}

/** @throws AppError BAD_USER_INPUT */
export function toPage({ first, after }: PageArgs): { first: number; after: string | undefined } {
  const size = first ?? DEFAULT_PAGE_SIZE;
  check(size >= 1 && size <= MAX_PAGE_SIZE, 'first', `a whole number from 1 to ${MAX_PAGE_SIZE}`);
  return { first: size, after: after ?? undefined };
}
