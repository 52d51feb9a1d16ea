import { Ctx, FieldResolver, Query, Resolver } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { MASKED } from '../schema/public-failure.js';
import { ModelSwitchStatus, SpaceStatus } from '../schema/space.type.js';
import { ServerStatus } from '../schema/status.type.js';

@Resolver(() => ServerStatus)
export class StatusResolver {
  @Query(() => ServerStatus, {
    nullable: true,
    description: 'The state of the server: its gallery, model, index, workers and jobs.',
  })
  status(@Ctx() { status }: Context): Promise<ServerStatus> {
    return status();
  }

  @FieldResolver(() => ModelSwitchStatus, {
    nullable: true,
    description: 'The change of model in progress or pending. Null if there is none.',
    complexity: 10,
  })
  async modelSwitch(@Ctx() { modelSwitch, principal }: Context): Promise<ModelSwitchStatus | null> {
    const state = await modelSwitch.state();
    if (state === null || state.message === null || principal.role === 'administrator') return state;
    return { ...state, message: MASKED.message };
  }

  @FieldResolver(() => [SpaceStatus], {
    description: 'Every space that has vectors, in order of creation.',
    complexity: 10,
  })
  spaces(@Ctx() { spaceStates }: Context): Promise<SpaceStatus[]> {
    return spaceStates();
  }
}
