import { graphql } from '../../../gql';

export const shownAlbumQuery = graphql(`
  query ShownAlbum($id: ID!) {
    album(id: $id) {
      id
      name
      isSmart
      search {
        isImageRemoved
      }
    }
  }
`);

export const shownAlbumChangedSubscription = graphql(`
  subscription ShownAlbumChanged($since: ID!) {
    albumsChanged(since: $since) {
      kind
      id
      album {
        id
        name
      }
    }
  }
`);

/** The albums that pictures can be put into: all but the smart ones. */
export const albumChoicesQuery = graphql(`
  query AlbumChoices {
    albums(first: 500) {
      edges {
        node {
          id
          name
          isSmart
        }
      }
    }
  }
`);

export const newAlbumMutation = graphql(`
  mutation NewAlbum($name: String!) {
    createAlbum(name: $name) {
      album {
        id
        name
      }
    }
  }
`);

export const addToAlbumMutation = graphql(`
  mutation AddToAlbum($id: ID!, $images: [ID!]!) {
    addToAlbum(id: $id, images: $images) {
      addedCount
      album {
        id
        name
      }
    }
  }
`);

export const moveInAlbumMutation = graphql(`
  mutation MoveInAlbum($id: ID!, $images: [ID!]!, $before: ID) {
    moveInAlbum(id: $id, images: $images, before: $before) {
      album {
        id
      }
    }
  }
`);

export const removeFromAlbumMutation = graphql(`
  mutation RemoveFromAlbum($id: ID!, $images: [ID!]!) {
    removeFromAlbum(id: $id, images: $images) {
      removedCount
      album {
        id
      }
    }
  }
`);
