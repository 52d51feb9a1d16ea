import { realpath, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../config.js';
import { AppError } from '../../errors.js';
import { SOME_FAILED } from '../exit-codes.js';
import { collect } from '../options.js';
import { count } from '../output/format.js';
import { note, printJson, printLine } from '../output/output.js';
import type { RunCommand } from '../run-command.js';
import { watchInterrupt } from '../running/interrupt.js';
import { withLibraries, type LibraryFacts, type ScanFacts } from '../running/libraries.js';
import { cannotBeRead } from '../running/pictures-below.js';

const EXAMPLES = `
The pictures of a library stay where they are: nothing is copied, and no file is changed. Only a small marker file,
.likeness-library, is written into its folder if possible: it distinguishes an empty folder from a disk that is not mounted.

The server notices new, changed, moved and deleted files while it runs, and looks for them at every start and on "library scan".
A picture whose file is gone is marked as missing and stays until it is removed.

If a server is running, it does the work; "add" is then allowed below IMPORT_ROOTS only.

Examples:
  $ likeness library add ~/Pictures
  $ likeness library add /srv/photos --name Photos --tag family --exclude raw/
  $ likeness library list
  $ likeness library scan
  $ likeness library remove 1
`;

interface AddOptions {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly exclude?: readonly string[];
  readonly json?: true;
}
interface ScanOptions {
  readonly adopt?: boolean;
  readonly json?: true;
}
interface JsonOption {
  readonly json?: true;
}

export function addLibraryCommand(program: Command, run: RunCommand): void {
  const library = program
    .command('library')
    .description('folders whose pictures stay where they are and that the gallery follows')
    .addHelpText('after', EXAMPLES);
  library
    .command('add')
    .description('add a folder and its subfolders to the gallery, without copying')
    .argument('<folder>', 'the folder')
    .option('--name <name>', 'name of the library (default: the name of the folder)')
    .option(
      '-t, --tag <tag>',
      'tag for every new picture of the library; may be given several times',
      collect,
    )
    .option('-x, --exclude <pattern>', 'leave out what matches; may be given several times', collect)
    .option('--json', 'print the summary as JSON')
    .action((folder: string, options: AddOptions) => run((flags) => add(folder, options, flags)));
  library
    .command('list')
    .description('list the libraries')
    .option('--json', 'print them as JSON')
    .action(({ json }: JsonOption) => run((flags) => list(flags, json === true)));
  library
    .command('scan')
    .description('look for changes in a library, or in all of them')
    .argument('[id]', 'as library list shows it')
    .option(
      '--adopt',
      "accept the folder as it is now, even if its marker file is missing or another library's",
    )
    .option('--json', 'print the summary as JSON')
    .action((id: string | undefined, options: ScanOptions) => run((flags) => scan(id, options, flags)));
  library
    .command('remove')
    .description('remove a library from the gallery, with the pictures that only it has; its files stay')
    .argument('<id>', 'as library list shows it')
    .option('--json', 'print the summary as JSON')
    .action((id: string, { json }: JsonOption) => run((flags) => remove(id, flags, json === true)));
}

const INTERRUPTED =
  'Interrupted: what is done is kept. "likeness library scan" continues; press Ctrl+C again to end at once.';

async function add(
  folder: string,
  { name, tag = [], exclude = [], json }: AddOptions,
  flags: Flags,
): Promise<number> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw cannotBeRead(folder, 'folder', error);
  });
  if (!(await stat(root)).isDirectory()) throw new AppError('BAD_USER_INPUT', `${folder} is not a folder.`);
  const interrupt = watchInterrupt(INTERRUPTED);
  const { library, scanned } = await withLibraries(configOf(flags), flags, (libraries) =>
    libraries.add({ root, name, tags: tag, exclude }, interrupt.signal),
  );
  return tellScan([{ library, scanned }], json === true, interrupt.exitCode);
}

async function scan(
  id: string | undefined,
  { adopt = false, json }: ScanOptions,
  flags: Flags,
): Promise<number> {
  const interrupt = watchInterrupt(INTERRUPTED);
  const results = await withLibraries(configOf(flags), flags, async (libraries) => {
    const wanted = id === undefined ? (await libraries.list()).map((library) => library.id) : [numberOf(id)];
    const done: { library: LibraryFacts; scanned: ScanFacts }[] = [];
    for (const library of wanted) {
      if (interrupt.signal.aborted) break;
      done.push(await libraries.scan(library, adopt, interrupt.signal));
    }
    return done;
  });
  return tellScan(results, json === true, interrupt.exitCode);
}

async function list(flags: Flags, json: boolean): Promise<number> {
  const libraries = await withLibraries(configOf(flags), flags, (open) => open.list());
  if (json) await printJson(libraries);
  else if (libraries.length === 0) note('There are no libraries. Add one: likeness library add <folder>');
  else for (const library of libraries) await printLine(describe(library));
  return 0;
}

async function remove(id: string, flags: Flags, json: boolean): Promise<number> {
  const interrupt = watchInterrupt(INTERRUPTED);
  const removed = await withLibraries(configOf(flags), flags, (libraries) =>
    libraries.remove(numberOf(id), interrupt.signal),
  );
  if (json) await printJson({ removedPictures: removed });
  else await printLine(`removed, with ${count(removed, 'picture')} that only it had; the files stay`);
  return interrupt.exitCode;
}

const configOf = (flags: Flags) => loadConfig(readEnvironment(), flags);

/** `1`, or `library-1` as the API has it. */
function numberOf(id: string): number {
  const digits = /^(?:library-)?([1-9]\d{0,9})$/.exec(id)?.[1];
  if (digits === undefined) throw new AppError('LIBRARY_NOT_FOUND', 'There is no library with this id.');
  return Number(digits);
}

function describe({ id, name, path, present, missing, failed, problem }: LibraryFacts): string {
  const counts = [
    count(present, 'picture file'),
    ...(missing === 0 ? [] : [`${missing} missing`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return `${id}  ${name}  ${path}: ${counts.join(', ')}${problem === null ? '' : `. ${problem}`}`;
}

async function tellScan(
  results: readonly { readonly library: LibraryFacts; readonly scanned: ScanFacts }[],
  json: boolean,
  interrupted: number,
): Promise<number> {
  if (json) await printJson(results);
  else
    for (const { library, scanned } of results) {
      await printLine(`${scanned.added} new or changed, ${scanned.skipped} known, ${scanned.failed} failed`);
      await printLine(describe(library));
    }
  if (interrupted !== 0) return interrupted;
  return results.some(({ scanned }) => scanned.failed > 0) ? SOME_FAILED : 0;
}
