import { graphql } from '../../../gql';

/** Apart from the search: for the colours the server may have to read the picture again. */
export const searchAnalysisQuery = graphql(`
  query SearchAnalysis($id: ID!) {
    search(id: $id, topK: 1) {
      id
      analysis {
        vector {
          dimension
          values
          min
          max
          mean
          std
          norm
        }
        dominantColors {
          hex
          share
        }
      }
    }
  }
`);

export const matchCountQuery = graphql(`
  query SearchMatchCount($id: ID!, $minSimilarity: Float!) {
    search(id: $id, topK: 1) {
      id
      analysis {
        matchCount(minSimilarity: $minSimilarity)
      }
    }
  }
`);

/** The vector of a picture of the gallery, to compare with. */
export const comparedVectorQuery = graphql(`
  query ComparedVector($imageId: ID!) {
    imageAnalysis(imageId: $imageId) {
      vector {
        dimension
        values
        min
        max
        mean
        std
        norm
      }
    }
  }
`);
