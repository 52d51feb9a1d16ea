import { graphql } from '../../gql';

/** What every server says. */
export const statusQuery = graphql(`
  query Status {
    status {
      version
      nodeVersion
      startedAt
      uptimeSeconds
      memoryBytes
      gallerySize
      model {
        id
        description
        dimension
        inputSize
        precision
        spaceId
      }
      index {
        mode
        size
        generation
        unsavedChanges
        rebuilding
        problem
        limitation
      }
      embedder {
        workers
        alive
        threadsPerWorker
        running
        queued
        capacity
        restarts
      }
      jobs {
        edges {
          node {
            id
            ...JobCard
          }
        }
      }
      limits {
        maxUploadBytes
        maxImagePixels
        maxTopK
        maxBatch
        maxPageSize
      }
    }
  }
`);

/** What newer servers report in addition. An older server answers with an error, and the page does without it. */
export const spacesQuery = graphql(`
  query Spaces {
    status {
      embedder {
        executionProvider
      }
      index {
        recall {
          value
          sampleSize
          strays
          measuredAt
        }
      }
      spaces {
        id
        modelId
        dimension
        vectors
        failed
        serving
        filling
      }
      modelSwitch {
        from
        to
        state
        total
        embedded
        failed
        secondsLeft
        message
      }
    }
  }
`);
