import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A picture that comes with the program. */
interface Sample {
  readonly path: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** Enough for a smooth table of similarities, and few enough to take only seconds. */
const PER_GROUP = 3;

/** @param dir contains `manifest.json` and its pictures; no samples if set-up has not drawn them */
export async function readSamples(dir: string): Promise<Sample[]> {
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

/** The files of a few samples of each group. */
export async function samplesOfGroups(dir: string): Promise<string[]> {
  const taken = new Map<string, number>();
  const paths: string[] = [];
  for (const { path } of await readSamples(dir)) {
    const count = taken.get(dirname(path)) ?? 0;
    if (count >= PER_GROUP) continue;
    taken.set(dirname(path), count + 1);
    paths.push(path);
  }
  return paths;
}
