import { ArgsType, Field, ID } from 'type-graphql';
import type { ModelFileUpload } from '../services/models/upload.js';
import { ModelPrecision } from './model.type.js';
import { GraphQLUpload } from './scalars.js';

/** What pulling and uploading have in common. */
@ArgsType()
class InstallArgs {
  @Field(() => ModelPrecision, { nullable: true, description: 'Default: fp32.' })
  precision?: `${ModelPrecision}` | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'With int8: make it of the weights, after looking at pictures of the gallery, to lose less. Default: false.',
  })
  calibrate?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Change over to it when it is there. Default: true.' })
  use?: boolean | null;
}

@ArgsType()
export class PullModelArgs extends InstallArgs {
  @Field(() => ID, { description: 'Of a model with offers.' })
  id!: string;
}

@ArgsType()
export class UploadModelArgs extends InstallArgs {
  @Field(() => [GraphQLUpload], {
    description:
      'One file, or an .onnx file with its data file, or a .safetensors.index.json with its shards (multipart request).',
  })
  files!: Promise<ModelFileUpload>[];

  @Field(() => ID, {
    nullable: true,
    description: 'What to call it. Default: by the size of the weights, or the name of the .onnx file.',
  })
  id?: string | null;
}
