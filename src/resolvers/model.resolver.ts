import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { PullModelArgs, UploadModelArgs } from '../schema/model.args.js';
import { Model } from '../schema/model.type.js';
import { PullModelPayload, RemoveModelPayload, UploadModelPayload } from '../schema/payloads.type.js';
import { MASKED } from '../schema/public-failure.js';
import type { ListedModel } from '../services/models/list-models.js';
import type { RemovedModel } from '../services/models/models.js';

/** Reading the folder of each model. */
const LIST_COST = 50;

@Resolver(() => Model)
export class ModelResolver {
  @Query(() => [Model], {
    nullable: true,
    description:
      'Installed models, the serving one first, then models that can be downloaded. Makes no network request.',
    complexity: ({ childComplexity }) => LIST_COST + 10 * childComplexity,
  })
  models(@Ctx() { models }: Context): Promise<ListedModel[]> {
    return models.list();
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why the model cannot be used; only administrators see the details. Null if it can be used.',
  })
  problem(@Root() { problem }: Model, @Ctx() { principal }: Context): string | null {
    return problem === null || principal.role === 'administrator' ? problem : MASKED.message;
  }

  @Mutation(() => PullModelPayload, {
    nullable: true,
    description:
      'For administrators. Downloads and installs a known model in the background. Unless `use` is false, a second job then switches to it (`Job.model.switchJobId`). Called again, it returns the running job or resumes a download that ended early.',
  })
  async pullModel(
    @Args(() => PullModelArgs) args: PullModelArgs,
    @Ctx() context: Context,
  ): Promise<PullModelPayload> {
    context.principal.assertAdministrator();
    const { id, precision, calibrate, use } = args;
    const options = { precision: precision ?? undefined, calibrate: calibrate ?? false, use: use ?? true };
    const { job } = await context.models.pull(id, options);
    return { job };
  }

  @Mutation(() => UploadModelPayload, {
    nullable: true,
    description:
      'For administrators. Installs a model from files, for servers that cannot reach the hub: DINOv2 weights (.safetensors, .npz), or an ONNX export with its data file. Continues like `pullModel`.',
  })
  async uploadModel(
    @Args(() => UploadModelArgs) args: UploadModelArgs,
    @Ctx() context: Context,
  ): Promise<UploadModelPayload> {
    context.principal.assertAdministrator();
    const { id, precision, calibrate, use } = args;
    const { job } = await context.models.upload({
      files: await Promise.all(args.files),
      id: id ?? undefined,
      precision: precision ?? undefined,
      calibrate: calibrate ?? false,
      use: use ?? true,
    });
    return { job };
  }

  @Mutation(() => RemoveModelPayload, {
    nullable: true,
    description:
      'For administrators. Deletes a model that neither serves nor will serve, or the remains of a download. Its vectors are kept, so that the model can return at once, unless `vectors` is true.',
  })
  async removeModel(
    @Arg('id', () => ID, { description: 'As in `Model.id`.' }) id: string,
    @Arg('vectors', () => Boolean, {
      nullable: true,
      description: 'Whether to remove its vectors too; false by default.',
    })
    vectors: boolean | null | undefined,
    @Ctx() context: Context,
  ): Promise<RemovedModel> {
    context.principal.assertAdministrator();
    return context.models.remove(id, { vectors: vectors ?? false });
  }
}
