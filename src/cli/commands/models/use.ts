import type { Command } from 'commander';
import type { App } from '../../../app.js';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { AppError } from '../../../errors.js';
import { failedJob, followJob } from '../../running/follow-job.js';
import { followServerJob } from '../../running/follow-server-job.js';
import { count } from '../../output/format.js';
import { watchInterrupt } from '../../running/interrupt.js';
import { note, printJson, printLine } from '../../output/output.js';
import type { RunCommand } from '../../run-command.js';
import { ServerClient } from '../../running/server-client.js';
import { withApp } from '../../running/with-app.js';
import { SOME_FAILED } from '../../exit-codes.js';

const EXAMPLES = `
Every picture gets a vector from the new model while the old one keeps serving; then the new one takes over. A picture
that cannot be embedded does not prevent that: the reason is recorded, and "likeness verify" reports it (exit code 3).

If a server is running, it does the work and this command shows the progress; Ctrl+C ends only the display. Otherwise
this command does the work; after Ctrl+C, run it again or start the server to continue.

The choice is kept for MODEL=auto. If the settings name a model, this command is refused. The vectors of the old model
are kept until "likeness models drop --old", so switching back costs nothing.

Examples:
  $ likeness models use dinov2-base
  $ likeness models use builtin --json
`;

export function addUseCommand(models: Command, run: RunCommand): void {
  models
    .command('use')
    .description('change the model of the gallery without interrupting searches')
    .argument('<id>', 'a model that is installed (likeness models list)')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action((id: string, { json }: { json?: true }) => run((flags) => use(id, flags, json === true)));
}

/** The outcome. `served`: the model serves now. */
interface Outcome {
  readonly model: string;
  readonly served: boolean;
  readonly pictures: number;
  readonly vectors: number;
  readonly failed: number;
  readonly exitCode: number;
}

async function use(id: string, flags: Flags, json: boolean): Promise<number> {
  const config = loadConfig(readEnvironment(), flags);
  const client = await ServerClient.find(config);
  const outcome = client === null ? await useHere(id, flags, config.model) : await useBeside(id, client);
  const { exitCode, ...facts } = outcome;
  if (json) await printJson({ ...facts, interrupted: exitCode >= 128 });
  else await printLine(describe(outcome));
  return exitCode;
}

function describe({ model, served, pictures, vectors, failed }: Outcome): string {
  const reasons = failed === 0 ? '' : `, ${failed} a recorded reason for having none`;
  const have = `of ${count(pictures, 'picture')} ${vectors} have their vector${reasons}`;
  return served ? `${model} serves now: ${have}` : `${model} does not serve yet: ${have}`;
}

async function useHere(id: string, flags: Flags, setting: string): Promise<Outcome> {
  if (setting !== 'auto' && setting !== id) {
    throw new AppError(
      'BAD_USER_INPUT',
      `The setting MODEL is ${setting}, which takes precedence: set MODEL=${id}, or MODEL=auto and run this again.`,
    );
  }
  const interrupt = watchInterrupt(
    'Interrupted: what is done is kept. Run it again to continue; press Ctrl+C again to end at once.',
  );
  const options = {
    lazyEmbedder: true,
    whenLocked: 'The server cannot be reached from here: run this on its machine once it is ready.',
  };
  return withApp({ ...flags, MODEL: id }, options, async (app) => {
    const started = await app.modelSwitch.choose(id);
    const job = await followJob(app.jobs, started, 'embedding', interrupt.signal);
    if (job.state === 'FAILED') throw failedJob(job);
    const served = job.state === 'DONE';
    if (!served) note('It continues when this is run again or the server is started.');
    const covered = await coverage(app, id, served);
    return { ...covered, exitCode: served ? (job.failed > 0 ? SOME_FAILED : 0) : interrupt.exitCode };
  });
}

async function coverage(
  { catalog, spaces, modelSwitch }: App,
  model: string,
  served: boolean,
): Promise<Omit<Outcome, 'exitCode'>> {
  const { spaceId } = modelSwitch.target?.info ?? spaces.serving.primary.model;
  const { images, vectors, failed } = await catalog.vectors.coverage(spaceId);
  return { model, served, pictures: images, vectors, failed };
}

const USE = 'mutation ($id: ID!) { useModel(id: $id) { job { id } } }';
const OUTCOME = '{ status { gallerySize spaces { modelId vectors failed serving filling } } }';

async function useBeside(id: string, client: ServerClient): Promise<Outcome> {
  const interrupt = watchInterrupt(
    'The server continues; "likeness status" shows how far it is, and running this again follows it.',
  );
  const { useModel } = await client.request<{ useModel: { job: { id: string } } }>(USE, { id });
  note(`The running server (process ${client.pid}) changes its model and keeps serving meanwhile.`);
  const job = await followServerJob(client, useModel.job.id, 'embedding', interrupt.signal);
  if (job?.state === 'FAILED') throw failedJob(job);
  const served = job?.state === 'DONE';
  if (job !== null && !served)
    note('The server gave up the change: it was cancelled, or another model was chosen.');
  const { status } = await client.request<{
    status: {
      gallerySize: number;
      spaces: { modelId: string; vectors: number; failed: number; serving: boolean; filling: boolean }[];
    };
  }>(OUTCOME);
  const space = status.spaces.find(({ serving, filling }) => (served ? serving : filling));
  return {
    model: id,
    served,
    pictures: status.gallerySize,
    vectors: space?.vectors ?? 0,
    failed: space?.failed ?? 0,
    exitCode: served ? (job.failed > 0 ? SOME_FAILED : 0) : interrupt.exitCode || 1,
  };
}
