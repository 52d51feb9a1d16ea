import { Field, ObjectType } from 'type-graphql';
import type { Page } from '../services/catalog/types.js';

@ObjectType({
  description: 'Where a page begins and ends, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more entries follow after `endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether `after` was given. Lists can only be read forwards.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first entry. Null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last entry; pass it as `after` to get the next page. Null on an empty page.',
  })
  endCursor!: string | null;
}

/** A page of rows as a Relay connection of nodes. */
export function toConnection<Row, Node>(
  page: Page<Row>,
  after: string | undefined,
  toNode: (row: Row) => Node,
) {
  const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: toNode(node) }));
  const pageInfo: PageInfo = {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: after !== undefined,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, pageInfo, totalCount: page.totalCount };
}
