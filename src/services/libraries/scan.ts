import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import { retried } from '../../lib/retry.js';
import { sha256Of } from '../../lib/sha256.js';
import type { LibraryFileRow, LibraryRow } from '../catalog/library-types.js';
import type { Catalog } from '../catalog/types.js';
import { eachFile } from '../gallery/each-file.js';
import type { GalleryChanges } from '../gallery/gallery-changes.js';
import { titleOf } from '../gallery/import/import-files.js';
import { readPicture } from '../gallery/import/read-picture.js';
import type { Ingest } from '../gallery/ingest.js';
import { replaceContent } from '../gallery/replace-content.js';
import type { JobReport } from '../jobs.js';
import type { Spaces } from '../spaces/spaces.js';
import { compareLibrary, type Difference } from './compare.js';
import { rootProblem } from './marker.js';

export interface ScanParts {
  readonly catalog: Catalog;
  readonly ingest: Ingest;
  readonly spaces: Spaces;
  readonly changes: GalleryChanges;
  /** Room for the pictures under way. */
  readonly memory: ByteShare;
  readonly maxBytes: number;
  /** Pictures under way at once. */
  readonly concurrency: number;
  /** Left out wherever they are met. */
  readonly ownFolders: readonly string[];
}

/**
 * Makes the gallery what a library is: new files become pictures, a moved one keeps its picture, a changed one gives its
 * picture new content, and the picture of one that is gone is marked as missing.
 * @param folders only the files right in these, relative to the root; all when null
 * @throws AppError LIBRARY_UNAVAILABLE when the folder is not what it was, say since its disk is not mounted; then nothing is changed
 */
export async function scanLibrary(
  parts: ScanParts,
  library: LibraryRow,
  folders: ReadonlySet<string> | null,
  report: JobReport,
): Promise<void> {
  const { libraries } = parts.catalog;
  const difference = await compare(parts, library, folders, report);
  const files = difference.changed;
  await eachFile(files, report, {
    concurrency: parts.concurrency,
    nameOf: ({ file }) => join(library.root, file.path),
    task: (changed) => takeFile(parts, library, changed, report),
  });
  report.signal.throwIfAborted();
  // Only now: what was moved has its picture by its new place already.
  if ((await rootProblem(library)) === null) await takeGone(parts, library, difference.gone);
  if (folders === null) await libraries.setScanned(library.id, new Date());
}

async function compare(
  { catalog, ownFolders }: ScanParts,
  library: LibraryRow,
  folders: ReadonlySet<string> | null,
  report: JobReport,
): Promise<Difference> {
  const problem = await rootProblem(library);
  if (problem !== null) throw new AppError('LIBRARY_UNAVAILABLE', problem);
  return compareLibrary(catalog.libraries, library, folders, {
    ownFolders,
    signal: report.signal,
    onLeftOut: (reason, count) => report.leftOut(reason, count),
    onUnreadable: (path, error) => report.failed(path, error),
  });
}

type ChangedFile = Difference['changed'][number];

async function takeFile(
  parts: ScanParts,
  library: LibraryRow,
  changed: ChangedFile,
  report: JobReport,
): Promise<void> {
  const { size } = changed.file;
  await parts.memory.hold(
    size > parts.maxBytes ? 0 : size,
    () => takeNow(parts, library, changed, report),
    report.signal,
  );
}

