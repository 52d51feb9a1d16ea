import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Job as JobRow, JobKind as JobKindName, JobState as JobStateName } from '../services/jobs.js';
import { GalleryImage } from './gallery-image.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum JobKind {
  IMPORT_FOLDER = 'IMPORT_FOLDER',
  EMBED_MISSING = 'EMBED_MISSING',
  SAMPLE_GALLERY = 'SAMPLE_GALLERY',
  MODEL_SWITCH = 'MODEL_SWITCH',
}
registerEnumType(JobKind, { name: 'JobKind' });

export enum JobState {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
}
registerEnumType(JobState, { name: 'JobState' });

@ObjectType({ simpleResolvers: true })
export class JobFailure {
  @Field(() => String, { description: 'The file.' })
  path!: string;

  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType({ description: 'Work in the background.', simpleResolvers: true })
export class Job implements JobRow {
  @Field(() => ID)
  id!: string;

  @Field(() => JobKind)
  kind!: JobKindName;

  @Field(() => JobState)
  state!: JobStateName;

  @Field(() => Int, { nullable: true, description: 'Null while still being counted.' })
  total!: number | null;

  @Field(() => Int, { description: 'Finished, however it ended: added + skipped + failed.' })
  done!: number;

  @Field(() => Int)
  added!: number;

  @Field(() => Int, { description: 'Were in the gallery already.' })
  skipped!: number;

  @Field(() => Int)
  failed!: number;

  /** Fields whose resolvers decide what is told to whom. */
  failures!: readonly JobFailure[];

  @Field(() => Float, { description: 'Pictures a second.' })
  rate!: number;

  @Field(() => Float, { nullable: true })
  secondsLeft!: number | null;

  code!: string | null;

  message!: string | null;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null;
}

export enum GalleryChangeKind {
  ADDED = 'ADDED',
  REMOVED = 'REMOVED',
  UPDATED = 'UPDATED',
}
registerEnumType(GalleryChangeKind, { name: 'GalleryChangeKind' });

@ObjectType({ simpleResolvers: true })
export class GalleryChange {
  @Field(() => GalleryChangeKind)
  kind!: GalleryChangeKind | 'ADDED' | 'REMOVED' | 'UPDATED';

  @Field(() => [ID])
  ids!: string[];

  @Field(() => [GalleryImage], { description: 'As they are now; empty when they were removed.' })
  images!: GalleryImage[];
}
