import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Job as JobRow, JobKind as JobKindName, JobState as JobStateName } from '../services/jobs.js';
import type { LeftOutReason as LeftOutReasonName } from '../services/gallery/import/left-out.js';
import { GalleryImage } from './gallery-image.type.js';
import { ModelProgress } from './model.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum JobKind {
  IMPORT_FOLDER = 'IMPORT_FOLDER',
  EMBED_MISSING = 'EMBED_MISSING',
  SAMPLE_GALLERY = 'SAMPLE_GALLERY',
  MODEL_SWITCH = 'MODEL_SWITCH',
  MODEL_PULL = 'MODEL_PULL',
  MODEL_UPLOAD = 'MODEL_UPLOAD',
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

export enum LeftOutReason {
  HIDDEN = 'HIDDEN',
  SYSTEM_FOLDER = 'SYSTEM_FOLDER',
  OWN_FOLDER = 'OWN_FOLDER',
  EXCLUDED = 'EXCLUDED',
  LINK = 'LINK',
  SPECIAL_FILE = 'SPECIAL_FILE',
  NOT_A_PICTURE = 'NOT_A_PICTURE',
}
registerEnumType(LeftOutReason, {
  name: 'LeftOutReason',
  valuesConfig: {
    HIDDEN: { description: 'Its name begins with a dot.' },
    SYSTEM_FOLDER: {
      description: 'A folder of a system or another program, such as @eaDir or *.photoslibrary.',
    },
    OWN_FOLDER: { description: 'A folder of this server: MEDIA_DIR, INDEX_DIR, MODELS_DIR.' },
    EXCLUDED: { description: 'By `exclude` or a .likenessignore file.' },
    LINK: { description: 'Links are not followed.' },
    SPECIAL_FILE: { description: 'A socket, a FIFO or a device.' },
    NOT_A_PICTURE: { description: 'Its name has no ending of a picture.' },
  },
});

@ObjectType({ simpleResolvers: true })
export class LeftOut {
  @Field(() => LeftOutReason)
  reason!: LeftOutReasonName;

  @Field(() => Int)
  count!: number;
}

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

  @Field(() => Int, { description: 'How many of those skipped got tags that they lacked.' })
  tagged!: number;

  @Field(() => Int, { description: 'Of those skipped: their file was gone or damaged, and was put back.' })
  repaired!: number;

  @Field(() => Int)
  failed!: number;

  @Field(() => [LeftOut], {
    description: 'What an import did not look at, by reason; a folder counts as one. Not part of the total.',
  })
  leftOut!: readonly LeftOut[];

  /** Fields whose resolvers decide what is told to whom. */
  failures!: readonly JobFailure[];

  @Field(() => Float, { description: 'Pictures a second.' })
  rate!: number;

  @Field(() => Float, { nullable: true })
  secondsLeft!: number | null;

  @Field(() => ModelProgress, {
    nullable: true,
    description: 'Of MODEL_PULL and MODEL_UPLOAD, from the first moment to the last; null of the others.',
  })
  model!: ModelProgress | null;

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
  MISSED = 'MISSED',
}
registerEnumType(GalleryChangeKind, {
  name: 'GalleryChangeKind',
  valuesConfig: {
    MISSED: { description: 'Something changed before the subscription began: ask again for what is shown.' },
  },
});

@ObjectType({ simpleResolvers: true })
export class GalleryChange {
  @Field(() => GalleryChangeKind)
  kind!: `${GalleryChangeKind}`;

  @Field(() => [ID])
  ids!: string[];

  @Field(() => [GalleryImage], { description: 'As they are now; empty when they were removed.' })
  images!: GalleryImage[];

  @Field(() => ID, {
    description: 'Of the gallery after this change. A later one comes after an earlier one as text.',
  })
  revision!: string;
}
