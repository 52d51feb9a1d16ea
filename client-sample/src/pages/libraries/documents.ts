import { graphql } from '../../gql';

export const librariesQuery = graphql(`
  query Libraries {
    libraries(first: 500) {
      edges {
        node {
          id
          name
          path
          tags
          exclude
          status
          problemCode
          isWatched
          presentCount
          missingCount
          failedCount
          scannedAt
          scan {
            id
            ...JobCard
          }
          removal {
            id
            ...JobCard
          }
        }
      }
    }
  }
`);

/** Only when they are shown: there may be a hundred. */
export const libraryFailuresQuery = graphql(`
  query LibraryFailures($id: ID!) {
    node(id: $id) {
      ... on Library {
        id
        failures {
          path
          code
        }
      }
    }
  }
`);

export const addLibraryMutation = graphql(`
  mutation AddLibrary($path: String!, $name: String, $tags: [String!], $exclude: [String!]) {
    addLibrary(path: $path, name: $name, tags: $tags, exclude: $exclude) {
      library {
        id
      }
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const scanLibraryMutation = graphql(`
  mutation ScanLibrary($id: ID!, $adopt: Boolean) {
    scanLibrary(id: $id, adopt: $adopt) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const removeLibraryMutation = graphql(`
  mutation RemoveLibrary($id: ID!) {
    removeLibrary(id: $id) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const cancelScanMutation = graphql(`
  mutation CancelScan($id: ID!) {
    cancelJob(id: $id) {
      job {
        id
        state
      }
    }
  }
`);
