import { AppError } from '../errors.js';
import { nameSourcesInStacks } from '../lib/stack-traces.js';
import { note } from './output/output.js';
import { run } from './program.js';
import { reportError } from './output/report-error.js';

nameSourcesInStacks();

// Whoever reads the result may have seen enough (`| head`): no failure, and nobody left to tell. Commands print their
// results after they have closed what they opened for writing, so ending here at once loses nothing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const message = `The result could not be written: ${error.message}`;
  process.exit(reportError(new AppError('STORAGE_FAILED', message, { cause: error })));
});
process.stderr.on('error', () => {});

// In one line and in the form of all others, where Node would print lines of its own.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => note(`${name}: ${message}`));
process.on('uncaughtException', (error) => process.exit(reportError(error, { stack: true })));

process.exit(await run(process.argv.slice(2)));
