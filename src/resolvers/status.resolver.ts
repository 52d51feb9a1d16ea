import { Args, Ctx, FieldResolver, ID, Query, Resolver } from 'type-graphql';
import { pageOfList, type ListOrder } from '../lib/list-page.js';
import type { Context } from '../schema/context.js';
import { JobConnection } from '../schema/job.type.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import { MASKED } from '../schema/public-failure.js';
import { ModelSwitchStatus, SpaceStatus } from '../schema/space.type.js';
import { ServerStatus } from '../schema/status.type.js';
import type { Job as JobRow } from '../services/jobs.js';

/** All that are kept. */
const JOBS_ON_PAGE = 50;
const JOB_ORDER: ListOrder<JobRow> = {
  name: 'JOBS',
  keys: 'ascending',
  positionOf: ({ createdAt, id }) => ({ key: createdAt.toISOString(), id }),
};

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

  @FieldResolver(() => JobConnection, {
    description:
      'Running and recent jobs, oldest first; 50 on a page by default. Ended ones are dropped when there are more than 50.',
    complexity: pageCost(JOBS_ON_PAGE),
  })
  jobs(@Args(() => PageArgs) args: PageArgs, @Ctx() { jobs }: Context): JobConnection {
    return toConnection(pageOfList(jobs.list(), JOB_ORDER, toPage(args, JOBS_ON_PAGE)), (job) => job);
  }

  @FieldResolver(() => [ID], {
    description: 'The pictures of the gallery that came with Likeness, by id.',
    complexity: 10,
  })
  async sampleIds(@Ctx() { sampleIds }: Context): Promise<string[]> {
    return (await sampleIds()).map(String);
  }

  @FieldResolver(() => [SpaceStatus], {
    description: 'Every space that has vectors, in order of creation.',
    complexity: 10,
  })
  spaces(@Ctx() { spaceStates }: Context): Promise<SpaceStatus[]> {
    return spaceStates();
  }
}
