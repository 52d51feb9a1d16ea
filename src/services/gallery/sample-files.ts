import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A picture that comes with the program. */
interface Sample {
  readonly path: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** Enough that a table of similarities is smooth where it matters, and few enough for seconds. */
const PER_GROUP = 3;

/** @param dir holds `manifest.json` and the pictures it names; none where set-up has not drawn them */
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

/** Files of a few of each group. */
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
