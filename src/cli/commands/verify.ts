import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import { dataDirOf, type Flags } from '../../config.js';
import { lockHolder } from '../../lib/lock-file.js';
import type { VerifyProblem } from '../../services/gallery/reconcile.js';
import { count, formatDuration } from '../output/format.js';
import { noteSwitchDue } from '../output/note-switch.js';
import { note, printJson, printLine } from '../output/output.js';
import { createProgress } from '../output/progress.js';
import { Tally } from '../output/tally.js';
import { watchInterrupt } from '../running/interrupt.js';
import type { RunCommand } from '../run-command.js';
import { ServerClient } from '../running/server-client.js';
import { withApp } from '../running/with-app.js';
import { SOME_FAILED } from '../exit-codes.js';

const DATA_UNUSABLE = 4;
/** Between two checks of what a running server may be about to finish. */
const PAUSE_MS = 2_000;
/** A server starts to write its index 5 s after the last change; after this long it is asked whether it still has to. */
const QUIET_MS = 10_000;
/** Limit of the wait for a server that cannot write, for example on a full disk. */
const MOST_MS = 600_000;

const EXAMPLES = `
Checks every picture file against its content hash, every vector, and the index. Without --adopt nothing is changed.
If a server is running, what looks wrong is checked again, since pictures may be added and removed meanwhile.

What to do about problems:
  file-missing, file-damaged   import the same file again, restore it from a backup, or remove the picture
  file-unknown                 a picture file that the catalog does not know, for example after the database was lost
                               or an older one restored: --adopt adds such files. Nothing else touches them
  vector-missing               likeness reindex --embed
  not-embedded                 its vector could not be computed, for the reason given: repair its file and run likeness
                               reindex --embed, or remove the picture. Exit code 3 if nothing else is wrong
  vector-damaged               likeness reindex --embed all
  index                        likeness reindex (the server also rebuilds it by itself when it starts)
  database                     restore the database from a backup

Examples:
  $ likeness verify
  $ likeness verify --adopt
  $ likeness verify --json | jq '.problems[].kind'
`;

export function addVerifyCommand(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .description('check that catalog, picture files and index agree')
    .option('--adopt', 'first add the files that the catalog does not know')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json, adopt }: { json?: true; adopt?: true }) =>
      run((flags) => verifyGallery(flags, { json: json === true, adopt: adopt === true })),
    );
}

async function verifyGallery(
  flags: Flags,
  { json, adopt }: { json: boolean; adopt: boolean },
): Promise<number> {
  const start = performance.now();
  const adopted = adopt ? await adoptUnknown(flags) : null;
  if (adopted?.interrupted === true) return adopted.exitCode;
  const first = await open(flags, firstLook);
  const problems = first.problems.length > 0 && first.served ? await lookAgain(flags, first) : first.problems;
  const { images, vectors } = first;
  if (json) await printJson({ ok: problems.length === 0, images, vectors, problems, ...adopted?.summary });
  else {
    if (adopted !== null) await printLine(adopted.text);
    for (const { kind, message } of problems) await printLine(`${kind}: ${message}`);
    const took = formatDuration((performance.now() - start) / 1000);
    const checked = `${count(images, 'picture')} and ${count(vectors, 'vector')} checked in ${took}`;
    await printLine(
      problems.length === 0
        ? `${checked}: catalog, files and index agree`
        : `${checked}: ${count(problems.length, 'problem')}`,
    );
  }
  if (problems.length === 0) return 0;
  return problems.every(({ kind }) => kind === 'not-embedded') ? SOME_FAILED : DATA_UNUSABLE;
}

/** Adds files that the catalog does not know. It writes, so it needs exclusive use of the data folder. */
async function adoptUnknown(flags: Flags) {
  const { adoptFiles } = await import('../../services/gallery/adopt.js');
  const interrupt = watchInterrupt('Interrupted: finishing the current pictures. Run it again to continue.');
  const tally = new Tally(createProgress('adopting'), interrupt.signal);
  const options = { whenLocked: 'Stop it and run this again.' };
  await withApp(flags, options, async ({ catalog, media, ingest, concurrency, config }) => {
    const parts = { catalog, media, ingest, concurrency, maxBytes: config.maxUploadBytes };
    await adoptFiles(parts, tally).finally(() => tally.stop());
  });
  const { added, skipped, repaired, failed } = tally.counts;
  const { failures } = tally;
  return {
    interrupted: interrupt.exitCode !== 0,
    exitCode: interrupt.exitCode,
    text: `${count(added, 'file')} adopted, ${skipped} already known${repaired === 0 ? '' : ` (${repaired} of them restored)`}, ${failed} failed`,
    summary: { adopted: { added, known: skipped, repaired, failed, failures } },
  };
}

const open = <Result>(flags: Flags, look: (app: App) => Promise<Result>): Promise<Result> =>
  withApp(flags, { readOnly: true, lazyEmbedder: true }, look);

type FirstLook = Awaited<ReturnType<typeof firstLook>>;

async function firstLook(app: App) {
  const { catalog, media, index, embedder, config } = app;
  const { verify } = await import('../../services/gallery/reconcile.js');
  noteSwitchDue(app);
  const { spaceId } = embedder.model;
  const progress = createProgress('verifying');
  const problems = await verify({ catalog, media, index, spaceId }, (done, total) =>
    progress.update({ done, total, failed: 0 }),
  ).finally(() => progress.stop());
  return {
    problems,
    images: await catalog.images.count(),
    vectors: await index.size(),
    served: (await lockHolder(join(dataDirOf(config), 'lock'))) !== null,
    server: await ServerClient.find(config),
  };
}

/**
 * Checks again what seemed wrong while a server runs: most things once, the index on disk for as long as the server may
 * need to write it. While pictures are added and removed, it writes only now and then.
 */
async function lookAgain(flags: Flags, first: FirstLook): Promise<VerifyProblem[]> {
  const { recheck } = await import('../../services/gallery/reconcile.js');
  let remaining: readonly VerifyProblem[] = first.problems;
  let waiting = false;
  let hasWritten = false;
  for (const began = performance.now(); ;) {
    await delay(PAUSE_MS);
    const vectors = await open(flags, async ({ catalog, media, index, embedder }) => {
      remaining = await recheck({ catalog, media, index, spaceId: embedder.model.spaceId }, remaining);
      return index.size();
    });
    if (!remaining.some(isSnapshotProblem)) return [...remaining];
    if (vectors !== first.vectors) {
      note('The running server is adding or removing pictures and has not written its index since.');
      return remaining.filter((problem) => !isSnapshotProblem(problem));
    }
    const waitedMs = performance.now() - began;
    if (hasWritten || waitedMs > MOST_MS) return [...remaining];
    // It may have written just now: check again.
    hasWritten = waitedMs > QUIET_MS && !(await isYetToWrite(first.server));
    if (!waiting) note('Waiting for the running server to write its index');
    waiting = true;
  }
}

const WRITING = '{ status { index { rebuilding unsavedChanges } } }';

/** Whether a server is building its graph or has changes that are not on disk; false if it does not answer. */
async function isYetToWrite(server: ServerClient | null): Promise<boolean> {
  interface Answer {
    readonly status: { readonly index: { readonly rebuilding: boolean; readonly unsavedChanges: number } };
  }
  try {
    const answer = await server?.request<Answer>(WRITING);
    return answer !== undefined && (answer.status.index.rebuilding || answer.status.index.unsavedChanges > 0);
  } catch {
    return false;
  }
}

const isSnapshotProblem = ({ kind, imageId }: VerifyProblem): boolean =>
  kind === 'index' && imageId === undefined;
