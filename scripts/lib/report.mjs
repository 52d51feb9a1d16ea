import { SetupError } from './run.mjs';
import { say } from './say.mjs';

/** Tells a failure in one sentence (and a program's own words, if any), and makes the process end with 1. */
export function reportFailure(error) {
  if (error instanceof SetupError) {
    say(`setup: ${error.message}${error.details === '' ? '' : `\n${error.details}`}`, 'error');
  } else {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error), 'error');
  }
  process.exitCode = 1;
}
