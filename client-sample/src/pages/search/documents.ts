import { graphql } from '../../gql';

export const resultCardFragment = graphql(`
  fragment ResultCard on SearchMatch {
    rank
    similarity
    strength
    percentile
    image {
      id
      title
      tags
      sha256
      width
      height
      createdAt
      missing
      ...ThumbnailImage
      ...LightboxImage
    }
  }
`);

export const queryFactsFragment = graphql(`
  fragment QueryFacts on ImageAnalysis {
    width
    height
    format
    bytes
    sha256
    model {
      id
      dimension
      inputSize
      precision
      hasPatchTokens
    }
    timings {
      queueMs
      decodeMs
      embedMs
      searchMs
      totalMs
    }
  }
`);

/** The first time: what the picture costs is paid here, and the search gets its id. */
export const searchByPictureQuery = graphql(`
  query SearchByPicture($image: Upload, $imageId: ID, $topK: Int!, $filter: GalleryFilter) {
    searchByImage(image: $image, imageId: $imageId, topK: $topK, filter: $filter) {
      id
      matches {
        ...ResultCard
      }
      analysis {
        ...QueryFacts
      }
    }
  }
`);

/** From then on: other numbers and tags without the picture, and without another entry in the history. */
export const searchMatchesQuery = graphql(`
  query SearchMatches($id: ID!, $topK: Int!, $filter: GalleryFilter) {
    search(id: $id, topK: $topK, filter: $filter) {
      id
      matches {
        ...ResultCard
      }
    }
  }
`);

/** What is known of the query whatever it is compared with. */
export const searchFactsQuery = graphql(`
  query SearchFacts($id: ID!) {
    search(id: $id, topK: 1) {
      id
      analysis {
        ...QueryFacts
      }
    }
  }
`);

export const queryPictureQuery = graphql(`
  query QueryPicture($id: ID!) {
    galleryImage(id: $id) {
      id
      title
      width
      height
      url
      ...ThumbnailImage
    }
  }
`);

export const addQueryMutation = graphql(`
  mutation AddQueryToGallery($image: Upload!, $title: String) {
    addToGallery(image: $image, title: $title) {
      created
      image {
        id
      }
    }
  }
`);