async function takeNow(
  parts: ScanParts,
  library: LibraryRow,
  { file, known }: ChangedFile,
  report: JobReport,
): Promise<void> {
  const { libraries } = parts.catalog;
  const put = (row: Pick<LibraryFileRow, 'sha256' | 'state'> & Partial<LibraryFileRow>): Promise<void> =>
    libraries.putFiles(library.id, [{ ...file, failure: null, ...row }]);
  try {
    const { signal } = report;
    const bytes = await readPicture(join(library.root, file.path), {
      maxBytes: parts.maxBytes,
      within: library.root,
      signal,
    });
    const sha256 = await sha256Of(bytes);
    if (await isRemoved(parts.catalog, known, sha256)) return await put({ sha256, state: 'REMOVED' });
    if (await replaced(parts, known, sha256, bytes, signal)) {
      await put({ sha256, state: 'PRESENT' });
      return report.added();
    }
    // The file first: from its picture's first moment on it can be read.
    await put({ sha256, state: 'PRESENT' });
    const picture = { bytes, title: titleOf(file.path), tags: library.tags, inPlace: true };
    const { created, image } = await retried(() => parts.ingest.add(picture), signal);
    if (!created) await libraries.forgetMissing(sha256);
    const before = known?.sha256 === sha256 ? [] : hashOf(known);
    await settle(parts, image.missing ? [sha256, ...before] : before);
    if (created) report.added();
    else report.skipped();
  } catch (error) {
    if (error instanceof AppError && !error.info.retryable) {
      await put({ sha256: null, state: 'FAILED', failure: { code: error.code, message: messageOf(error) } });
      await settle(parts, hashOf(known));
    }
    throw error;
  }
}

const hashOf = (known: LibraryFileRow | undefined): string[] => (known?.sha256 == null ? [] : [known.sha256]);

/** Its picture was taken out of the gallery, and nobody has added it anew since. */
async function isRemoved(
  { libraries, images }: Catalog,
  known: LibraryFileRow | undefined,
  sha256: string,
): Promise<boolean> {
  const isSo =
    known?.state === 'REMOVED' && known.sha256 === sha256 ? true : await libraries.wasRemoved(sha256);
  return isSo && (await images.byHash(sha256)) === null;
}

/** Whether the file's own picture took the new content: one that nothing but this file has. */
async function replaced(
  { catalog, spaces, changes }: ScanParts,
  known: LibraryFileRow | undefined,
  sha256: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  if (known?.sha256 == null || known.sha256 === sha256) return false;
  const image = await catalog.images.byHash(known.sha256);
  if (image === null || image.stored || (await catalog.images.byHash(sha256)) !== null) return false;
  const places = (await catalog.libraries.places([known.sha256])).get(known.sha256) ?? [];
  const others = places.filter(({ state, path }) => state === 'PRESENT' && path !== known.path);
  if (others.length > 0) return false;
  return (
    (await retried(() => replaceContent({ catalog, spaces, changes }, image.id, bytes, signal), signal)) !==
    null
  );
}

/** A file that is gone is forgotten where its picture is elsewhere, too; otherwise it is remembered as missing. */
async function takeGone(
  parts: ScanParts,
  { id }: LibraryRow,
  gone: readonly LibraryFileRow[],
): Promise<void> {
  const { catalog } = parts;
  const left = gone.filter(({ state, sha256 }) => state === 'PRESENT' && sha256 !== null);
  const paths = new Set(gone.map(({ path }) => path));
  const missing: LibraryFileRow[] = [];
  const dropped = gone.filter(({ state }) => state === 'FAILED' || state === 'REMOVED');
  for (const file of left) {
    const sha256 = file.sha256 as string;
    const places = (await catalog.libraries.places([sha256])).get(sha256) ?? [];
    const image = await catalog.images.byHash(sha256);
    const isElsewhere = places.some(
      ({ state, path, libraryId }) => state === 'PRESENT' && (libraryId !== id || !paths.has(path)),
    );
    if (image === null || image.stored || isElsewhere) dropped.push(file);
    else missing.push({ ...file, state: 'MISSING' });
  }
  await catalog.libraries.putFiles(id, missing);
  await catalog.libraries.dropFiles(
    id,
    dropped.map(({ path }) => path),
  );
  await settle(
    parts,
    left.map(({ sha256 }) => sha256 as string),
  );
}

async function settle(
  { catalog, changes }: Pick<ScanParts, 'catalog' | 'changes'>,
  sha256s: readonly string[],
): Promise<void> {
  if (sha256s.length === 0) return;
  const images = await catalog.images.settleMissing(sha256s);
  if (images.length > 0) changes.publish({ kind: 'UPDATED', ids: images.map(({ id }) => id), images });
}
