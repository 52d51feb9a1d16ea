import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { EmbedderStatus as EmbedderState, ExecutionProvider } from '../services/embedding/types.js';
import type { MediaCheckState } from '../services/gallery/media-check.js';
import type {
  IndexRecall as Recall,
  SearchMode,
  VectorIndexStatus,
} from '../services/vector-index/vector-index.js';
import { ModelInfo } from './image-analysis.type.js';
import { Job } from './job.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum IndexMode {
  hnsw = 'hnsw',
  exact = 'exact',
}
registerEnumType(IndexMode, {
  name: 'IndexMode',
  description:
    '`hnsw`: approximate search by graph. `exact`: every vector is compared, in small galleries and where there is no graph that can be trusted.',
});

@ObjectType({
  description: 'What part of the ten nearest vectors searches find; the index measures it by itself.',
  simpleResolvers: true,
})
export class IndexRecall implements Recall {
  @Field(() => Float, { description: '0 to 1; 1 when every vector is compared.' })
  value!: number;

  @Field(() => Int, {
    description: 'Vectors it was measured with; 0 when every vector is compared, which needs no measuring.',
  })
  sampleSize!: number;

  @Field(() => Int, {
    description: 'Vectors that the graph does not lead to; searches compare with each of them besides.',
  })
  strays!: number;

  @Field(() => GraphQLDateTime, { nullable: true })
  measuredAt!: Date | null;

  @Field(() => Float, { nullable: true, description: 'How long it took, in the background.' })
  durationMs!: number | null;
}

@ObjectType({ simpleResolvers: true })
export class IndexStatus implements VectorIndexStatus {
  @Field(() => Int, { description: 'Vectors that searches see.' })
  size!: number;

  @Field(() => IndexMode)
  mode!: SearchMode;

  @Field(() => Boolean, { description: 'A new graph is being built; until then search is exact.' })
  rebuilding!: boolean;

  @Field(() => Int, { description: 'Generation of the newest snapshot on disk; 0 when there is none.' })
  generation!: number;

  @Field(() => Int, {
    description: 'Changes since that snapshot (no loss if it is never written: it is derived).',
  })
  unsavedChanges!: number;

  @Field(() => String, { nullable: true, description: 'What was wrong with the snapshot at start.' })
  problem!: string | null;

  @Field(() => IndexRecall, {
    nullable: true,
    description: 'Measured after a start and after changes, in the background; null until then.',
    complexity: 5,
  })
  recall!: Recall | null;
}

@ObjectType({ simpleResolvers: true })
export class EmbedderStatus implements EmbedderState {
  @Field(() => Int)
  workers!: number;

  @Field(() => Int)
  threadsPerWorker!: number;

  @Field(() => String, {
    nullable: true,
    description: 'What the model really runs on: cpu, cuda, coreml or dml; null until a worker has started.',
  })
  executionProvider!: ExecutionProvider | null;

  @Field(() => Int)
  alive!: number;

  @Field(() => Int)
  queued!: number;

  @Field(() => Int)
  running!: number;

  @Field(() => Int, { description: 'Pictures that may wait before SERVER_BUSY.' })
  capacity!: number;

  @Field(() => Int, { description: 'How often a worker died.' })
  restarts!: number;
}

@ObjectType({
  description: 'How gallery and media folder differ, counted in the background.',
  simpleResolvers: true,
})
export class MediaStatus implements MediaCheckState {
  @Field(() => Int, {
    description: 'Picture files in the media folder that belong to no picture. They are left alone.',
  })
  unknownFiles!: number;

  @Field(() => Int, { description: 'Pictures whose file is not there.' })
  missingFiles!: number;

  @Field(() => GraphQLDateTime)
  checkedAt!: Date;
}

@ObjectType({ simpleResolvers: true })
export class ServerLimits {
  @Field(() => Int)
  maxUploadBytes!: number;

  @Field(() => Int)
  maxImagePixels!: number;

  @Field(() => Int)
  maxTopK!: number;

  @Field(() => Int, { description: 'Most pictures in one searchByImages.' })
  maxBatch!: number;

  @Field(() => Int, { description: 'Largest `first`.' })
  maxPageSize!: number;

  @Field(() => Float, { description: 'Largest file of an uploaded model.' })
  maxModelBytes!: number;
}

@ObjectType({ simpleResolvers: true })
export class ServerStatus {
  @Field(() => String)
  version!: string;

  @Field(() => String)
  nodeVersion!: string;

  @Field(() => GraphQLDateTime)
  startedAt!: Date;

  @Field(() => Float)
  uptimeSeconds!: number;

  @Field(() => Boolean)
  ready!: boolean;

  @Field(() => Int, { description: 'Pictures in the gallery.' })
  gallerySize!: number;

  @Field(() => Float, { description: 'Resident memory of the serving process.' })
  memoryBytes!: number;

  @Field(() => ModelInfo)
  model!: ModelInfo;

  @Field(() => ID, {
    nullable: true,
    description:
      'The model that the setting MODEL names: no other one can be chosen here. Null with MODEL=auto, when every one can.',
  })
  pinnedModel!: string | null;

  @Field(() => IndexStatus)
  index!: IndexStatus;

  @Field(() => EmbedderStatus)
  embedder!: EmbedderStatus;

  @Field(() => MediaStatus, { nullable: true, description: 'Null until it was counted.' })
  media!: MediaStatus | null;

  @Field(() => [Job])
  jobs!: Job[];

  @Field(() => ServerLimits)
  limits!: ServerLimits;
}
