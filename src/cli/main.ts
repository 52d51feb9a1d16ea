import { AppError } from '../errors.js';
import { run } from './program.js';
import { reportError } from './report-error.js';

// Whoever reads the result may have seen enough (`| head`): no failure, and nobody left to tell. Commands print their
// results after they have closed what they opened for writing, so ending here at once loses nothing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const message = `The result could not be written: ${error.message}`;
  process.exit(reportError(new AppError('STORAGE_FAILED', message, { cause: error })));
});
process.stderr.on('error', () => {});

process.exit(await run(process.argv.slice(2)));
