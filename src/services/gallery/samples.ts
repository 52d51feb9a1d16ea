import { readFile } from 'node:fs/promises';
import { sha256Of } from '../../lib/sha256.js';
import type { Catalog } from '../catalog/types.js';
import type { Jobs, StartedJob } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import { importFiles, type ImportOptions } from './import/import-files.js';
import { readSamples } from './sample-files.js';

/** `filling` or `done`; absent in a gallery that never had samples. */
const META_SAMPLES = 'sample-gallery';

export interface SampleOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly jobs: Jobs;
  /** Folder of the samples. */
  readonly dir: string;
  readonly importOptions: ImportOptions;
}

/** Adds the samples to a gallery that never had a picture; null if there is nothing to do. */
export async function startSampleGallery(options: SampleOptions): Promise<StartedJob | null> {
  const { catalog, media, jobs, importOptions } = options;
  const state = await catalog.facts.get(META_SAMPLES);
  if (state === 'done' || (state === null && (await catalog.images.count()) > 0)) return null;
  const samples = await readSamples(options.dir);
  if (samples.length === 0) return null;
  // A media folder with pictures but without a catalog has lost it: then no samples are added.
  if (state === null && (await hasFiles(media))) return null;
  await catalog.facts.set(META_SAMPLES, 'filling');
  return jobs.start('SAMPLE_GALLERY', async (report) => {
    await importFiles(samples, [], report, importOptions);
    if (!report.signal.aborted) await catalog.facts.set(META_SAMPLES, 'done');
  });
}

/**
 * Finds the samples among the pictures of a gallery, by content: titles and tags may have been changed. The files are
 * read when it is first asked.
 *
 * @returns a function that gives the ids of those that are there, ascending
 */
export function sampleFinder(catalog: Catalog, dir: string): () => Promise<number[]> {
  let read: Promise<string[]> | null = null;
  return async () => {
    read ??= hashesOf(dir).catch((error: unknown) => {
      read = null;
      throw error;
    });
    const rows = await Promise.all((await read).map((hash) => catalog.images.byHash(hash)));
    return rows.flatMap((row) => (row === null ? [] : [row.id])).sort((a, b) => a - b);
  };
}

async function hashesOf(dir: string): Promise<string[]> {
  const hashes: string[] = [];
  for (const { path } of await readSamples(dir)) hashes.push(await sha256Of(await readFile(path)));
  return hashes;
}

async function hasFiles(media: MediaStore): Promise<boolean> {
  for await (const _ of media.list()) return true;
  return false;
}
