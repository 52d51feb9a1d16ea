import { Option, type Command } from 'commander';
import type { App } from '../../app.js';
import type { Flags } from '../../config.js';
import { silentLogger } from '../../logger.js';
import { count, formatDuration } from '../format.js';
import { watchInterrupt, type Interrupt } from '../interrupt.js';
import { note, printJson, printLine } from '../output.js';
import { createProgress } from '../progress.js';
import type { RunCommand } from '../program.js';
import { Tally } from '../tally.js';
import { withApp } from '../with-app.js';

const EXAMPLES = `
The index is derived from the catalog and can always be built again. With --embed, vectors are made first: those that
are missing (after a change of model, or a crash), or all of them anew from the picture files.
Ctrl+C keeps the vectors made so far; run it again to go on.

Examples:
  $ likeness reindex
  $ likeness reindex --embed
  $ likeness reindex --embed all --model dinov2-base
`;

type Embed = 'missing' | 'all';

export function addReindexCommand(program: Command, run: RunCommand): void {
  program
    .command('reindex')
    .description('build the vector index anew from the catalog')
    .addOption(
      new Option('--embed [which]', 'first make vectors: missing (when nothing is said), or all')
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
  const interrupt = watchInterrupt('Interrupted: nothing is lost. Run it again; Ctrl+C again ends at once.');
  const start = performance.now();
  const options = {
    lazyEmbedder: embed === null,
    whenLocked: 'Stop it and run this again; a server rebuilds a broken index by itself.',
  };
  const { failures, exitCode, embedded, ...index } = await withApp(flags, options, async (app) => {
    const tally = embed === null ? null : await makeVectors(app, embed, interrupt);
    if (!interrupt.signal.aborted) await rebuild(app, interrupt);
    const missing = (await app.catalog.countImages()) - app.index.size;
    return {
      vectors: app.index.size,
      missing,
      generation: app.index.status().generation,
      embedded: tally?.counts.added ?? 0,
      failures: tally?.failures ?? [],
      exitCode: tally?.exitCode ?? 0,
    };
  });
  const seconds = (performance.now() - start) / 1000;
  const interrupted = interrupt.exitCode !== 0;
  if (index.missing > 0 && embed === null)
    note(`${index.missing} pictures have no vector of this model: "likeness reindex --embed" makes them.`);
  if (json) {
    await printJson({
      ...index,
      embedded,
      failed: failures.length,
      seconds: Math.round(seconds * 10) / 10,
      interrupted,
      failures,
    });
  } else {
    const made = embed === null ? '' : `${count(embedded, 'picture')} embedded, ${failures.length} failed; `;
    const built = interrupted
      ? 'interrupted before the index was built'
      : `index of ${count(index.vectors, 'vector')} built`;
    await printLine(`${made}${built} in ${formatDuration(seconds)}`);
  }
  return interrupted ? interrupt.exitCode : exitCode;
}

async function makeVectors(app: App, embed: Embed, interrupt: Interrupt): Promise<Tally> {
  const { embedAll, embedMissing } = await import('../../services/reconcile.js');
  const { catalog, media, embedder, index, concurrency } = app;
  const tally = new Tally(createProgress('embedding'), interrupt.signal);
  const parts = { catalog, media, embedder, index, logger: silentLogger }; // failures are told by the tally
  try {
    await (embed === 'all' ? embedAll : embedMissing)(parts, tally, concurrency);
  } finally {
    tally.stop();
  }
  return tally;
}

/** Ends early, leaving the old snapshot as it is, when interrupted: closing the app then stops the build. */
async function rebuild({ index }: App, { signal }: Interrupt): Promise<void> {
  note(`building the graph over ${count(index.size, 'vector')}`);
  const interrupted = new Promise<'interrupted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true }),
  );
  const building = index.rebuild();
  building.catch(() => {}); // told below, unless nobody waits any more
  if ((await Promise.race([building, interrupted])) !== 'interrupted') await index.save();
}
