import { graphql } from '../../gql';

export const albumCardFragment = graphql(`
  fragment AlbumCard on Album {
    id
    name
    isSmart
    count
    cover {
      id
      ...ThumbnailImage
    }
    search {
      isImageRemoved
    }
  }
`);

export const albumsQuery = graphql(`
  query Albums($first: Int!, $after: String) {
    albums(first: $first, after: $after) {
      totalCount
      revision
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          ...AlbumCard
        }
      }
    }
  }
`);

export const albumsChangedSubscription = graphql(`
  subscription AlbumsChanged($since: ID) {
    albumsChanged(since: $since) {
      kind
      id
      album {
        id
        ...AlbumCard
      }
    }
  }
`);

export const createAlbumMutation = graphql(`
  mutation CreateAlbum($name: String!, $ids: [ID!], $search: AlbumSearchInput) {
    createAlbum(name: $name, ids: $ids, search: $search) {
      album {
        id
        ...AlbumCard
      }
    }
  }
`);

export const renameAlbumMutation = graphql(`
  mutation RenameAlbum($id: ID!, $name: String!) {
    updateAlbum(id: $id, name: $name) {
      album {
        id
        name
      }
    }
  }
`);

export const deleteAlbumMutation = graphql(`
  mutation DeleteAlbum($id: ID!) {
    deleteAlbum(id: $id) {
      deletedId
    }
  }
`);
