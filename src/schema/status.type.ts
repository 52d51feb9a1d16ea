import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { EmbedderStatus as EmbedderState, ExecutionProvider } from '../services/embedding/types.js';
import type { MediaCheckState } from '../services/gallery/media-check.js';
import type {
  IndexRecall as Recall,
  SearchMode,
  VectorIndexStatus,
} from '../services/vector-index/vector-index.js';
import { ModelInfo } from './image-analysis.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum IndexMode {
  hnsw = 'hnsw',
  exact = 'exact',
}
registerEnumType(IndexMode, {
  name: 'IndexMode',
  description: 'How searches find the nearest vectors.',
  valuesConfig: {
    hnsw: { description: 'Approximate search through a graph.' },
    exact: {
      description:
        'Every vector is compared: in small galleries, and while there is no graph that can be trusted.',
    },
  },
});

@ObjectType({
  description: 'How many of the ten nearest vectors searches really find, as measured by the index itself.',
  simpleResolvers: true,
})
export class IndexRecall implements Recall {
  @Field(() => Float, { description: 'Share that is found, from 0 to 1; 1 when every vector is compared.' })
  value!: number;

  @Field(() => Int, {
    description:
      'Number of queries it was measured with. Zero when every vector is compared and there is nothing to measure.',
  })
  sampleSize!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Candidates that a search for ten examines: the fewest that reach a recall of 0.99. Null when every vector is compared.',
  })
  breadth!: number | null;

  @Field(() => Int, {
    description: 'Vectors that cannot be reached through the graph. Searches compare each of them as well.',
  })
  strays!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was measured. Null when every vector is compared.',
  })
  measuredAt!: Date | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Milliseconds the measurement took in the background. Null when every vector is compared.',
  })
  durationMs!: number | null;
}

@ObjectType({ description: 'The index that searches of the serving model use.', simpleResolvers: true })
export class IndexStatus implements VectorIndexStatus {
  @Field(() => Int, { description: 'Vectors that searches can find.' })
  size!: number;

  @Field(() => IndexMode, { description: 'How searches find the nearest vectors at the moment.' })
  mode!: SearchMode;

  @Field(() => Boolean, {
    description: 'Whether a new graph is being built. Until it is ready, search is exact.',
  })
  rebuilding!: boolean;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of its vectors that are in that graph, from 0 to 1. Null when none is being built.',
  })
  built!: number | null;

  @Field(() => Int, {
    description:
      'Generation of the newest snapshot on disk; it grows by one with each. Zero when there is none.',
  })
  generation!: number;

  @Field(() => Int, {
    description:
      'Changes since that snapshot. Losing them is harmless: the index is derived from the database.',
  })
  unsavedChanges!: number;

  @Field(() => String, {
    nullable: true,
    description: 'What was wrong with the snapshot at the last start. Null if nothing was.',
  })
  problem!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Why no graph can be built on this machine: hnswlib-node is not compiled. Searches then compare every vector. Null if one can.',
  })
  limitation!: string | null;

  @Field(() => IndexRecall, {
    nullable: true,
    description: 'Measured in the background after a start and after changes. Null until then.',
    complexity: 5,
  })
  recall!: Recall | null;
}

@ObjectType({ description: 'The worker processes that run the serving model.', simpleResolvers: true })
export class EmbedderStatus implements EmbedderState {
  @Field(() => Int, { description: 'Maximum number of worker processes that run at the same time.' })
  workers!: number;

  @Field(() => Int, { description: 'Threads with which each worker runs the model.' })
  threadsPerWorker!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'What the model actually runs on: cpu, cuda, coreml or dml. Null until a worker has started.',
  })
  executionProvider!: ExecutionProvider | null;

  @Field(() => Int, { description: 'Workers that are ready at the moment.' })
  alive!: number;

  @Field(() => Int, { description: 'Pictures waiting for a worker.' })
  queued!: number;

  @Field(() => Int, { description: 'Pictures being processed at the moment.' })
  running!: number;

  @Field(() => Int, {
    description: 'Maximum number of pictures that may wait; more are refused with SERVER_BUSY.',
  })
  capacity!: number;

  @Field(() => Int, { description: 'How often a worker died and was replaced since the server started.' })
  restarts!: number;
}

@ObjectType({
  description: 'Differences between the gallery and the media folder, counted in the background.',
  simpleResolvers: true,
})
export class MediaStatus implements MediaCheckState {
  @Field(() => Int, {
    description: 'Picture files in the media folder that belong to no gallery picture. They are left alone.',
  })
  unknownFiles!: number;

  @Field(() => Int, { description: 'Gallery pictures whose original file is missing.' })
  missingFiles!: number;

  @Field(() => GraphQLDateTime, { description: 'When they were counted.' })
  checkedAt!: Date;
}

@ObjectType({
  description: 'Limits of this server; requests beyond them are refused.',
  simpleResolvers: true,
})
export class ServerLimits {
  @Field(() => Int, { description: 'Largest picture file, in bytes (MAX_UPLOAD_BYTES).' })
  maxUploadBytes!: number;

  @Field(() => Int, { description: 'Largest width times height of a picture.' })
  maxImagePixels!: number;

  @Field(() => Int, { description: 'Largest `topK` of a search.' })
  maxTopK!: number;

  @Field(() => Int, { description: 'Maximum number of pictures in one `searchByImages`.' })
  maxBatch!: number;

  @Field(() => Int, { description: 'Largest `first` or `last` of a list.' })
  maxPageSize!: number;

  @Field(() => Float, { description: 'Largest file of an uploaded model, in bytes.' })
  maxModelBytes!: number;
}

@ObjectType({ description: 'The state of the server at this moment.', simpleResolvers: true })
export class ServerStatus {
  @Field(() => String, { description: 'Version of Likeness.' })
  version!: string;

  @Field(() => String, { description: 'Version of Node.js, without a leading v.' })
  nodeVersion!: string;

  @Field(() => GraphQLDateTime, { description: 'When the server was started.' })
  startedAt!: Date;

  @Field(() => Float, { description: 'Seconds since `startedAt`.' })
  uptimeSeconds!: number;

  @Field(() => Int, { description: 'Number of pictures in the gallery.' })
  gallerySize!: number;

  @Field(() => Float, { description: 'Resident memory of the server process in bytes, without its workers.' })
  memoryBytes!: number;

  @Field(() => ModelInfo, { description: 'The model that serves.' })
  model!: ModelInfo;

  @Field(() => ID, {
    nullable: true,
    description:
      'The model that the setting MODEL names; no other can be chosen. Null with MODEL=auto, when any can.',
  })
  pinnedModel!: string | null;

  @Field(() => IndexStatus, { description: 'The index that searches use.' })
  index!: IndexStatus;

  @Field(() => EmbedderStatus, { description: 'The workers that run the model.' })
  embedder!: EmbedderStatus;

  @Field(() => MediaStatus, {
    nullable: true,
    description: 'Differences between gallery and media folder. Null until they were first counted.',
  })
  media!: MediaStatus | null;

  @Field(() => ServerLimits, { description: 'Limits that requests must keep to.' })
  limits!: ServerLimits;
}
