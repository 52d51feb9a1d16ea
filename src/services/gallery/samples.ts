import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Catalog } from '../catalog/types.js';
import type { Jobs, StartedJob } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import { importFiles, type ImportOptions } from './import/import-files.js';

/** `filling` or `done`; nothing in a gallery that never had samples. */
const META_SAMPLES = 'sample-gallery';

export interface SampleOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly jobs: Jobs;
  /** Of the samples. */
  readonly dir: string;
  readonly importOptions: ImportOptions;
}

/** Fills a gallery that never had a picture with the samples; null when there is nothing to do. */
export async function startSampleGallery(options: SampleOptions): Promise<StartedJob | null> {
  const { catalog, media, jobs, importOptions } = options;
  const state = await catalog.meta(META_SAMPLES);
  if (state === 'done' || (state === null && (await catalog.countImages()) > 0)) return null;
  const samples = await readSamples(options.dir);
  if (samples.length === 0) return null;
  // A media folder with pictures has lost its catalog: that is no moment for samples.
  if (state === null && (await hasFiles(media))) return null;
  await catalog.setMeta(META_SAMPLES, 'filling');
  return jobs.start('SAMPLE_GALLERY', async (report) => {
    await importFiles(samples, [], report, importOptions);
    if (!report.signal.aborted) await catalog.setMeta(META_SAMPLES, 'done');
  });
}

async function hasFiles(media: MediaStore): Promise<boolean> {
  for await (const _ of media.list()) return true;
  return false;
}

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
