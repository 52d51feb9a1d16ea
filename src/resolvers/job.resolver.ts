import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { check } from '../lib/check.js';
import type { Context } from '../schema/context.js';
import { Job, JobFailure } from '../schema/job.type.js';
import { CancelJobPayload, ImportFolderPayload } from '../schema/payloads.type.js';
import { publicFailure } from '../schema/public-failure.js';
import type { Job as JobRow } from '../services/jobs.js';

@Resolver(() => Job)
export class JobResolver {
  @Mutation(() => ImportFolderPayload, {
    nullable: true,
    description:
      'Adds every picture in a folder of the server and its subfolders, in the background. Only folders inside those the operator allowed (IMPORT_ROOTS).',
  })
  async importFolder(
    @Arg('path', () => String, { description: 'Absolute path of the folder on the server.' }) path: string,
    @Arg('tags', () => [String], {
      nullable: true,
      description: 'Tags for every picture of the folder, including those already in the gallery.',
    })
    tags: string[] | null | undefined,
    @Arg('exclude', () => [String], {
      nullable: true,
      description:
        'What to leave out, as .gitignore patterns, in addition to the .likenessignore files in the folder.',
    })
    exclude: string[] | null | undefined,
    @Ctx() { importFolder }: Context,
  ): Promise<ImportFolderPayload> {
    return { job: await importFolder(path, tags ?? [], exclude ?? []) };
  }

  @Query(() => Job, {
    nullable: true,
    description: 'A background job. Null if the id is unknown; only the last 50 jobs are kept.',
  })
  job(
    @Arg('id', () => ID, { description: 'As in `Job.id`.' }) id: string,
    @Ctx() { jobs }: Context,
  ): JobRow | null {
    return jobs.get(id) ?? null;
  }

  @Mutation(() => CancelJobPayload, {
    nullable: true,
    description:
      'Ends a job once its current step is finished. Added pictures and downloaded files stay; a job that has ended is left alone. Anyone may cancel an import, only administrators other jobs. For a change of model use `cancelModelSwitch`.',
  })
  cancelJob(
    @Arg('id', () => ID, { description: 'Any job but a MODEL_SWITCH.' }) id: string,
    @Ctx() { jobs, principal }: Context,
  ): CancelJobPayload {
    const job = jobs.get(id);
    check(job !== undefined, 'id', 'the id of a job');
    check(
      job.kind !== 'MODEL_SWITCH',
      'id',
      'the id of another job: cancelModelSwitch ends a change of model',
    );
    if (job.kind !== 'IMPORT_FOLDER') principal.assertAdministrator();
    jobs.cancel(id);
    return { job: jobs.get(id) ?? job };
  }

  @FieldResolver(() => [JobFailure], { description: 'The first 100 failures.' })
  failures(@Root() { failures }: Job, @Ctx() { principal }: Context): JobFailure[] {
    const toAdministrator = failures.length > 0 && principal.role === 'administrator';
    return failures.map((failure) => publicFailure(failure, toAdministrator));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Error code of a FAILED job, otherwise null. INTERNAL_SERVER_ERROR for visitors if the details concern only the operator.',
  })
  code(@Root() job: Job, @Ctx() context: Context): string | null {
    return toldOf(job, context)?.code ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why a FAILED job failed, as an English sentence; otherwise null.',
  })
  message(@Root() job: Job, @Ctx() context: Context): string | null {
    return toldOf(job, context)?.message ?? null;
  }

  @Subscription(() => Job, {
    description: 'The job as it is now, then after every step; completes when the job has ended.',
    subscribe: ({ args, context }: { args: { id: string }; context: Context }) =>
      untilEnded(args.id, context),
  })
  jobProgress(
    @Arg('id', () => ID, { description: 'As in `Job.id`; an unknown id is an error.' }) _id: string,
    @Root() job: JobRow,
  ): JobRow {
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
