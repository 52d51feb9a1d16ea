import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { CancelModelSwitchPayload, DropSpacePayload, UseModelPayload } from '../schema/payloads.type.js';

@Resolver()
export class AdminResolver {
  @Mutation(() => UseModelPayload, {
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
  ): Promise<UseModelPayload> {
    context.principal.assertAdministrator();
    const { job } = await context.modelSwitch.choose(id);
    return { job };
  }

  @Mutation(() => CancelModelSwitchPayload, {
    nullable: true,
    description: 'For administrators. Gives up the pending change of model; the current one keeps serving.',
  })
  async cancelModelSwitch(@Ctx() context: Context): Promise<CancelModelSwitchPayload> {
    context.principal.assertAdministrator();
    return { cancelled: await context.modelSwitch.cancel() };
  }

  @Mutation(() => DropSpacePayload, {
    nullable: true,
    description:
      'For administrators. Removes the vectors and the index of a space that neither serves nor is being filled.',
  })
  async dropSpace(
    @Arg('id', () => ID, { description: 'As in `SpaceStatus.id`.' }) id: string,
    @Ctx() context: Context,
  ): Promise<DropSpacePayload> {
    context.principal.assertAdministrator();
    return { dropped: await context.dropSpace(id) };
  }
}
