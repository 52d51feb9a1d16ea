import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { Job } from '../schema/job.type.js';
import type { Job as JobRow } from '../services/jobs.js';

@Resolver()
export class AdminResolver {
  @Mutation(() => Job, {
    nullable: true,
    description:
      'For administrators. Switches to another model. Vectors are computed in the background while the current model serves; when every picture has one, the new model takes over. Called again, it returns the running job.',
  })
  async useModel(
    @Arg('id', () => ID, {
      description: 'An installed model, as in `Model.id`. If the setting MODEL names one, only that one.',
    })
    id: string,
    @Ctx() context: Context,
  ): Promise<JobRow> {
    context.principal.assertAdministrator();
    return (await context.modelSwitch.choose(id)).job;
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'For administrators. Gives up the pending change of model; the current one keeps serving. Returns false if there was nothing to cancel.',
  })
  async cancelModelSwitch(@Ctx() context: Context): Promise<boolean> {
    context.principal.assertAdministrator();
    return context.modelSwitch.cancel();
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'For administrators. Removes the vectors and the index of a space that neither serves nor is being filled. Returns false if there is none with this id.',
  })
  async dropSpace(
    @Arg('id', () => ID, { description: 'As in `SpaceStatus.id`.' }) id: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    context.principal.assertAdministrator();
    return context.dropSpace(id);
  }
}
