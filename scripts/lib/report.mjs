import { SetupError } from './run.mjs';

/** Tells a failure in one sentence (and a program's own words, if any), and makes the process end with 1. */
export function reportFailure(error) {
  if (error instanceof SetupError) {
    console.error(`setup: ${error.message}`);
    if (error.details !== '') console.error(error.details);
  } else {
    console.error(error);
  }
  process.exitCode = 1;
}
