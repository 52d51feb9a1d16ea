import { AppError } from '../errors.js';
import { nameSourcesInStacks } from '../lib/stack-traces.js';
import { note } from './output/output.js';
import { run } from './program.js';
import { reportError } from './output/report-error.js';

nameSourcesInStacks();

// The reader may stop early (`| head`), which is no failure. Commands print results after closing what they opened for
// writing, so exiting at once loses nothing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const message = `The result could not be written: ${error.message}`;
  process.exit(reportError(new AppError('STORAGE_FAILED', message, { cause: error })));
});
process.stderr.on('error', () => {});

// Warnings in one line, in the same form as all others, instead of Node's own lines.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => note(`${name}: ${message}`));
process.on('uncaughtException', (error) => process.exit(reportError(error, { stack: true })));

process.exit(await run(process.argv.slice(2)));
