import { readFile, stat } from 'node:fs/promises';
import type { Catalog } from '../catalog/types.js';
import { eachFile } from './each-file.js';
import { assertByteSize, type Ingest } from './ingest.js';
import { titleOfFile } from './titles-and-tags.js';
import type { JobReport } from '../jobs.js';
import { unknownFiles } from './media-check.js';
import type { FoundFile, MediaStore } from '../media/types.js';

export interface AdoptParts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly ingest: Ingest;
  readonly maxBytes: number;
  /** Pictures processed at once. */
  readonly concurrency: number;
}

/**
 * Adds the files in the media folder that belong to no picture, after the database was lost or an older one restored.
 * Each is added like any picture. A file in the wrong place is removed from there once its content is intact in the
 * right one. What cannot be decoded is reported, and stays.
 */
export async function adoptFiles(parts: AdoptParts, report: JobReport): Promise<void> {
  const files: FoundFile[] = [];
  for await (const file of unknownFiles(parts)) files.push(file);
  await eachFile(files, report, {
    concurrency: parts.concurrency,
    nameOf: ({ name }) => name,
    task: (file) => adopt(parts, file, report),
  });
}

async function adopt(
  { media, ingest, maxBytes }: AdoptParts,
  file: FoundFile,
  report: JobReport,
): Promise<void> {
  assertByteSize((await stat(file.path)).size, maxBytes);
  const bytes = await readFile(file.path);
  // A name that is a hash says nothing about the picture.
  const fileTitle = file.claim === null ? titleOfFile(file.path) : '';
  const { image, created, repaired } = await ingest.add({ bytes, fileTitle });
  if (!file.inPlace || file.claim?.sha256 !== image.sha256) await media.removeCopy(file, image);
  if (created) report.added();
  else report.skipped({ repaired });
}
