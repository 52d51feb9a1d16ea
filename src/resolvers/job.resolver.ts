import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { check } from '../lib/check.js';
import type { Context } from '../schema/context.js';
import { Job, JobFailure } from '../schema/job.type.js';
import { publicFailure } from '../schema/public-failure.js';
import type { Job as JobRow } from '../services/jobs.js';

@Resolver(() => Job)
export class JobResolver {
  @Mutation(() => Job, {
    nullable: true,
    description:
      'Adds every picture below a folder of the server, in the background. Only below folders the operator allowed.',
  })
  importFolder(
    @Arg('path', () => String) path: string,
    @Arg('tags', () => [String], { nullable: true }) tags: string[] | null | undefined,
    @Arg('exclude', () => [String], {
      nullable: true,
      description:
        'What to leave out, beside what its .likenessignore files say: patterns with the rules of .gitignore.',
    })
    exclude: string[] | null | undefined,
    @Ctx() { importFolder }: Context,
  ): Promise<JobRow> {
    return importFolder(path, tags ?? [], exclude ?? []);
  }

  @Query(() => Job, {
    nullable: true,
    description: 'Null when there is none with this id (any more: the last 50 are kept).',
  })
  job(@Arg('id', () => ID) id: string, @Ctx() { jobs }: Context): JobRow | null {
    return jobs.get(id) ?? null;
  }

  @Mutation(() => Job, {
    nullable: true,
    description:
      'Ends a job as soon as what it has under way is done; what it has added stays, and so does what a pull has downloaded. An import by everybody, the rest by administrators; a change of model by cancelModelSwitch. Nothing happens when it has ended.',
  })
  cancelJob(@Arg('id', () => ID) id: string, @Ctx() { jobs, principal }: Context): JobRow {
    const job = jobs.get(id);
    check(job !== undefined, 'id', 'the id of a job');
    check(
      job.kind !== 'MODEL_SWITCH',
      'id',
      'the id of another job: cancelModelSwitch ends a change of model',
    );
    if (job.kind !== 'IMPORT_FOLDER') principal.assertAdministrator();
    jobs.cancel(id);
    return jobs.get(id) ?? job;
  }

  @FieldResolver(() => [JobFailure], { description: 'The first 100.' })
  failures(@Root() { failures }: Job, @Ctx() { principal }: Context): JobFailure[] {
    const toAdministrator = failures.length > 0 && principal.role === 'administrator';
    return failures.map((failure) => publicFailure(failure, toAdministrator));
  }

  @FieldResolver(() => String, { nullable: true, description: 'Error code of why it failed.' })
  code(@Root() job: Job, @Ctx() context: Context): string | null {
    return toldOf(job, context)?.code ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Why it failed.' })
  message(@Root() job: Job, @Ctx() context: Context): string | null {
    return toldOf(job, context)?.message ?? null;
  }

  @Subscription(() => Job, {
    description: 'The job as it is now and at every step, until it has ended.',
    subscribe: ({ args, context }: { args: { id: string }; context: Context }) =>
      untilEnded(args.id, context),
  })
  jobProgress(@Arg('id', () => ID) _id: string, @Root() job: JobRow): JobRow {
    return job;
  }
}

function toldOf({ code, message }: Job, { principal }: Context) {
  return code === null || message === null
    ? null
    : publicFailure({ code, message }, principal.role === 'administrator');
}

function untilEnded(id: string, { jobs }: Context): AsyncIterable<JobRow> {
  const now = jobs.get(id);
  check(now !== undefined, 'id', 'the id of a job');
  return jobs.updates.subscribe({
    passes: (job) => job.id === id,
    first: [now],
    isLast: (job) => job.finishedAt !== null,
  });
}
