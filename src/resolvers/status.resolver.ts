import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../schema/context.js';
import { ServerStatus } from '../schema/status.type.js';

@Resolver()
export class StatusResolver {
  @Query(() => ServerStatus)
  status(@Ctx() { status }: Context): Promise<ServerStatus> {
    return status();
  }
}
