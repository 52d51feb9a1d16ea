import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo } from 'react';
import { graphql } from '../gql';
import type { TagsInUseQuery } from '../gql/graphql';

const tagsQuery = graphql(`
  query TagsInUse($after: String) {
    tags(after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          tag
          count
        }
      }
    }
  }
`);

type TagInUse = NonNullable<TagsInUseQuery['tags']>['edges'][number]['node'];

/** Every tag, to suggest it, most used first. They come 500 at a time: most galleries have all of theirs at once. */
export function useTagsInUse(
  fetchPolicy: 'cache-first' | 'cache-and-network' = 'cache-and-network',
): readonly TagInUse[] {
  const { data, fetchMore } = useQuery(tagsQuery, { fetchPolicy, nextFetchPolicy: 'cache-first' });
  const page = data?.tags?.pageInfo;
  const after = page?.hasNextPage === true ? page.endCursor : null;
  useEffect(() => {
    if (after != null) fetchMore({ variables: { after } }).catch(() => {}); // those that are there will do
  }, [after, fetchMore]);
  return useMemo(() => data?.tags?.edges.map(({ node }) => node) ?? [], [data]);
}
