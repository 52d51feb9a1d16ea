import { graphql } from '../../../gql';

export const patchGridFragment = graphql(`
  fragment PatchPart on PatchGrid {
    left
    top
    width
    height
  }
`);

export const patchMapQuery = graphql(`
  query PatchMap($image: Upload, $imageId: ID) {
    imageAnalysis(image: $image, imageId: $imageId) {
      patchMap
      patchGrid {
        ...PatchPart
      }
    }
  }
`);

export const explanationFragment = graphql(`
  fragment Explanation on SearchMatch {
    image {
      id
    }
    explanation {
      agreement
      query
      match
      queryGrid {
        ...PatchPart
      }
      matchGrid {
        ...PatchPart
      }
      pairs {
        similarity
        query {
          x
          y
        }
        match {
          x
          y
        }
      }
    }
  }
`);

/** Of one match: the filter leaves no other than it. */
export const explanationQuery = graphql(`
  query SearchExplanation($id: ID!, $filter: GalleryFilter!) {
    search(id: $id, topK: 3, filter: $filter) {
      id
      matches {
        ...Explanation
      }
    }
  }
`);

/** The same for a picture whose file the server does not keep. */
export const uploadExplanationQuery = graphql(`
  query UploadExplanation($image: Upload!, $filter: GalleryFilter!) {
    searchByImage(image: $image, topK: 3, filter: $filter) {
      id
      matches {
        ...Explanation
      }
    }
  }
`);

export const forgetSearchMutation = graphql(`
  mutation ForgetSearch($id: ID!) {
    removeSearches(ids: [$id]) {
      removedCount
    }
  }
`);
