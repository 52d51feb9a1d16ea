import { ArgsType, Field, ID } from 'type-graphql';
import type { ModelFileUpload } from '../services/models/upload.js';
import { ModelPrecision } from './model.type.js';
import { GraphQLUpload } from './scalars.js';

/** What pulling and uploading have in common. */
@ArgsType()
class InstallArgs {
  @Field(() => ModelPrecision, {
    nullable: true,
    description: 'Number format of the weights; fp32 by default.',
  })
  precision?: `${ModelPrecision}` | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'For int8: convert the original weights, calibrated on gallery pictures, which loses less accuracy. False by default.',
  })
  calibrate?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether to switch to the model once it is installed; true by default.',
  })
  use?: boolean | null;
}

@ArgsType()
export class PullModelArgs extends InstallArgs {
  @Field(() => ID, { description: 'A model that has `offers`.' })
  id!: string;
}

@ArgsType()
export class UploadModelArgs extends InstallArgs {
  @Field(() => [GraphQLUpload], {
    description:
      'A single file, an .onnx file with its data file, or a .safetensors.index.json with its shards (multipart request).',
  })
  files!: Promise<ModelFileUpload>[];

  @Field(() => ID, {
    nullable: true,
    description:
      'The id that the model will have. By default taken from the size of the weights or the name of the .onnx file.',
  })
  id?: string | null;
}
