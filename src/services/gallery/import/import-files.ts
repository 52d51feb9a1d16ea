import { stat } from 'node:fs/promises';
import type { ByteShare } from '../../../lib/byte-budget.js';
import { retried } from '../../../lib/retry.js';
import { foldText } from '../../../lib/text.js';
import { eachFile } from '../each-file.js';
import type { Ingest } from '../ingest.js';
import { normalizeTags, titleOfFile } from '../titles-and-tags.js';
import type { JobReport } from '../../jobs.js';
import { shownPath, type RawPath } from './raw-path.js';
import { readPicture } from './read-picture.js';
import { readSidecar } from './read-sidecar.js';

export interface ImportOptions {
  readonly ingest: Ingest;
  readonly maxBytes: number;
  /** Pictures under way at once: enough that no worker ever waits for the disk. */
  readonly concurrency: number;
  /** Room for the pictures under way. */
  readonly memory: ByteShare;
  /** A real path outside which nothing may be read, whatever becomes a link meanwhile. */
  readonly within?: string;
}

export interface ImportFile {
  readonly path: RawPath;
  /** When there is none, the one in the picture, or its name without the ending. */
  readonly title?: string;
  readonly tags?: readonly string[];
  /** Named by the user: links are allowed. */
  readonly followLinks?: boolean;
}

/**
 * Adds many files; one bad file is reported and does not stop the rest. What is in the gallery already is known by its
 * content hash without decoding, and gets the tags that it lacks; so an interrupted import is simply run again.
 * @throws AppError of a failure that every other file would meet, too
 */
export async function importFiles(
  files: readonly ImportFile[],
  tags: readonly string[],
  report: JobReport,
  options: ImportOptions,
): Promise<void> {
  await eachFile(files, report, {
    concurrency: options.concurrency,
    nameOf: ({ path }) => shownPath(path),
    task: (file) => importFile(file, tags, report, options),
  });
}

async function importFile(
  file: ImportFile,
  tags: readonly string[],
  report: JobReport,
  options: ImportOptions,
): Promise<void> {
  const { maxBytes, memory } = options;
  // Only how much room it needs; what it is, and whether it is readable, shows when it is read.
  const size = await stat(file.path).then(
    (found) => found.size,
    () => 0,
  );
  const room = size > maxBytes ? 0 : size;
  await memory.hold(room, () => importNow(file, tags, report, options), report.signal);
}

async function importNow(
  { path, title, tags: own = [], followLinks = false }: ImportFile,
  forAll: readonly string[],
  report: JobReport,
  { ingest, maxBytes, within }: ImportOptions,
): Promise<void> {
  const { signal } = report;
  const bytes = await readPicture(path, {
    maxBytes,
    followLinks,
    signal,
    ...(within !== undefined && { within }),
  });
  const tags = normalizeTags([...forAll, ...own], 'tags');
  const found = await stat(path).catch(() => null);
  const sidecar = await readSidecar(path, { followLinks, signal, ...(within !== undefined && { within }) });
  const picture = {
    ...{ bytes, title, fileTitle: titleOf(path), tags },
    file: {
      ...(found !== null && { modifiedAt: found.mtime }),
      ...(sidecar !== null && { sidecar }),
    },
  };
  const { created, image, repaired } = await retried(() => ingest.add(picture), signal);
  if (created) return report.added();
  const has = new Set(image.tags.map(foldText));
  const missing = tags.filter((tag) => !has.has(foldText(tag)));
  if (missing.length > 0) await retried(() => ingest.tag([image.id], missing, []), signal);
  report.skipped({ tagged: missing.length > 0, repaired });
}

/** The file's name without its ending, as far as a title may hold it. */
export const titleOf = (path: RawPath): string => titleOfFile(shownPath(path));
