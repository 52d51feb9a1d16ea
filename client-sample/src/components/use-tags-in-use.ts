import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { graphql } from '../gql';
import type { TagsInUseQuery } from '../gql/graphql';

const tagsQuery = graphql(`
  query TagsInUse {
    tags {
      edges {
        node {
          tag
          count
        }
      }
    }
  }
`);

type TagInUse = NonNullable<TagsInUseQuery['tags']>['edges'][number]['node'];

/** The tags to suggest, most used first: as many as the server gives on a page, which is 500. */
export function useTagsInUse(
  fetchPolicy: 'cache-first' | 'cache-and-network' = 'cache-and-network',
): readonly TagInUse[] {
  const { data } = useQuery(tagsQuery, { fetchPolicy });
  return useMemo(() => data?.tags?.edges.map(({ node }) => node) ?? [], [data]);
}
