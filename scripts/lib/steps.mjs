import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';

/**
 * @typedef {object} Step
 * @property {string} id
 * @property {string} say what is being done, for the one line printed when it is
 * @property {string[]} after ids of the steps whose results this one needs
 * @property {() => boolean} isFresh whether there is nothing to do
 * @property {() => Promise<void>} run
 */

/**
 * A step that is done when its outputs exist and its inputs (files, folders, words) are those of the last time.
 * The stamp is written after `run`, with the inputs as they were before it: what changed meanwhile counts as new.
 *
 * @param {{ root: string, stampDir: string }} place
 * @returns {Step}
 */
export function fingerprintedStep(
  { root, stampDir },
  { id, say, after = [], inputs, words = () => [], outputs, run },
) {
  const stamp = join(stampDir, `${id}.stamp`);
  const current = () =>
    fingerprint(
      root,
      inputs.map((path) => join(root, path)),
      words(),
    );
  return {
    id,
    say,
    after,
    isFresh: () => outputs().every((path) => existsSync(join(root, path))) && readStamp(stamp) === current(),
    run: async () => {
      const before = current();
      await run();
      writeStamp(stamp, before);
    },
  };
}

/**
 * Runs what is not fresh: a step once those it comes after are done, at most `width` at a time.
 * After a failure nothing new is begun; what runs is awaited, then the first failure is thrown.
 *
 * @param {Step[]} steps
 * @param {{ say: (line: string) => void, width?: number }} options
 * @returns {Promise<string[]>} ids of the steps that were run
 */
export async function runSteps(steps, { say, width = 2 }) {
  const pending = new Set(steps);
  const done = new Set();
  const running = new Map();
  const ran = [];
  let failure;

  const begin = (step) => {
    pending.delete(step);
    if (step.isFresh()) {
      done.add(step.id);
      return;
    }
    say(step.say);
    ran.push(step.id);
    const finished = step.run().then(
      () => done.add(step.id),
      (error) => (failure ??= { error }),
    );
    running.set(
      step.id,
      finished.finally(() => running.delete(step.id)),
    );
  };

  while (failure === undefined && pending.size > 0) {
    const ready = [...pending].find((step) => step.after.every((id) => done.has(id)));
    if (ready !== undefined && running.size < width) begin(ready);
    else if (running.size > 0) await Promise.race(running.values());
    else throw new Error(`Steps wait for each other: ${[...pending].map((step) => step.id).join(', ')}`);
  }
  await Promise.all(running.values());
  if (failure !== undefined) throw failure.error;
  return ran;
}
