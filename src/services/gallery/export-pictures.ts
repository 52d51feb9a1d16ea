import { lstat, mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { copyAtomically, syncDirectory, writeFileAtomically } from '../../lib/atomic-file.js';
import type { Catalog, ImageFilter, ImageRow } from '../catalog/types.js';
import type { JobReport } from '../jobs.js';
import { downloadName, uniqueName } from '../media/download-name.js';
import { isNotFound } from '../media/file-failure.js';
import { fileName } from '../media/file-name.js';
import type { MediaStore } from '../media/types.js';
import { hashFile } from '../media/verified-files.js';
import { eachFile } from './each-file.js';
import { decodeNotes, encodeNotes, notesName } from './notes.js';

const PAGE = 500;
/** Bytes. */
const MOST_NOTES = 1 << 20;

export interface ExportOptions {
  readonly catalog: Pick<Catalog, 'images'>;
  readonly media: MediaStore;
  readonly filter?: ImageFilter;
}

/**
 * Writes originals to a folder, earliest added first, each under its title and with notes beside it. Other files there are
 * never overwritten: a picture whose name is taken by other content gets the next free one, and one that is there already,
 * by an export that was interrupted, is not written again.
 * @throws AppError STORAGE_FAILED when the folder cannot be written to
 */
export async function exportPictures(
  folder: string,
  report: JobReport,
  { catalog, media, filter = {} }: ExportOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(cannotWrite);
  const rows: ImageRow[] = [];
  for (let after: string | undefined; ;) {
    const page = await catalog.images.list({ first: PAGE, after, orderBy: 'OLDEST', filter });
    rows.push(...page.edges.map(({ node }) => node));
    if (!page.hasNextPage || report.signal.aborted) break;
    after = page.edges.at(-1)?.cursor;
  }
  const taken = new Set<string>();
  await eachFile(rows, report, {
    concurrency: 1, // names are given in order
    nameOf: ({ id, title }) => (title === '' ? `picture ${id}` : title),
    task: async (row) => {
      const original = await media.verifiedPath(row.sha256, row.format);
      const isNew = await exportPicture(folder, row, original, taken);
      if (isNew) report.added();
      else report.skipped();
    },
  });
  await syncDirectory(folder).catch(cannotWrite);
}

/** @returns whether it was not there yet */
async function exportPicture(
  folder: string,
  row: ImageRow,
  original: string,
  taken: Set<string>,
): Promise<boolean> {
  const wanted = downloadName(row, fileName(row.sha256, row.format));
  for (;;) {
    const name = uniqueName(wanted, taken);
    const path = join(folder, name);
    const isThere = await hasContent(path, row);
    const notes = join(folder, notesName(name));
    if (isThere === false || !(await isFree(notes, row))) continue; // something else has this name
    try {
      if (isThere === null)
        await copyAtomically(original, path, {
          syncFolder,
          prepare: (copy) => utimes(copy, row.taken.at, row.taken.at),
        });
      await writeFileAtomically(notes, encodeNotes(row), { syncFolder });
    } catch (error) {
      cannotWrite(error);
    }
    return isThere === null;
  }
}

/** Whether a path has the content of a picture; null where there is nothing. */
async function hasContent(path: string, { sha256, bytes }: ImageRow): Promise<boolean | null> {
  try {
    const found = await lstat(path);
    return found.isFile() && found.size === bytes && (await hashFile(path))?.sha256 === sha256;
  } catch (error) {
    return isNotFound(error) ? null : false;
  }
}

/** Whether notes may be written here: there are none, or those of an earlier export. */
async function isFree(path: string, { sha256 }: ImageRow): Promise<boolean> {
  try {
    const found = await lstat(path);
    return (
      found.isFile() &&
      found.size <= MOST_NOTES &&
      decodeNotes(await readFile(path, 'utf8'))?.sha256 === sha256
    );
  } catch (error) {
    return isNotFound(error);
  }
}

/** Once for all, at the end. */
const syncFolder = (): Promise<void> => Promise.resolve();

function cannotWrite(error: unknown): never {
  throw new AppError('STORAGE_FAILED', `The export could not be written: ${messageOf(error)}`, {
    cause: error,
  });
}
