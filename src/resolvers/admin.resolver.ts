import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { Job } from '../schema/job.type.js';
import type { Job as JobRow } from '../services/jobs.js';

@Resolver()
export class AdminResolver {
  @Mutation(() => Job, {
    nullable: true,
    description:
      'For administrators. Changes the model: every picture gets its vector in the background while the model before it serves, then the new one does, at once. Sent again, it gives the job that is under way.',
  })
  async useModel(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<JobRow> {
    context.principal.assertAdministrator();
    return (await context.modelSwitch.choose(id)).job;
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'For administrators. Gives up the change of model that is under way or due; whether one was.',
  })
  async cancelModelSwitch(@Ctx() context: Context): Promise<boolean> {
    context.principal.assertAdministrator();
    return context.modelSwitch.cancel();
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'For administrators. Removes the vectors and the index of a space that neither serves nor is being filled; false when there is none with this id.',
  })
  async dropSpace(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<boolean> {
    context.principal.assertAdministrator();
    return context.dropSpace(id);
  }
}
