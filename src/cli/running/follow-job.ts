import { AppError, ERRORS, type ErrorCode } from '../../errors.js';
import type { Job, Jobs } from '../../services/jobs.js';
import type { StartedJob } from '../../services/jobs.js';
import { printable } from '../output/format.js';
import { createProgress } from '../output/progress.js';
import { describeFailure } from '../output/report-error.js';

/**
 * Shows a job of this process until it has ended, and asks it to end when the signal is aborted.
 * @param what of the progress bar
 * @returns its last state
 */
export async function followJob(
  jobs: Jobs,
  { job, finished }: StartedJob,
  what: string,
  signal: AbortSignal,
): Promise<Job> {
  const progress = createProgress(what);
  const cancel = (): void => jobs.cancel(job.id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let told = 0;
  try {
    const updates = jobs.updates.subscribe({
      passes: ({ id }) => id === job.id,
      first: [jobs.get(job.id) ?? job],
      isLast: ({ finishedAt }) => finishedAt !== null,
    });
    for await (const { done, total, failed, failures } of updates) {
      for (; told < failures.length; told++) {
        const failure = failures[told];
        if (failure) progress.say(`${printable(failure.path)}: ${describeFailure(failure)}`);
      }
      if (total !== null) progress.update({ done, total, failed });
    }
  } finally {
    progress.stop();
    signal.removeEventListener('abort', cancel);
  }
  return finished;
}

/** The failure of a change of model, with its exit code. */
export function failedJob({ code, message }: Pick<Job, 'code' | 'message'>): Error {
  const text = `The model does not serve: ${message ?? 'the change failed.'}`;
  return code !== null && Object.hasOwn(ERRORS, code)
    ? new AppError(code as ErrorCode, text)
    : new Error(text);
}
