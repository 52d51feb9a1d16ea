import { Field, ObjectType } from 'type-graphql';
import type { Page } from '../lib/cursor.js';

@ObjectType({
  description: 'Where a page begins and ends, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether the list goes on after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether the list has entries before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor of the first entry; pass it as `before` to get the page before this one. Null on an empty page.',
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last entry; pass it as `after` to get the next page. Null on an empty page.',
  })
  endCursor!: string | null;
}

/** A page of rows as a Relay connection of nodes. */
export function toConnection<Row, Node>(page: Page<Row>, toNode: (row: Row) => Node) {
  const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: toNode(node) }));
  const pageInfo: PageInfo = {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, pageInfo, totalCount: page.totalCount };
}
