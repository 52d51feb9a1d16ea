import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Job as JobRow, JobKind as JobKindName, JobState as JobStateName } from '../services/jobs.js';
import type { LeftOutReason as LeftOutReasonName } from '../services/gallery/import/left-out.js';
import { GalleryImage } from './gallery-image.type.js';
import { ModelProgress } from './model.type.js';
import { Node } from './node.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum JobKind {
  IMPORT_FOLDER = 'IMPORT_FOLDER',
  LIBRARY_SCAN = 'LIBRARY_SCAN',
  LIBRARY_REMOVAL = 'LIBRARY_REMOVAL',
  EMBED_MISSING = 'EMBED_MISSING',
  SAMPLE_GALLERY = 'SAMPLE_GALLERY',
  READ_FACTS = 'READ_FACTS',
  MODEL_SWITCH = 'MODEL_SWITCH',
  MODEL_PULL = 'MODEL_PULL',
  MODEL_UPLOAD = 'MODEL_UPLOAD',
}
registerEnumType(JobKind, {
  name: 'JobKind',
  description: 'What a background job does.',
  valuesConfig: {
    IMPORT_FOLDER: { description: 'Adds the pictures of a folder; started by `importFolder`.' },
    LIBRARY_SCAN: {
      description:
        'Brings the gallery in line with the folder of a library; started by `addLibrary`, `scanLibrary`, the start of the server and changes in the folder.',
    },
    LIBRARY_REMOVAL: { description: 'Takes a library out of the gallery; started by `removeLibrary`.' },
    EMBED_MISSING: {
      description: 'Computes vectors for pictures that have none, after a start or a repair.',
    },
    SAMPLE_GALLERY: { description: 'Adds the sample pictures to a new gallery.' },
    READ_FACTS: {
      description:
        'Reads date, camera and the like from pictures that were added by an earlier version, after a start.',
    },
    MODEL_SWITCH: {
      description: 'Computes the vectors of a new model, then lets it serve; started by `useModel`.',
    },
    MODEL_PULL: { description: 'Downloads and installs a model; started by `pullModel`.' },
    MODEL_UPLOAD: { description: 'Installs a model from uploaded files; started by `uploadModel`.' },
  },
});

export enum JobState {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
}
registerEnumType(JobState, {
  name: 'JobState',
  description: 'How far a job is. DONE, FAILED and CANCELLED are final.',
  valuesConfig: {
    QUEUED: { description: 'Waits until another job has ended.' },
    RUNNING: { description: 'Is being worked on.' },
    DONE: { description: 'Ended normally. Individual pictures may still have failed; see `failures`.' },
    FAILED: { description: 'Ended early because of an error; see `code` and `message`.' },
    CANCELLED: {
      description: 'Ended early because someone cancelled it or the server stopped. What it had done stays.',
    },
  },
});

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
  description: 'Why an import left out a file or folder.',
  valuesConfig: {
    HIDDEN: { description: 'Its name begins with a dot.' },
    SYSTEM_FOLDER: {
      description: 'A folder of the system or of another program, such as @eaDir or *.photoslibrary.',
    },
    OWN_FOLDER: { description: 'A folder of this server: MEDIA_DIR, INDEX_DIR or MODELS_DIR.' },
    EXCLUDED: { description: 'Matches a pattern of `exclude` or of a .likenessignore file.' },
    LINK: { description: 'A symbolic link; links are not followed.' },
    SPECIAL_FILE: { description: 'A socket, a FIFO or a device.' },
    NOT_A_PICTURE: { description: 'Its name does not have the extension of a picture.' },
  },
});

@ObjectType({
  description: 'How many files and folders an import left out for one reason.',
  simpleResolvers: true,
})
export class LeftOut {
  @Field(() => LeftOutReason, { description: 'Why they were left out.' })
  reason!: LeftOutReasonName;

  @Field(() => Int, { description: 'Files and folders; a folder counts once, whatever it contains.' })
  count!: number;
}

@ObjectType({ description: 'A file or picture that a job could not process.', simpleResolvers: true })
export class JobFailure {
  @Field(() => String, {
    description: 'The file, or `image` and the id for a picture that is in the gallery.',
  })
  path!: string;

  @Field(() => String, {
    description: 'Error code. INTERNAL_SERVER_ERROR for visitors if the details concern only the operator.',
  })
  code!: string;

