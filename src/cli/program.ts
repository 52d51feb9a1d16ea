import { Command, CommanderError, Help } from 'commander';
import { earlyLogFormat, readEnvironment, type Flags } from '../config.js';
import { VERSION } from '../project.js';
import { addAlbumCommand } from './commands/album.js';
import { addExportCommand } from './commands/export.js';
import { addImportCommand } from './commands/import.js';
import { addLibraryCommand } from './commands/library.js';
import { addModelsCommand } from './commands/models.js';
import { addReindexCommand } from './commands/reindex.js';
import { addSearchCommand } from './commands/search.js';
import { addServeCommand } from './commands/serve.js';
import { addStatusCommand } from './commands/status.js';
import { addVerifyCommand } from './commands/verify.js';
import { note, tellInJson, tellsInJson } from './output/output.js';
import { reportError } from './output/report-error.js';
import type { RunCommand } from './run-command.js';
import { addSettings, SETTINGS_GROUP, settingsOf } from './settings-options.js';

const USAGE_ERROR = 2;

const EPILOGUE = `
Every command also accepts the settings, such as --model or --database-url: likeness help serve lists them. Each can also
be set as an environment variable (--models-dir is MODELS_DIR) or in a .env file in the project folder; the command line
takes precedence. Relative paths in settings are relative to the project folder.

While a server is running, album, search, status, verify and export are safe: they only read. library, models use and
models drop let the server do the work. serve, import and reindex need exclusive use of the data folder and fail with
DATA_LOCKED.

Commands use the model that serves the gallery. Another one that --model names serves only once every picture has a
vector from it: run likeness models use, or reindex --embed.

Results go to stdout, everything else to stderr.

Exit codes:
  0  done
  1  unexpected failure
  2  wrong usage or settings
  3  some of the pictures failed; the others are done
  4  the data cannot be used, or verify found a problem
  130, 143  interrupted by Ctrl+C, or terminated

Examples:
  $ likeness serve --port 8080
  $ likeness import ~/Pictures --tag holiday
  $ likeness search photo.jpg --top-k 5
`;

/**
 * Runs `likeness <args>`.
 * @returns the exit code
 */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  let flags: Flags = {};
  if (earlyLogFormat(flags) === 'json') tellInJson();
  const program = new Command('likeness')
    .description('Finds the pictures of your gallery that look like a given one.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({
      visibleOptions: (command) =>
        new Help()
          .visibleOptions(command)
          .filter(({ helpGroupHeading }) => helpGroupHeading !== SETTINGS_GROUP),
    })
    .exitOverride()
    .showHelpAfterError('See likeness --help, or likeness help <command>.')
    .configureOutput({
      outputError: (text) => note(text.replace(/^error: /, 'likeness: BAD_USER_INPUT: ').trimEnd(), 'error'),
      writeErr: (text) => {
        if (!tellsInJson()) process.stderr.write(text);
        else if (text.trim() !== '') note(text);
      },
    });
  addSettings(program);

  const runCommand: RunCommand = async (task) => {
    flags = settingsOf(program);
    if (earlyLogFormat(flags) === 'json') tellInJson();
    exitCode = await task(flags);
  };
  addServeCommand(program, runCommand);
  addImportCommand(program, runCommand);
  addLibraryCommand(program, runCommand);
  addAlbumCommand(program, runCommand);
  addSearchCommand(program, runCommand);
  addStatusCommand(program, runCommand);
  addVerifyCommand(program, runCommand);
  addReindexCommand(program, runCommand);
  addExportCommand(program, runCommand);
  addModelsCommand(program, runCommand);
  program.addHelpText('after', EPILOGUE);

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already printed it. Printing help on request is not a failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    return reportError(error, { stack: isDebugging(flags) });
  }
}

function isDebugging(flags: Flags): boolean {
  try {
    return (flags.LOG_LEVEL ?? readEnvironment()['LOG_LEVEL']) === 'debug';
  } catch {
    return false; // the .env file cannot be read, which is the error being reported
  }
}
