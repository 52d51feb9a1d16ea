import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_DIR } from '../../config.js';

/** A picture that comes with the program. */
export interface Sample {
  readonly path: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** Enough that a table of similarities is smooth where it matters, and few enough for seconds. */
const PER_GROUP = 3;

/** None where set-up has not drawn them. */
export async function readSamples(): Promise<Sample[]> {
  const dir = join(PROJECT_DIR, 'sample-gallery');
  try {
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as {
      file: string;
      title: string;
      tags: string[];
    }[];
    return manifest.map(({ file, title, tags }) => ({ path: join(dir, file), title, tags }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Files of a few of each group. */
export async function samplesOfGroups(): Promise<string[]> {
  const taken = new Map<string, number>();
  const paths: string[] = [];
  for (const { path } of await readSamples()) {
    const count = taken.get(dirname(path)) ?? 0;
    if (count >= PER_GROUP) continue;
    taken.set(dirname(path), count + 1);
    paths.push(path);
  }
  return paths;
}
