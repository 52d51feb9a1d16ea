import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import { retried } from '../../lib/retry.js';
import { sha256Of } from '../../lib/sha256.js';
import type { LibraryFileRow, LibraryRow } from '../catalog/library-types.js';
import type { Catalog, ImageRow } from '../catalog/types.js';
import { eachFile } from '../gallery/each-file.js';
import type { GalleryChanges } from '../gallery/gallery-changes.js';
import { titleOf } from '../gallery/import/import-files.js';
import { readPicture } from '../gallery/import/read-picture.js';
import { readSidecar } from '../gallery/import/read-sidecar.js';
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
  /** Memory budget for the pictures in progress. */
  readonly memory: ByteShare;
  readonly maxBytes: number;
  /** Whether places are stored. */
  readonly keepLocation: boolean;
  /** Pictures processed at once. */
  readonly concurrency: number;
  /** Left out wherever they are found. */
  readonly ownFolders: readonly string[];
}

/**
 * Brings the gallery in line with a library: new files become pictures, a moved file keeps its picture, a changed file
 * gives its picture new content, and the picture of a deleted file is marked as missing.
 * @param folders relative to the root: only files directly in these; all if null
 * @throws AppError LIBRARY_UNAVAILABLE if the folder is not the same, for example because its disk is not mounted; then
 *   nothing is changed
 */
export async function scanLibrary(
  parts: ScanParts,
  library: LibraryRow,
  folders: ReadonlySet<string> | null,
  report: JobReport,
): Promise<void> {
  const { libraries } = parts.catalog;
  const difference = await compare(parts, library, folders, report);
  const later: ChangedFile[] = [];
  const take: Take = { parts, library, report, removed: removedOf(difference), later, changed: new Set() };
  const each = (files: readonly ChangedFile[], take: Take): Promise<void> =>
    eachFile(files, take.report, {
      concurrency: parts.concurrency,
      nameOf: ({ file }) => join(library.root, file.path),
      task: (changed) => takeFile(take, changed),
    });
  await each(difference.changed, take);
  const changed = new Set(later.map(({ file }) => file.path));
  await each(later, { ...take, later: null, changed, report: { ...report, total: () => {} } }); // already counted
  report.signal.throwIfAborted();
  // Last, so that moved files already have their picture in the new place.
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
  if (problem !== null) throw new AppError('LIBRARY_UNAVAILABLE', problem.message);
  return compareLibrary(catalog.libraries, library, folders, {
    ownFolders,
    signal: report.signal,
    onLeftOut: (reason, count) => report.leftOut(reason, count),
    onUnreadable: (path, error) => report.failed(path, error),
  });
}

type ChangedFile = Difference['changed'][number];

interface Take {
  readonly parts: ScanParts;
  readonly library: LibraryRow;
  readonly report: JobReport;
  /** Hashes removed from the gallery: this scan may overwrite their rows with other files of the same name. */
  readonly removed: ReadonlySet<string>;
  /**
   * Files with a known name but content that is new to the gallery. They wait until all others are processed: the former
   * content of that name may only have moved, and then keeps its picture. Null once the others are processed.
   */
  readonly later: ChangedFile[] | null;
  /** The paths of those that have waited: their rows are out of date. */
  readonly changed: ReadonlySet<string>;
}

function removedOf({ changed, gone }: Difference): Set<string> {
  const removed = new Set<string>();
  for (const file of [...changed.map(({ known }) => known), ...gone])
    if (file?.state === 'REMOVED' && file.sha256 !== null) removed.add(file.sha256);
  return removed;
}

async function takeFile(take: Take, changed: ChangedFile): Promise<void> {
  const { size } = changed.file;
  const { memory, maxBytes } = take.parts;
  await memory.hold(size > maxBytes ? 0 : size, () => takeNow(take, changed), take.report.signal);
}

