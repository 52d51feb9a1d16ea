import { graphql } from '../../gql';

export const modelsQuery = graphql(`
  query Models {
    models {
      id
      name
      state
      purpose
      description
      licence
      dimension
      precision
      bytesOnDisk
      embedMs
      pictures
      secondsToSwitch
      removable
      problem
      offers {
        precision
        modelId
        state
        downloadBytes
        installedBytes
        downloadedBytes
        estimatedSecondsToSwitch
        jobId
      }
    }
  }
`);

/** What moves on by itself, and is cheap to ask for. */
export const modelWorkQuery = graphql(`
  query ModelWork {
    status {
      gallerySize
      model {
        id
      }
      pinnedModel
      jobs {
        edges {
          node {
            id
            ...JobCard
          }
        }
      }
      modelSwitch {
        from
        to
        state
        jobId
        total
        embedded
        failed
        secondsLeft
        message
      }
      limits {
        maxModelBytes
      }
    }
  }
`);

export const pullModelMutation = graphql(`
  mutation PullModel($id: ID!, $precision: ModelPrecision, $calibrate: Boolean, $use: Boolean) {
    pullModel(id: $id, precision: $precision, calibrate: $calibrate, use: $use) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const uploadModelMutation = graphql(`
  mutation UploadModel($files: [Upload!]!, $id: ID, $precision: ModelPrecision, $use: Boolean) {
    uploadModel(files: $files, id: $id, precision: $precision, use: $use) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const useModelMutation = graphql(`
  mutation UseModel($id: ID!) {
    useModel(id: $id) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

export const removeModelMutation = graphql(`
  mutation RemoveModel($id: ID!, $vectors: Boolean) {
    removeModel(id: $id, vectors: $vectors) {
      id
      freedBytes
    }
  }
`);

export const cancelPullMutation = graphql(`
  mutation CancelPull($id: ID!) {
    cancelJob(id: $id) {
      job {
        id
        state
      }
    }
  }
`);

export const cancelSwitchMutation = graphql(`
  mutation CancelSwitch {
    cancelModelSwitch {
      cancelled
    }
  }
`);
