import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ModelProgress as Progress, ModelStage as Stage } from '../services/jobs.js';
import type {
  ListedModel,
  ModelOffer as Offer,
  ModelPurpose as Purpose,
  ModelState as State,
  OfferState,
} from '../services/models/list-models.js';
import type { RemovedModel } from '../services/models/models.js';

export enum ModelState {
  AVAILABLE = 'AVAILABLE',
  PARTIAL = 'PARTIAL',
  PULLING = 'PULLING',
  BROKEN = 'BROKEN',
  INSTALLED = 'INSTALLED',
  FILLING = 'FILLING',
  SERVING = 'SERVING',
}
registerEnumType(ModelState, {
  name: 'ModelState',
  valuesConfig: {
    AVAILABLE: { description: '`pullModel` gets it.' },
    PARTIAL: { description: 'A pull ended early; the next one goes on from there.' },
    PULLING: { description: 'A pull is under way.' },
    BROKEN: { description: 'It is there, and its files are not what they should be.' },
    INSTALLED: { description: 'It is there; `useModel` changes over to it.' },
    FILLING: { description: 'It is to serve as soon as every picture has its vector of it.' },
    SERVING: { description: 'Searches see its vectors.' },
  },
});

export enum ModelPrecision {
  fp32 = 'fp32',
  fp16 = 'fp16',
  int8 = 'int8',
}
registerEnumType(ModelPrecision, {
  name: 'ModelPrecision',
  valuesConfig: {
    fp32: { description: 'As it was published.' },
    fp16: { description: 'Half the disk, as fast and as exact as fp32.' },
    int8: { description: 'A quarter of the disk, faster on processors with VNNI, a little less exact.' },
  },
});

export enum ModelPurpose {
  COPIES_AND_LOOKS = 'COPIES_AND_LOOKS',
  THINGS_AND_SCENES = 'THINGS_AND_SCENES',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(ModelPurpose, {
  name: 'ModelPurpose',
  description: 'What a model is good for.',
  valuesConfig: {
    COPIES_AND_LOOKS: { description: 'Changed copies, and pictures that look alike.' },
    THINGS_AND_SCENES: { description: 'Pictures of the same things, scenes and compositions.' },
    UNKNOWN: { description: 'Made elsewhere: it depends on what it was trained for.' },
  },
});

export enum ModelStage {
  DOWNLOADING = 'DOWNLOADING',
  CALIBRATING = 'CALIBRATING',
  CONVERTING = 'CONVERTING',
  CHECKING = 'CHECKING',
  DONE = 'DONE',
}
registerEnumType(ModelStage, {
  name: 'ModelStage',
  description: 'What is being done to make a model.',
  valuesConfig: {
    CALIBRATING: { description: 'It looks at pictures of the gallery.' },
    CHECKING: { description: 'The files are looked at, or run.' },
    DONE: { description: 'It is in place.' },
  },
});

@ObjectType({ description: 'How far a model is that is being made.', simpleResolvers: true })
export class ModelProgress implements Progress {
  @Field(() => ID, { nullable: true, description: 'What it is called here; null until that is known.' })
  modelId!: string | null;

  @Field(() => ModelPrecision, {
    nullable: true,
    description: 'What it is to be in; null of an uploaded ONNX export, which keeps what it has.',
  })
  precision!: Progress['precision'];

  @Field(() => ModelStage)
  stage!: Stage;

  @Field(() => Float, { description: 'Of the stage: bytes while downloading, else pictures or steps.' })
  done!: number;

  @Field(() => Float, { nullable: true, description: 'Null when nobody says how many.' })
  total!: number | null;

  @Field(() => Float, { nullable: true, description: 'While downloading.' })
  bytesPerSecond!: number | null;

  @Field(() => Float, { nullable: true, description: 'Of the stage.' })
  secondsLeft!: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The job that changes over to it, once it is in place; null when that was not asked for.',
  })
  switchJobId!: string | null;
}

@ObjectType({ description: 'One way to get a known model.', simpleResolvers: true })
export class ModelOffer implements Offer {
  @Field(() => ModelPrecision)
  precision!: Offer['precision'];

  @Field(() => ID, { description: 'What the model is called once it is here.' })
  modelId!: string;

  @Field(() => ModelState, { description: 'AVAILABLE, PARTIAL, PULLING or INSTALLED.' })
  state!: OfferState;

  @Field(() => Float, {
    description: 'About what is downloaded, in bytes. With calibration that of fp32 for int8, too.',
  })
  downloadBytes!: number;

  @Field(() => Float, { description: 'About what it takes on the disk, in bytes.' })
  installedBytes!: number;

  @Field(() => Float, { description: 'What a pull that ended early has left, in bytes.' })
  downloadedBytes!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'An estimate of the milliseconds a picture takes in the model on this machine, by the time of another one that was measured here and the ratio of their work; within a factor of two. Null until one was measured that compares, and once it is installed: see `Model.embedMs`.',
  })
  estimatedEmbedMs!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'An estimate of how long a change to it takes for this gallery as it is now, decoding included, when nothing else is to be done. The download is not in it. Null as `estimatedEmbedMs` is; once it is installed see `Model.secondsToSwitch`.',
  })
  estimatedSecondsToSwitch!: number | null;

  @Field(() => ID, { nullable: true, description: 'Of the pull that is under way.' })
  jobId!: string | null;
}

@ObjectType({ description: 'A model that is installed, or that `pullModel` can get.', simpleResolvers: true })
export class Model implements ListedModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => ModelState)
  state!: State;

  @Field(() => ModelPurpose)
  purpose!: Purpose;

  @Field(() => String, { description: 'What it is good for and what not, in English.' })
  description!: string;

  @Field(() => String, { nullable: true, description: 'Of its weights; null while not known.' })
  licence!: string | null;

  @Field(() => Int, { nullable: true, description: 'Length of a vector.' })
  dimension!: number | null;

  @Field(() => Float, { nullable: true, description: 'Weights of a known model.' })
  parameters!: number | null;

  @Field(() => ModelPrecision, { nullable: true, description: 'Null until it is installed.' })
  precision!: ListedModel['precision'];

  @Field(() => Float, { nullable: true, description: 'Null until it is installed.' })
  bytesOnDisk!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Milliseconds a picture of 4:3 takes in the model alone on this machine: decoding it, some 5 more for a photo of 60 KB, is not in it. Null until it was measured; measured again when other work was under way.',
  })
  embedMs!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Pictures that have their vector of it, or a recorded reason for having none; null while not known.',
  })
  pictures!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'About how long a change to it takes for this gallery when nothing else is to be done, decoding included; 0 when every picture has its vector of it. Null while not known.',
  })
  secondsToSwitch!: number | null;

  @Field(() => [ModelOffer], { description: 'Ways to get it; none when it is no known model.' })
  offers!: readonly Offer[];

  @Field(() => Boolean, { description: 'Whether `removeModel` takes it.' })
  removable!: boolean;

  /** A field whose resolver decides what is told to whom. */
  problem!: string | null;
}

@ObjectType({ simpleResolvers: true })
export class ModelRemoval implements RemovedModel {
  @Field(() => ID)
  id!: string;

  @Field(() => Float)
  freedBytes!: number;

  @Field(() => [ID], { description: 'Spaces whose vectors were removed with it.' })
  spaces!: readonly string[];
}
