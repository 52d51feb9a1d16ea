import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import { dataDirOf, type Flags } from '../../config.js';
import { lockHolder } from '../../lib/lock-file.js';
import type { VerifyProblem } from '../../services/reconcile.js';
import { count, formatDuration } from '../format.js';
import { note, printJson, printLine } from '../output.js';
import { createProgress } from '../progress.js';
import type { RunCommand } from '../program.js';
import { withApp } from '../with-app.js';

const DATA_UNUSABLE = 4;

/** Between two looks at what a running server may be about to finish. */
const PAUSE_MS = 2_000;
/** A server writes its index after 5 s without changes, and at the latest after 60 s. */
const QUIET_MS = 8_000;
const LONGEST_WAIT_MS = 75_000;

const EXAMPLES = `
Reads every picture file and compares it with its content hash, every vector, and the index. Nothing is changed.
Beside a running server, what looks wrong is looked at again: pictures may be added and removed meanwhile.

What to do about problems:
  file-missing, file-damaged   put the file back from a backup, or remove the picture
  file-unknown                 left by a crash; the next start of the server removes it
  vector-missing               likeness reindex --embed
  vector-damaged               likeness reindex --embed all
  index                        likeness reindex (the server also rebuilds it by itself when it starts)
  database                     put the database back from a backup

Examples:
  $ likeness verify
  $ likeness verify --json | jq '.problems[].kind'
`;

export function addVerifyCommand(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .description('check that catalog, picture files and index agree')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }: { json?: true }) => run((flags) => verifyGallery(flags, json === true)));
}

async function verifyGallery(flags: Flags, json: boolean): Promise<number> {
  const start = performance.now();
  const first = await open(flags, firstLook);
  const problems =
    first.problems.length > 0 && first.served ? await lookAgain(flags, first.problems) : first.problems;
  const { images, vectors } = first;
  if (json) await printJson({ ok: problems.length === 0, images, vectors, problems });
  else {
    for (const { kind, message } of problems) await printLine(`${kind}: ${message}`);
    const took = formatDuration((performance.now() - start) / 1000);
    const checked = `${count(images, 'picture')} and ${count(vectors, 'vector')} checked in ${took}`;
    await printLine(
      problems.length === 0
        ? `${checked}: catalog, files and index agree`
        : `${checked}: ${count(problems.length, 'problem')}`,
    );
  }
  return problems.length === 0 ? 0 : DATA_UNUSABLE;
}

const open = <Result>(flags: Flags, look: (app: App) => Promise<Result>): Promise<Result> =>
  withApp(flags, { readOnly: true, lazyEmbedder: true }, look);

async function firstLook({ catalog, media, index, embedder, config }: App) {
  const { verify } = await import('../../services/reconcile.js');
  const { spaceId } = embedder.model;
  const progress = createProgress('verifying');
  const problems = await verify({ catalog, media, index, spaceId }, (done, total) =>
    progress.update({ done, total, failed: 0 }),
  ).finally(() => progress.stop());
  return {
    problems,
    images: await catalog.countImages(),
    vectors: index.size,
    served: (await lockHolder(join(dataDirOf(config), 'lock'))) !== null,
  };
}

/**
 * Looks again at what seemed wrong beside a running server: once at most things, and at the index's snapshot until
 * the server, which writes it some time after a change, can no longer be behind.
 */
async function lookAgain(flags: Flags, problems: readonly VerifyProblem[]): Promise<VerifyProblem[]> {
  const { recheck } = await import('../../services/reconcile.js');
  const began = performance.now();
  let remaining: readonly VerifyProblem[] = problems;
  let quietSince = began;
  let changes = '';
  for (;;) {
    await delay(PAUSE_MS);
    const seen = await open(flags, async ({ catalog, media, index, embedder }) => {
      const { spaceId } = embedder.model;
      remaining = await recheck({ catalog, media, index, spaceId }, remaining);
      return `${index.size} ${index.status().generation}`;
    });
    const now = performance.now();
    if (seen !== changes) quietSince = now;
    changes = seen;
    const snapshot = remaining.some(({ kind, imageId }) => kind === 'index' && imageId === undefined);
    if (!snapshot || now - quietSince > QUIET_MS || now - began > LONGEST_WAIT_MS) return [...remaining];
    if (now - began < 1.5 * PAUSE_MS) note('Waiting for the running server to write its index');
  }
}
