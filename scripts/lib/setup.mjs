import { withLock } from './lock.mjs';
import { fromRoot } from './paths.mjs';
import { say } from './say.mjs';
import { setupSteps } from './setup-steps.mjs';
import { runSteps } from './steps.mjs';

/** Lies outside node_modules, which `npm ci` removes. */
const LOCK = fromRoot('tmp', 'setup.lock');

/**
 * Brings the clone to where the server can start; does nothing, and quickly, when it is there already.
 * One line for each thing done goes to standard error, so that a command's own output stays clean.
 *
 * @param {{ dev?: boolean }} options `dev`: development packages are needed too (tests and checks)
 */
export async function setUp({ dev = false } = {}) {
  const steps = setupSteps({ dev });
  if (steps.every((step) => step.isFresh())) return;
  const tell = (line) => say(`setup: ${line} ...`);
  const started = Date.now();
  const ran = await withLock(LOCK, () => runSteps(steps, { say: tell }), {
    onWait: () => tell('waiting for another set-up of this clone to finish'),
  });
  if (ran.length > 0) say(`setup: ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