async function takeNow(take: Take, changed: ChangedFile): Promise<void> {
  const { parts, library, report } = take;
  const { file, known } = changed;
  const { libraries } = parts.catalog;
  const put = (row: Pick<LibraryFileRow, 'sha256' | 'state'> & Partial<LibraryFileRow>): Promise<void> =>
    libraries.putFiles(library.id, [{ ...file, failure: null, ...row }]);
  try {
    const { signal } = report;
    const path = join(library.root, file.path);
    const reading = { within: library.root, signal };
    const bytes = await readPicture(path, { maxBytes: parts.maxBytes, ...reading });
    const sha256 = await sha256Of(bytes);
    if (await isRemoved(take, sha256)) {
      await put({ sha256, state: 'REMOVED' });
      await settle(parts, hashOf(known));
      return report.skipped();
    }
    const sidecar = await readSidecar(path, reading);
    const beside = { modifiedAt: new Date(file.mtimeMs), ...(sidecar !== null && { sidecar }) };
    const before = await replaceableBy(parts.catalog, known, sha256);
    if (before !== null && take.later !== null) return void take.later.push(changed);
    if (
      before !== null &&
      !(await isElsewhere(take, before)) &&
      (await retried(() => replaceContent(parts, before, bytes, beside, signal), signal)) !== null
    ) {
      await put({ sha256, state: 'PRESENT' });
      return report.added();
    }
    // The file row comes first, so that the picture can be read from the start.
    await put({ sha256, state: 'PRESENT' });
    const words = { fileTitle: titleOf(file.path), tags: library.tags };
    const picture = { bytes, ...words, file: beside, inPlace: true };
    const { created, image } = await retried(() => parts.ingest.add(picture), signal);
    if (!created) await libraries.forgetMissing(sha256);
    const lost = known?.sha256 === sha256 ? [] : hashOf(known);
    await settle(parts, image.missing ? [sha256, ...lost] : lost);
    if (created) return report.added();
    // It may now belong in lists filtered by library or path.
    if (!image.missing && known?.sha256 !== sha256)
      parts.changes.publish({ kind: 'UPDATED', ids: [image.id], images: [image] });
    report.skipped();
  } catch (error) {
    if (error instanceof AppError && !error.info.retryable) {
      // It may be half written: its former hash is kept, so that it finds its picture again once it is complete.
      const before = known === undefined || known.state === 'MISSING' ? null : known.sha256;
      const failure = { code: error.code, message: messageOf(error) };
      await (known?.state === 'REMOVED'
        ? put({ sha256: before, state: 'REMOVED' })
        : put({ sha256: before, state: 'FAILED', failure }));
      await settle(parts, hashOf(known));
    }
    throw error;
  }
}

const hashOf = (known: LibraryFileRow | undefined): string[] => (known?.sha256 == null ? [] : [known.sha256]);

/** Whether its picture was removed from the gallery and has not been added again since. */
async function isRemoved({ parts: { catalog }, removed }: Take, sha256: string): Promise<boolean> {
  const isSo = removed.has(sha256) || (await catalog.libraries.wasRemoved(sha256));
  return isSo && (await catalog.images.byHash(sha256)) === null;
}

/** The former picture of a changed file, if it may get the new content: only libraries have it, and no other picture has that content. */
async function replaceableBy(
  { images }: Catalog,
  known: LibraryFileRow | undefined,
  sha256: string,
): Promise<ImageRow | null> {
  // Another file may have reused the name of a missing one, as cameras do.
  if (known?.sha256 == null || known.sha256 === sha256 || known.state === 'MISSING') return null;
  const image = await images.byHash(known.sha256);
  if (image === null || image.stored || (await images.byHash(sha256)) !== null) return null;
  return image;
}

/** Whether an unchanged file still has the picture. */
async function isElsewhere(
  { parts, library, changed }: Take,
  { sha256 }: Pick<ImageRow, 'sha256'>,
): Promise<boolean> {
  const places = (await parts.catalog.libraries.places([sha256])).get(sha256) ?? [];
  return places.some(
    ({ state, libraryId, path }) => state === 'PRESENT' && (libraryId !== library.id || !changed.has(path)),
  );
}

/** Forgets deleted files whose picture also exists elsewhere; remembers the others as missing. */
async function takeGone(
  parts: ScanParts,
  { id }: LibraryRow,
  gone: readonly LibraryFileRow[],
): Promise<void> {
  const { catalog } = parts;
  const left = gone.filter(
    ({ state, sha256 }) => (state === 'PRESENT' || state === 'FAILED') && sha256 !== null,
  );
  const paths = new Set(gone.map(({ path }) => path));
  const missing: LibraryFileRow[] = [];
  // REMOVED files are remembered: the file may return, here or elsewhere.
  const dropped = gone.filter(({ state, sha256 }) => state === 'FAILED' && sha256 === null);
  const hashes = left.flatMap(hashOf);
  const places = await catalog.libraries.places(hashes);
  for (const file of left) {
    const sha256 = file.sha256 as string;
    const image = await catalog.images.byHash(sha256);
    const isElsewhere = places
      .get(sha256)
      ?.some(({ state, path, libraryId }) => state === 'PRESENT' && (libraryId !== id || !paths.has(path)));
    if (image === null || image.stored || isElsewhere === true) dropped.push(file);
    else missing.push({ ...file, state: 'MISSING', failure: null });
  }
  await catalog.libraries.putFiles(id, missing);
  await catalog.libraries.dropFiles(
    id,
    dropped.map(({ path }) => path),
  );
  await settle(parts, hashes);
}

async function settle(
  { catalog, changes }: Pick<ScanParts, 'catalog' | 'changes'>,
  sha256s: readonly string[],
): Promise<void> {
  if (sha256s.length === 0) return;
  const images = await catalog.images.settleMissing(sha256s);
  if (images.length > 0) changes.publish({ kind: 'UPDATED', ids: images.map(({ id }) => id), images });
}
