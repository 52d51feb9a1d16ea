import { Option, type Command } from 'commander';
import type { App } from '../../app.js';
import type { Flags } from '../../config.js';
import { silentLogger } from '../../logger.js';
import type { Model } from '../../services/embedding/model.js';
import { failedJob, followJob } from '../running/follow-job.js';
import { count, formatDuration } from '../output/format.js';
import { watchInterrupt, type Interrupt } from '../running/interrupt.js';
import { noteSwitchDue } from '../output/note-switch.js';
import { note, printJson, printLine } from '../output/output.js';
import { createProgress } from '../output/progress.js';
import type { RunCommand } from '../run-command.js';
import { Tally, type FailedItem } from '../output/tally.js';
import { withApp } from '../running/with-app.js';
import { SOME_FAILED } from '../exit-codes.js';

const EXAMPLES = `
The index is derived from the catalog and can always be rebuilt. With --embed, vectors are computed first: missing ones
(for example after a crash), or all of them anew from the picture files.
With --embed and a --model that does not serve yet, its vectors are computed, and then it serves. Without --embed, the
index of the serving model is built, whatever --model says.
Ctrl+C keeps the vectors computed so far; run it again to continue.

Examples:
  $ likeness reindex
  $ likeness reindex --embed
  $ likeness reindex --embed all --model dinov2-base
`;

type Embed = 'missing' | 'all';

export function addReindexCommand(program: Command, run: RunCommand): void {
  program
    .command('reindex')
    .description('rebuild the vector index from the catalog')
    .addOption(
      new Option('--embed [which]', 'first compute vectors: missing (the default) or all')
        .choices(['missing', 'all'])
        .preset('missing'),
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ embed, json }: { embed?: Embed; json?: true }) =>
      run((flags) => reindex(flags, embed ?? null, json === true)),
    );
}

async function reindex(flags: Flags, embed: Embed | null, json: boolean): Promise<number> {
  const interrupt = watchInterrupt(
    'Interrupted: nothing is lost. Run it again; press Ctrl+C again to end at once.',
  );
  const start = performance.now();
  const options = {
    lazyEmbedder: embed === null,
    whenLocked: 'Stop it and run this again; a server rebuilds a broken index by itself.',
  };
  const { failures, failed, exitCode, embedded, ...index } = await withApp(flags, options, async (app) => {
    if (embed === null) noteSwitchDue(app);
    const made = embed === null ? null : await makeVectors(app, embed, interrupt);
    if (!interrupt.signal.aborted) await rebuild(app, interrupt);
    const { size, generation } = await app.index.status();
    return {
      vectors: size,
      missing: (await app.catalog.images.count()) - size,
      generation,
      embedded: made?.embedded ?? 0,
      failed: made?.failed ?? 0,
      failures: made?.failures ?? [],
      exitCode: made?.exitCode ?? 0,
    };
  });
  const seconds = (performance.now() - start) / 1000;
  const interrupted = interrupt.exitCode !== 0;
  if (index.missing > 0 && embed === null)
    note(`${index.missing} pictures have no vector of this model: "likeness reindex --embed" computes them.`);
  if (json) {
    await printJson({
      ...index,
      embedded,
      failed,
      seconds: Math.round(seconds * 10) / 10,
      interrupted,
      failures,
    });
  } else {
    const made = embed === null ? '' : `${count(embedded, 'picture')} embedded, ${failed} failed; `;
    const built = interrupted
      ? 'interrupted before the index was built'
      : `index of ${count(index.vectors, 'vector')} built`;
    await printLine(`${made}${built} in ${formatDuration(seconds)}`);
  }
  return interrupted ? interrupt.exitCode : exitCode;
}

interface Made {
  readonly embedded: number;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly FailedItem[];
  readonly exitCode: number;
}

async function makeVectors(app: App, embed: Embed, interrupt: Interrupt): Promise<Made> {
  if (app.modelSwitch.target !== null) return switchModel(app, app.modelSwitch.target, embed, interrupt);
  const { embedAll, embedMissing } = await import('../../services/gallery/reconcile.js');
  const { catalog, media, embedder, index, concurrency } = app;
  const memory = app.memory.background;
  const tally = new Tally(createProgress('embedding'), interrupt.signal);
  // Failures are reported by the tally.
  const parts = { catalog, media, embedder, index, logger: silentLogger, memory };
  try {
    await (embed === 'all' ? embedAll : embedMissing)(parts, tally, concurrency);
  } finally {
    tally.stop();
  }
  const { failures, exitCode } = tally;
  return { embedded: tally.counts.added, failed: failures.length, failures, exitCode };
}

/** @throws AppError when the model cannot serve */
async function switchModel(app: App, target: Model, embed: Embed, interrupt: Interrupt): Promise<Made> {
  if (embed === 'all') await app.catalog.vectors.clearSpace(target.info.spaceId);
  const started = app.modelSwitch.resume();
  if (started === null) return { embedded: 0, failed: 0, failures: [], exitCode: 0 };
  const job = await followJob(app.jobs, started, 'embedding', interrupt.signal);
  if (job.state === 'FAILED') throw failedJob(job);
  const { added, failed, failures } = job;
  return { embedded: added, failed, failures, exitCode: failed > 0 ? SOME_FAILED : 0 };
}

/** Ends early, leaving the old snapshot as it is, when interrupted: closing the app then stops the build. */
async function rebuild({ index }: App, { signal }: Interrupt): Promise<void> {
  note(`building the graph over ${count(await index.size(), 'vector')}`);
  const interrupted = new Promise<'interrupted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true }),
  );
  const { limitation } = await index.status();
  if (limitation !== null) note(limitation);
  const building = index.rebuild();
  building.catch(() => {}); // reported below, unless nobody waits any more
  if ((await Promise.race([building, interrupted])) !== 'interrupted') await index.save();
}
