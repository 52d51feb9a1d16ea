import { graphql } from '../../gql';

export const galleryCellFragment = graphql(`
  fragment GalleryCell on GalleryImage {
    id
    title
    tags
    width
    height
    createdAt
    takenAt
    takenLocal
    favorite
    missing
    ...ThumbnailImage
  }
`);

/**
 * What the page watches of the list: its order and no more. Of ten thousand pictures those that are on the screen are
 * watched in full, each by its cell (`useFragment`), so that a change draws one cell anew and not the list.
 */
export const galleryListQuery = graphql(`
  query GalleryList($filter: GalleryFilter, $orderBy: GalleryOrder!) {
    galleryImages(filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
        }
      }
    }
  }
`);

/** What is asked for, page after page. */
export const galleryPageQuery = graphql(`
  query GalleryPage($first: Int!, $after: String, $filter: GalleryFilter, $orderBy: GalleryOrder!) {
    galleryImages(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
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
          ...GalleryCell
        }
      }
    }
  }
`);

export const galleryChangesSubscription = graphql(`
  subscription GalleryChanges($since: ID!, $withPlaces: Boolean!) {
    galleryChanged(since: $since) {
      kind
      ids
      revision
      images {
        id
        places @include(if: $withPlaces) {
          libraryId
          path
        }
        rating
        camera
        format
        ...GalleryCell
      }
    }
  }
`);

/** Whether there is such a picture. */
export const galleryKnowsQuery = graphql(`
  query GalleryKnows($id: ID!) {
    galleryImage(id: $id) {
      id
    }
  }
`);

export const removeFromGalleryMutation = graphql(`
  mutation RemoveFromGallery($ids: [ID!]!) {
    removeFromGallery(ids: $ids) {
      removedIds
    }
  }
`);

export const tagImagesMutation = graphql(`
  mutation TagImages($ids: [ID!]!, $add: [String!], $remove: [String!]) {
    tagImages(ids: $ids, add: $add, remove: $remove) {
      images {
        id
        tags
      }
    }
  }
`);

export const addToGalleryMutation = graphql(`
  mutation AddToGallery($image: Upload!, $tags: [String!]) {
    addToGallery(image: $image, tags: $tags) {
      created
      image {
        id
        ...GalleryCell
      }
    }
  }
`);

export const uploadLimitsQuery = graphql(`
  query UploadLimits {
    status {
      limits {
        maxUploadBytes
      }
    }
  }
`);

/** The server takes this many ids in one request. */
export const MAX_IDS = 1000;
