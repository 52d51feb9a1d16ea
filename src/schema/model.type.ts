import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ModelProgress as Progress, ModelStage as Stage } from '../services/jobs.js';
import type {
  ListedModel,
  ModelOffer as Offer,
  ModelPurpose as Purpose,
  ModelState as State,
  OfferState,
} from '../services/models/list-models.js';

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
  description: 'Where a model is on its way from the hub to answering searches.',
  valuesConfig: {
    AVAILABLE: { description: 'Not on this server; `pullModel` downloads it.' },
    PARTIAL: { description: 'A download ended early; the next one resumes it.' },
    PULLING: { description: 'It is being downloaded and installed.' },
    BROKEN: { description: 'It is installed, but its files are incomplete or damaged; see `Model.problem`.' },
    INSTALLED: { description: 'It is ready; `useModel` switches to it.' },
    FILLING: { description: 'It will serve as soon as every picture has its vector from it.' },
    SERVING: { description: 'It answers searches.' },
  },
});

export enum ModelPrecision {
  fp32 = 'fp32',
  fp16 = 'fp16',
  int8 = 'int8',
}
registerEnumType(ModelPrecision, {
  name: 'ModelPrecision',
  description: 'Number format of a model’s weights.',
  valuesConfig: {
    fp32: { description: 'Single precision, as the model was published.' },
    fp16: { description: 'Half the disk space; as fast and as accurate as fp32.' },
    int8: {
      description: 'A quarter of the disk space, faster on processors with VNNI, slightly less accurate.',
    },
  },
});

export enum ModelPurpose {
  COPIES_AND_LOOKS = 'COPIES_AND_LOOKS',
  THINGS_AND_SCENES = 'THINGS_AND_SCENES',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(ModelPurpose, {
  name: 'ModelPurpose',
  description: 'What a model is good at finding.',
  valuesConfig: {
    COPIES_AND_LOOKS: { description: 'Altered copies, and pictures with similar colours and shapes.' },
    THINGS_AND_SCENES: { description: 'Pictures of the same things, scenes and compositions.' },
    UNKNOWN: { description: 'Not a known model; it depends on what it was trained for.' },
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
  description:
    'Stage of installing a model, in this order: DOWNLOADING, CALIBRATING, CONVERTING, CHECKING, DONE. Not every model needs all of them.',
  valuesConfig: {
    DOWNLOADING: { description: 'Files are being downloaded.' },
    CALIBRATING: { description: 'The model is run on gallery pictures to reduce the loss of int8.' },
    CONVERTING: { description: 'The weights are being converted to the wanted precision.' },
    CHECKING: { description: 'The files are being checked, and the model is run.' },
    DONE: { description: 'The model is installed.' },
  },
});

@ObjectType({ description: 'Progress of installing a model.', simpleResolvers: true })
export class ModelProgress implements Progress {
  @Field(() => ID, {
    nullable: true,
    description: 'The id that the model will have. Null until it is known.',
  })
  modelId!: string | null;

  @Field(() => ModelPrecision, {
    nullable: true,
    description: 'The precision it will have. Null for an uploaded ONNX export, which is not converted.',
  })
  precision!: Progress['precision'];

  @Field(() => ModelStage, { description: 'What is being done now.' })
  stage!: Stage;

  @Field(() => Float, {
    description: 'Progress within the stage: bytes while DOWNLOADING, otherwise pictures or steps.',
  })
  done!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'What `done` will reach in this stage. Null if it is not known.',
  })
  total!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Download speed while DOWNLOADING. Null in other stages.',
  })
  bytesPerSecond!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Estimated seconds until the end of this stage, not of the job. Null while it cannot be estimated.',
  })
  secondsLeft!: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The MODEL_SWITCH job that follows once the model is installed. Null until then, and if it was not asked for.',
  })
  switchJobId!: string | null;
}

@ObjectType({ description: 'One precision in which a known model can be downloaded.', simpleResolvers: true })
export class ModelOffer implements Offer {
  @Field(() => ModelPrecision, { description: 'Number format of the weights that this offer installs.' })
  precision!: Offer['precision'];

  @Field(() => ID, { description: 'The id that the model will have on this server.' })
  modelId!: string;

  @Field(() => ModelState, { description: 'One of AVAILABLE, PARTIAL, PULLING and INSTALLED.' })
  state!: OfferState;

  @Field(() => Float, {
    description:
      'Approximate size of the download in bytes. With `calibrate`, int8 downloads as much as fp32.',
  })
  downloadBytes!: number;

  @Field(() => Float, { description: 'Approximate space on disk once installed, in bytes.' })
  installedBytes!: number;

  @Field(() => Float, {
    description: 'Bytes left by a download that ended early; the next one resumes there.',
  })
  downloadedBytes!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Estimated milliseconds per picture in the model on this machine, to within a factor of two. It is derived from a comparable model that was measured here. Null if there is none, and once this one is installed; then see `Model.embedMs`.',
  })
  estimatedEmbedMs!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Estimated seconds to switch this gallery to the model on an idle server, without the download. Null when `estimatedEmbedMs` is null; once it is installed see `Model.secondsToSwitch`.',
  })
  estimatedSecondsToSwitch!: number | null;

  @Field(() => ID, { nullable: true, description: 'The job that is downloading it. Null when none is.' })
  jobId!: string | null;
}

@ObjectType({
  description: 'A model that is installed, or that `pullModel` can download.',
  simpleResolvers: true,
})
export class Model implements ListedModel {
  @Field(() => ID, {
    description: 'For `useModel`, `pullModel` and `removeModel`. The name of its folder once installed.',
  })
  id!: string;

  @Field(() => String, { description: 'Name to show to people.' })
  name!: string;

  @Field(() => ModelState, { description: 'Whether the model is available, installed or in use.' })
  state!: State;

  @Field(() => ModelPurpose, { description: 'What the model is good at finding.' })
  purpose!: Purpose;

  @Field(() => String, { description: 'What the model is good at and what not, in English.' })
  description!: string;

  @Field(() => String, { nullable: true, description: 'Licence of its weights. Null if unknown.' })
  licence!: string | null;

  @Field(() => Int, { nullable: true, description: 'Number of components of a vector. Null if unknown.' })
  dimension!: number | null;

  @Field(() => Float, { nullable: true, description: 'Number of weights. Null if it is not a known model.' })
  parameters!: number | null;

  @Field(() => ModelPrecision, {
    nullable: true,
    description: 'Number format of its weights. Null until it is installed.',
  })
  precision!: ListedModel['precision'];

  @Field(() => Float, {
    nullable: true,
    description: 'Size of its files in bytes. Null until it is installed.',
  })
  bytesOnDisk!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Milliseconds per 4:3 picture in the model alone on this machine. Decoding adds about 5 ms for a photo of 60 KB. Null until measured; measured again if the server was busy at the time.',
  })
  embedMs!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Pictures that have a vector from this model, or a recorded reason for having none. Null if unknown.',
  })
  pictures!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Estimated seconds to switch this gallery to the model on an idle server; 0 if every picture has its vector already. Null if unknown.',
  })
  secondsToSwitch!: number | null;

  @Field(() => [ModelOffer], {
    description: 'The precisions that can be downloaded. Empty if it is not a known model.',
  })
  offers!: readonly Offer[];

  @Field(() => Boolean, {
    description:
      'Whether `removeModel` can remove it: not the built-in model, and not one that serves or will serve.',
  })
  removable!: boolean;

  /** A field whose resolver decides who may see what. */
  problem!: string | null;
}