  @Field(() => String, { description: 'What went wrong, as an English sentence.' })
  message!: string;
}

@ObjectType({
  description: 'Work in the background. The server keeps the last 50 jobs until it stops.',
  implements: Node,
  simpleResolvers: true,
})
export class Job implements JobRow {
  @Field(() => ID, { description: 'For `job`, `jobProgress` and `cancelJob`.' })
  id!: string;

  @Field(() => JobKind, { description: 'What the job does.' })
  kind!: JobKindName;

  @Field(() => JobState, { description: 'How far the job is.' })
  state!: JobStateName;

  @Field(() => Int, {
    nullable: true,
    description: 'Number of pictures to process. Null while they are still being counted.',
  })
  total!: number | null;

  @Field(() => Int, {
    description: 'Pictures processed so far, whatever the outcome: `added` + `skipped` + `failed`.',
  })
  done!: number;

  @Field(() => Int, {
    description: 'Pictures added to the gallery or, by EMBED_MISSING and MODEL_SWITCH, given a vector.',
  })
  added!: number;

  @Field(() => Int, { description: 'Pictures that were in the gallery already.' })
  skipped!: number;

  @Field(() => Int, { description: 'How many of the skipped pictures got tags that they did not have.' })
  tagged!: number;

  @Field(() => Int, {
    description: 'How many of the skipped pictures had a missing or damaged file that was restored.',
  })
  repaired!: number;

  @Field(() => Int, { description: 'Pictures that could not be processed; `failures` says why.' })
  failed!: number;

  @Field(() => [LeftOut], {
    description: 'What an import did not look at, by reason. Not counted in `total`.',
  })
  leftOut!: readonly LeftOut[];

  /** Fields whose resolvers decide who may see what. */
  failures!: readonly JobFailure[];

  @Field(() => Float, { description: 'Pictures per second since the job began running.' })
  rate!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Estimated seconds until the job ends, at the rate so far. Null while it cannot be estimated.',
  })
  secondsLeft!: number | null;

  @Field(() => ModelProgress, {
    nullable: true,
    description: 'Progress of a MODEL_PULL or MODEL_UPLOAD, from start to end. Null for other jobs.',
  })
  model!: ModelProgress | null;

  code!: string | null;

  message!: string | null;

  @Field(() => GraphQLDateTime, { description: 'When the job was queued.' })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the job ended. Null until then.' })
  finishedAt!: Date | null;
}

@ObjectType({ description: 'A job together with its position in the list.', simpleResolvers: true })
export class JobEdge {
  @Field(() => String, { description: 'Opaque; pass it as `after` or `before`.' })
  cursor!: string;

  @Field(() => Job, { description: 'The job at this position.' })
  node!: Job;
}

@ObjectType({
  description: 'One page of jobs, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class JobConnection {
  @Field(() => [JobEdge], { description: 'The jobs of this page, oldest first.' })
  edges!: JobEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many jobs are kept, over all pages.' })
  totalCount!: number;
}

export enum GalleryChangeKind {
  ADDED = 'ADDED',
  REMOVED = 'REMOVED',
  UPDATED = 'UPDATED',
  MISSED = 'MISSED',
}
registerEnumType(GalleryChangeKind, {
  name: 'GalleryChangeKind',
  description: 'What happened to the pictures of a change.',
  valuesConfig: {
    ADDED: { description: 'Pictures were added and can be found.' },
    REMOVED: { description: 'Pictures were removed.' },
    UPDATED: { description: 'Tags of pictures were changed.' },
    MISSED: { description: 'Something changed before the subscription began; reload what is shown.' },
  },
});

@ObjectType({ description: 'One change of the gallery.', simpleResolvers: true })
export class GalleryChange {
  @Field(() => GalleryChangeKind, { description: 'What happened. After MISSED, reload everything.' })
  kind!: `${GalleryChangeKind}`;

  @Field(() => [ID], { description: 'The pictures it concerns; empty for MISSED.' })
  ids!: string[];

  @Field(() => [GalleryImage], { description: 'The pictures as they are now. Empty for REMOVED and MISSED.' })
  images!: GalleryImage[];

  @Field(() => ID, {
    description:
      'Revision of the gallery after this change. Revisions can be compared as text: a later one is greater.',
  })
  revision!: string;
}
