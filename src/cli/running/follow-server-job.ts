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
 * Shows a change of model that a server makes until it has ended.
 * @param signal stops the showing; the server goes on
 * @returns the job's last state, null when it was not waited for
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
        throw new AppError(
          'SHUTTING_DOWN',
          'The server was started anew; it goes on with the change of model.',
        );
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
