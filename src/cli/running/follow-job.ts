import { errorByCode } from '../../errors.js';
import type { Job, Jobs } from '../../services/jobs.js';
import type { StartedJob } from '../../services/jobs.js';
import { JobDisplay } from './job-display.js';

/**
 * Shows a job of this process until it ends, and cancels it when the signal is aborted.
 * @param what of the progress bar
 * @returns its last state
 */
export async function followJob(
  jobs: Jobs,
  { job, finished }: StartedJob,
  what: string,
  signal: AbortSignal,
): Promise<Job> {
  const display = new JobDisplay(what);
  const cancel = (): void => jobs.cancel(job.id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const updates = jobs.updates.subscribe({
      passes: ({ id }) => id === job.id,
      first: [jobs.get(job.id) ?? job],
      isLast: ({ finishedAt }) => finishedAt !== null,
    });
    for await (const update of updates) {
      display.failures(update.failures);
      display.counts(update);
    }
  } finally {
    display.stop();
    signal.removeEventListener('abort', cancel);
  }
  return finished;
}

/** The failure of a change of model, with its exit code. */
export function failedJob({ code, message }: Pick<Job, 'code' | 'message'>): Error {
  return errorByCode(code, `The model does not serve: ${message ?? 'the change failed.'}`);
}
