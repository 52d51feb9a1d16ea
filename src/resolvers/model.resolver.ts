import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { Job } from '../schema/job.type.js';
import { PullModelArgs, UploadModelArgs } from '../schema/model.args.js';
import { Model, ModelRemoval } from '../schema/model.type.js';
import { MASKED } from '../schema/public-failure.js';
import type { Job as JobRow } from '../services/jobs.js';
import type { ListedModel } from '../services/models/list-models.js';
import type { RemovedModel } from '../services/models/models.js';

/** Looking into each model's folder. */
const LIST_COST = 50;

@Resolver(() => Model)
export class ModelResolver {
  @Query(() => [Model], {
    nullable: true,
    description:
      'Every model that is installed, and every one that can be had: what serves first. Nothing is asked of the network.',
    complexity: ({ childComplexity }) => LIST_COST + 10 * childComplexity,
  })
  models(@Ctx() { models }: Context): Promise<ListedModel[]> {
    return models.list();
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it cannot be used.' })
  problem(@Root() { problem }: Model, @Ctx() { principal }: Context): string | null {
    return problem === null || principal.role === 'administrator' ? problem : MASKED.message;
  }

  @Mutation(() => Job, {
    nullable: true,
    description:
      'For administrators. Downloads a known model in the background and, unless `use` is false, changes over to it by a job of its own (`Job.model.switchJobId`). Sent again it gives the pull that is under way, and goes on with one that ended early.',
  })
  async pullModel(@Args(() => PullModelArgs) args: PullModelArgs, @Ctx() context: Context): Promise<JobRow> {
    context.principal.assertAdministrator();
    const { id, precision, calibrate, use } = args;
    const options = { precision: precision ?? undefined, calibrate: calibrate ?? false, use: use ?? true };
    return (await context.models.pull(id, options)).job;
  }

  @Mutation(() => Job, {
    nullable: true,
    description:
      'For administrators. Makes a model of files, where there is no way to the hub: weights of DINOv2 (.safetensors, .npz), or an ONNX export with its data file. Then as `pullModel`.',
  })
  async uploadModel(
    @Args(() => UploadModelArgs) args: UploadModelArgs,
    @Ctx() context: Context,
  ): Promise<JobRow> {
    context.principal.assertAdministrator();
    const { id, precision, calibrate, use } = args;
    const started = await context.models.upload({
      files: await Promise.all(args.files),
      id: id ?? undefined,
      precision: precision ?? undefined,
      calibrate: calibrate ?? false,
      use: use ?? true,
    });
    return started.job;
  }

  @Mutation(() => ModelRemoval, {
    nullable: true,
    description:
      'For administrators. Deletes a model that neither serves nor is to, or what a pull that ended early has left. Its vectors stay, so that the same model can come back at once, unless `vectors` is true.',
  })
  async removeModel(
    @Arg('id', () => ID) id: string,
    @Arg('vectors', () => Boolean, {
      nullable: true,
      description: 'Remove its vectors, too. Default: false.',
    })
    vectors: boolean | null | undefined,
    @Ctx() context: Context,
  ): Promise<RemovedModel> {
    context.principal.assertAdministrator();
    return context.models.remove(id, { vectors: vectors ?? false });
  }
}
