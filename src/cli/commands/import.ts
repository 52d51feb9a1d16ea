import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadConfig, ownFoldersOf, readEnvironment, type Flags } from '../../config.js';
import { count, formatDuration } from '../output/format.js';
import { watchInterrupt } from '../running/interrupt.js';
import { noteSwitchDue } from '../output/note-switch.js';
import { note, printJson, printLine } from '../output/output.js';
import { describeLeftOut } from '../output/left-out.js';
import { cannotBeRead } from '../running/pictures-below.js';
import { createProgress } from '../output/progress.js';
import type { RunCommand } from '../run-command.js';
import { describeLeft, Tally } from '../output/tally.js';
import { withApp } from '../running/with-app.js';
import { collect } from '../options.js';
import type { ImportFile } from '../../services/gallery/import/import-files.js';

const EXAMPLES = `
Pictures that the gallery already has are recognised by their content, whatever their name: they only get the tags they
lack, and their file is restored if it is missing or damaged. So to continue an interrupted import, run it again.
A picture or a folder that cannot be read is reported and does not stop the rest; the exit code is then 3.

Left out, and counted: hidden files and folders; links; folders such as @eaDir, #recycle, $RECYCLE.BIN, lost+found and
*.photoslibrary; Likeness's own folders; what --exclude or a .likenessignore file matches. Both use the patterns of
.gitignore: *.tmp, raw/, /2019/private, !keep.jpg. A .likenessignore file applies to its folder and those below.

Ctrl+C finishes the current pictures and exits with 130; a second Ctrl+C exits at once.

Examples:
  $ likeness import ~/Pictures
  $ likeness import trip-2024 trip-2025 --tag travel --tag family
  $ likeness import ~/Pictures --exclude raw/ --exclude '*_small.jpg'
  $ likeness import ~/Pictures --json 2> import.log
`;

interface ImportCommandOptions {
  readonly tag?: readonly string[];
  readonly exclude?: readonly string[];
  readonly json?: true;
}

export function addImportCommand(program: Command, run: RunCommand): void {
  program
    .command('import')
    .description('add all pictures in folders to the gallery')
    .argument('<folder...>', 'folders, searched with their subfolders, or single picture files')
    .option('-t, --tag <tag>', 'tag for every picture; may be given several times', collect)
    .option('-x, --exclude <pattern>', 'leave out what matches; may be given several times', collect)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: ImportCommandOptions) =>
      run((flags) => importPictures(paths, options, flags)),
    );
}

async function importPictures(
  paths: readonly string[],
  { tag = [], exclude = [], json }: ImportCommandOptions,
  flags: Flags,
): Promise<number> {
  const { importFiles } = await import('../../services/gallery/import/import-files.js');
  const { normalizeTags } = await import('../../services/gallery/titles-and-tags.js');
  const tags = normalizeTags(tag, 'tag');
  const interrupt = watchInterrupt(
    'Interrupted: finishing the current pictures. Run it again to continue; press Ctrl+C again to end at once.',
  );
  const tally = new Tally(createProgress('importing'), interrupt.signal);
  const files = await listFiles(paths, exclude, flags, tally);
  note(`${count(files.length, 'picture')} found`);
  await withApp(
    flags,
    {
      whenLocked:
        'Stop it and run this again; or, if it is a server, import through it with the importFolder mutation (setting IMPORT_ROOTS).',
    },
    async (app) => {
      noteSwitchDue(app);
      const { ingest, concurrency, memory } = app;
      const maxBytes = app.config.maxUploadBytes;
      try {
        await importFiles(files, tags, tally, { ingest, maxBytes, concurrency, memory: memory.background });
      } finally {
        tally.stop();
      }
    },
  );
  await (json === true ? printSummary(tally, interrupt.exitCode !== 0) : tellSummary(tally));
  return interrupt.exitCode !== 0 ? interrupt.exitCode : tally.exitCode;
}

async function printSummary({ counts, failures }: Tally, interrupted: boolean): Promise<void> {
  const { total, added, skipped, tagged, repaired, leftOut, failed, left, seconds } = counts;
  await printJson({
    found: total,
    added,
    known: skipped,
    tagged,
    repaired,
    failed,
    left,
    leftOut: Object.fromEntries(leftOut.map(({ reason, count: items }) => [reason, items])),
    seconds: Math.round(seconds * 10) / 10,
    interrupted,
    failures,
  });
}

async function tellSummary({ counts }: Tally): Promise<void> {
  const { added, skipped, tagged, repaired, leftOut, failed, left, seconds } = counts;
  const changed = [
    ...(tagged === 0 ? [] : [`${tagged} got tags`]),
    ...(repaired === 0 ? [] : [`${repaired} restored`]),
  ];
  const known = `${skipped} already known${changed.length === 0 ? '' : ` (${changed.join(', ')})`}`;
  await printLine(
    `${added} added, ${known}, ${failed} failed in ${formatDuration(seconds)}${describeLeft(left)}`,
  );
  if (leftOut.length > 0) await printLine(describeLeftOut(leftOut));
}

/** All picture files below the folders, each once. A missing folder is an error: importing only half would go unnoticed. */
async function listFiles(
  paths: readonly string[],
  exclude: readonly string[],
  flags: Flags,
  tally: Tally,
): Promise<ImportFile[]> {
  const { listPictures } = await import('../../services/gallery/import/walk.js');
  const { shownPath } = await import('../../services/gallery/import/raw-path.js');
  const { excludePatterns } = await import('../../services/gallery/import/exclusions.js');
  excludePatterns(exclude); // throws for invalid ones
  const ownFolders = ownFoldersOf(loadConfig(readEnvironment(), flags));
  const files = new Map<string, ImportFile>();
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw cannotBeRead(path, 'folder', error);
    });
    if (!found.isDirectory()) {
      files.set(path, { path, followLinks: true });
      continue;
    }
    const pictures = await listPictures(path, {
      exclude,
      ownFolders,
      signal: tally.signal,
      onLeftOut: (reason, items) => tally.leftOut(reason, items),
      onUnreadable: (folder, error) => tally.failed(folder, error),
    }).catch((error: unknown) => {
      throw cannotBeRead(path, 'folder', error);
    });
    // Two names that are not UTF-8 may print the same.
    for (const picture of pictures)
      files.set(typeof picture === 'string' ? picture : `${shownPath(picture)}\0${picture.toString('hex')}`, {
        path: picture,
      });
  }
  return [...files.values()];
}
