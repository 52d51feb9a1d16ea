import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import type { Job } from '../../services/jobs.js';
import type { ModelSwitchState } from '../../services/spaces/model-switch.js';
import { JobDisplay } from './job-display.js';
import type { ServerClient } from './server-client.js';

const EVERY_MS = 500;

const PROGRESS = `{ status {
  modelSwitch { total embedded failed }
  jobs { edges { node { id state done total added failed code message finishedAt failures { path code message } } } }
} }`;

type JobFields = Pick<
  Job,
  'id' | 'state' | 'done' | 'total' | 'added' | 'failed' | 'code' | 'message' | 'finishedAt' | 'failures'
>;

interface Answer {
  readonly status: {
    readonly modelSwitch: Pick<ModelSwitchState, 'total' | 'embedded' | 'failed'> | null;
    readonly jobs: { readonly edges: readonly { readonly node: JobFields }[] };
  };
}

/**
 * Shows a change of model on the server until it ends.
 * @param signal ends the display; the server continues
 * @returns the job's last state, null if the signal was aborted first
 * @throws AppError SHUTTING_DOWN when the server stops meanwhile
 */
export async function followServerJob(
  client: ServerClient,
  jobId: string,
  what: string,
  signal: AbortSignal,
): Promise<JobFields | null> {
  const display = new JobDisplay(what);
  try {
    while (!signal.aborted) {
      const answer = await client.poll<Answer>(PROGRESS);
      const job = answer?.status.jobs.edges.find(({ node }) => node.id === jobId)?.node;
      if (answer !== null && job === undefined)
        throw new AppError('SHUTTING_DOWN', 'The server was restarted; it continues the change of model.');
      display.failures(job?.failures ?? []);
      const state = answer?.status.modelSwitch;
      if (state) {
        const { total, embedded, failed } = state;
        display.counts({ done: embedded + failed, total, failed });
      }
      if (job !== undefined && job.finishedAt !== null) return job;
      await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    }
    return null;
  } finally {
    display.stop();
  }
}
