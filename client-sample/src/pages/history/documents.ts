import { graphql } from '../../gql';

export const historyQuery = graphql(`
  query History($first: Int!, $after: String) {
    searchHistory(first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          createdAt
          ...HistoryEntry
        }
      }
    }
  }
`);

export const removeSearchesMutation = graphql(`
  mutation RemoveSearches($ids: [ID!]!) {
    removeSearches(ids: $ids) {
      removedCount
    }
  }
`);

export const clearHistoryMutation = graphql(`
  mutation ClearHistory {
    clearSearchHistory {
      removedCount
    }
  }
`);
