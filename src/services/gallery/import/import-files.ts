import { stat } from 'node:fs/promises';
import type { ByteShare } from '../../../lib/byte-budget.js';
import { retried } from '../../../lib/retry.js';
import { foldText } from '../../../lib/text.js';
import type { ImageRow, ImageWords } from '../../catalog/types.js';
import { eachFile } from '../each-file.js';
import type { Ingest } from '../ingest.js';
import { MAX_TAGS, normalizeTags, titleOfFile, withTags } from '../titles-and-tags.js';
import type { Notes } from '../notes.js';
import type { JobReport } from '../../jobs.js';
import { shownPath, type RawPath } from './raw-path.js';
import { readPicture } from './read-picture.js';
import { readNotes, readSidecar } from './read-sidecar.js';

export interface ImportOptions {
  readonly ingest: Ingest;
  readonly maxBytes: number;
  /** Pictures processed at once: enough that no worker waits for the disk. */
  readonly concurrency: number;
  /** Memory budget for the pictures in progress. */
  readonly memory: ByteShare;
  /** A real path outside which nothing may be read, even if a folder becomes a link meanwhile. */
  readonly within?: string;
}

export interface ImportFile {
  readonly path: RawPath;
  /** By default the title in the picture, otherwise its name without the extension. */
  readonly title?: string;
  readonly tags?: readonly string[];
  /** Named by the user: links are allowed. */
  readonly followLinks?: boolean;
}

/**
 * Adds many files; a bad file is reported and does not stop the rest. Pictures already in the gallery are recognised by
 * content hash without decoding, and get the tags they lack, so an interrupted import can simply be run again.
 * @throws AppError for a failure that would affect all other files too
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
  // Only to reserve memory; whether it is a readable file shows when it is read.
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
  const reading = { followLinks, signal, ...(within !== undefined && { within }) };
  const bytes = await readPicture(path, { maxBytes, ...reading });
  const tags = normalizeTags([...forAll, ...own], 'tags');
  const found = await stat(path).catch(() => null);
  const sidecar = await readSidecar(path, reading);
  const notes = await readNotes(path, reading);
  const modifiedAt = notes === null ? found?.mtime : notes.modifiedAt;
  const picture = {
    ...{ bytes, title, fileTitle: titleOf(path), tags },
    file: {
      ...(modifiedAt != null && { modifiedAt }),
      ...(sidecar !== null && { sidecar }),
    },
    ...(notes !== null && { notes }),
  };
  const { created, image, repaired } = await retried(() => ingest.add(picture), signal);
  if (created) return report.added();
  const has = new Set(image.tags.map(foldText));
  const missing = withTags(tags, notes?.tags ?? []).filter((tag) => !has.has(foldText(tag)));
  if (missing.length > 0) await retried(() => ingest.tag([image.id], missing.slice(0, MAX_TAGS), []), signal);
  const words = notes === null ? null : wordsLacking(image, notes);
  if (words !== null) await retried(() => ingest.update(image.id, words), signal);
  report.skipped({ tagged: missing.length > 0, repaired });
}

/** What a picture that is in the gallery gets from its notes; what it has stays. Null for nothing. */
function wordsLacking(image: ImageRow, { before }: Notes): ImageWords | null {
  const words: ImageWords = {
    ...(image.rating === null && before.rating !== null && { rating: before.rating }),
    ...(!image.favorite && before.favorite && { favorite: true }),
  };
  return Object.keys(words).length === 0 ? null : words;
}

/** The file name without its extension, cut to the length of a title. */
export const titleOf = (path: RawPath): string => titleOfFile(shownPath(path));
