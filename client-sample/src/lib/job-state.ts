import type { JobState } from '../gql/graphql';

export const isRunning = (state: JobState): boolean => state === 'QUEUED' || state === 'RUNNING';

/** What was seen of jobs so far. */
export interface SeenJobs {
  readonly running: ReadonlySet<string>;
  readonly ended: ReadonlySet<string>;
}

export const NO_JOBS_SEEN: SeenJobs = { running: new Set(), ended: new Set() };

/** Jobs that were seen running and have ended since: each once, even where a late answer says that it runs again. */
export function jobsThatEnded<Job extends { readonly id: string; readonly state: JobState }>(
  jobs: readonly Job[],
  { running, ended }: SeenJobs,
): { readonly news: readonly Job[]; readonly seen: SeenJobs } {
  const news = new Map<string, Job>();
  for (const job of jobs)
    if (!isRunning(job.state) && running.has(job.id) && !ended.has(job.id)) news.set(job.id, job);
  return {
    news: [...news.values()],
    seen: {
      running: new Set(jobs.filter(({ state }) => isRunning(state)).map(({ id }) => id)),
      ended: new Set([...ended, ...news.keys()]),
    },
  };
}
