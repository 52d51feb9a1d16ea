import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const HOLD = resolve(import.meta.dirname, 'hold-worker.cjs');

/** Settings of a server whose workers can be held. @param dir a folder that is there, for nothing else */
export const holdingWorkers = (dir: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--require=${HOLD}`,
  HELD_WORKERS: dir,
});

/**
 * From now on each new worker of this name waits before it does anything, while those that are there work on: for what
 * must be looked at while it is under way.
 * @param name its file: `embed-worker`, `probe-worker`
 * @returns lets them go on
 */
export async function holdWorkers(dir: string, name: string): Promise<() => Promise<void>> {
  const mark = join(dir, `${name}.js`);
  await writeFile(mark, '');
  return () => rm(mark);
}
