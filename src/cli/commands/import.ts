import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { AppError } from '../../errors.js';
import type { Flags } from '../../config.js';
import { count, formatDuration } from '../format.js';
import { watchInterrupt } from '../interrupt.js';
import { noteSwitchDue } from '../note-switch.js';
import { note, printJson, printLine } from '../output.js';
import { readProblem } from '../read-failure.js';
import { createProgress } from '../progress.js';
import type { RunCommand } from '../program.js';
import { Tally } from '../tally.js';
import { withApp } from '../with-app.js';
import { collectTags } from '../options.js';

const EXAMPLES = `
What the gallery has already is told by its content and skipped, whatever its name: an interrupted import is simply
run again. A picture that cannot be added is reported and does not stop the rest; the exit code is then 3.
Ctrl+C finishes the pictures under way and ends with 130; a second Ctrl+C ends at once.

Examples:
  $ likeness import ~/Pictures
  $ likeness import trip-2024 trip-2025 --tag travel --tag family
  $ likeness import ~/Pictures --json 2> import.log
`;

interface ImportCommandOptions {
  readonly tag?: readonly string[];
  readonly json?: true;
}

export function addImportCommand(program: Command, run: RunCommand): void {
  program
    .command('import')
    .description('add every picture below folders to the gallery')
    .argument('<folder...>', 'folders, searched with all below them, or single picture files')
    .option('-t, --tag <tag>', 'tag for every picture added; may be given several times', collectTags)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: ImportCommandOptions) =>
      run((flags) => importPictures(paths, options, flags)),
    );
}

async function importPictures(
  paths: readonly string[],
  { tag = [], json }: ImportCommandOptions,
  flags: Flags,
): Promise<number> {
  const { importFiles } = await import('../../services/import-folder.js');
  const { normalizeTags } = await import('../../services/ingest.js');
  const tags = normalizeTags(tag, 'tag');
  const interrupt = watchInterrupt(
    'Interrupted: finishing the pictures under way. Run it again to go on; Ctrl+C again ends at once.',
  );
  const tally = new Tally(createProgress('importing'), interrupt.signal);
  const files = await listFiles(paths, tally);
  note(`${count(files.length, 'picture')} found`);
  await withApp(
    flags,
    {
      whenLocked:
        'Stop it and run this again; or, if it is a server, import through it with the importFolder mutation (setting IMPORT_ROOTS).',
    },
    async (app) => {
      noteSwitchDue(app);
      const { ingest, concurrency } = app;
      const maxBytes = app.config.maxUploadBytes;
      try {
        await importFiles(
          files.map((path) => ({ path })),
          tags,
          tally,
          { ingest, maxBytes, concurrency },
        );
      } finally {
        tally.stop();
      }
    },
  );
  const { total, added, skipped, failed, seconds } = tally.counts;
  const left = total - added - skipped - failed;
  if (json === true) {
    await printJson({
      found: total,
      added,
      known: skipped,
      failed,
      left,
      seconds: Math.round(seconds * 10) / 10,
      interrupted: interrupt.exitCode !== 0,
      failures: tally.failures,
    });
  } else {
    const rest = left === 0 ? '' : `, ${left} left: run it again to go on`;
    await printLine(
      `${added} added, ${skipped} known already, ${failed} failed in ${formatDuration(seconds)}${rest}`,
    );
  }
  return interrupt.exitCode !== 0 ? interrupt.exitCode : tally.exitCode;
}

/** Every picture file below the folders, each once. A folder that is not there is an error: better none than half. */
async function listFiles(paths: readonly string[], tally: Tally): Promise<string[]> {
  const { listPictures } = await import('../../services/import-folder.js');
  const files = new Set<string>();
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new AppError('BAD_USER_INPUT', `${path} cannot be read: ${readProblem(error)}.`, {
        details: { path: 'folder', rule: 'a folder that is there' },
        cause: error,
      });
    });
    if (!found.isDirectory()) files.add(path);
    else
      for (const file of await listPictures(path, (dir, error) => tally.failed(dir, error))) files.add(file);
  }
  return [...files];
}
