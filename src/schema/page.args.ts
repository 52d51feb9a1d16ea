import { ArgsType, Field, Int } from 'type-graphql';
import { check } from '../lib/check.js';
import type { PageRequest } from '../lib/cursor.js';
import { listCost, MAX_PAGE_SIZE } from './limits.js';

export const DEFAULT_PAGE_SIZE = 24;

/** `first` has no default in the schema: it would then be set along with every `last`. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description:
      'Maximum number of entries, counted from the start of the list, from 1 to 500. Give at most one of `first` and `last`.',
  })
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only entries after this cursor: the `endCursor` of the previous page.',
  })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Maximum number of entries, counted from the end of the list, from 1 to 500.',
  })
  last?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only entries before this cursor: the `startCursor` of the next page.',
  })
  before?: string | null;
}

/**
 * @param size of a page for which neither `first` nor `last` is given
 * @throws AppError BAD_USER_INPUT
 */
export function toPage({ first, after, last, before }: PageArgs, size = DEFAULT_PAGE_SIZE): PageRequest {
  const ends = { after: after ?? undefined, before: before ?? undefined };
  check(first == null || last == null, 'first', 'at most one of first and last');
  if (last == null) return { ...ends, first: sizeOf('first', first ?? size) };
  return { ...ends, last: sizeOf('last', last) };
}

function sizeOf(name: 'first' | 'last', size: number): number {
  check(size >= 1 && size <= MAX_PAGE_SIZE, name, `a whole number from 1 to ${MAX_PAGE_SIZE}`);
  return size;
}

/** Cost of a connection: each entry that may be on the page counts. @param own of finding the page */
export const pageCost = (size = DEFAULT_PAGE_SIZE, own = 1) =>
  listCost(own, ({ first, last }) => Number(first ?? last ?? size));
