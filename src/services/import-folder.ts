import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, parse, relative, sep } from 'node:path';
import { AppError } from '../errors.js';
import { assertByteSize, titleOfFile, type Ingest } from './ingest.js';
import type { JobReport } from './jobs.js';

/** File names worth opening; what a file really is, its content decides. */
const EXTENSIONS = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.gif',
  '.avif',
  '.tif',
  '.tiff',
  '.heic',
  '.heif',
]);

export interface ImportOptions {
  readonly ingest: Ingest;
  readonly maxBytes: number;
  /** Pictures under way at once: enough that no worker ever waits for the disk. */
  readonly concurrency: number;
}

/**
 * Files below `folder` with a picture's ending, sorted, hidden ones and links to elsewhere left out.
 * @param onUnreadable told of folders below `folder` that cannot be read; without it they are an error
 */
export async function listPictures(
  folder: string,
  onUnreadable?: (dir: string, error: unknown) => void,
): Promise<string[]> {
  const found: string[] = [];
  const visit = async (dir: string): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
      if (onUnreadable === undefined || dir === folder) throw error;
      onUnreadable(dir, error);
      return [];
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase())) found.push(path);
    }
  };
  await visit(folder);
  return found;
}

/**
 * Adds many files; one bad file is reported and does not stop the rest. What is in the gallery already is told by
 * its content hash without decoding, so an interrupted import is simply run again.
 */
export async function importFiles(
  files: readonly { readonly path: string; readonly title?: string; readonly tags?: readonly string[] }[],
  tags: readonly string[],
  report: JobReport,
  { ingest, maxBytes, concurrency }: ImportOptions,
): Promise<void> {
  report.total(files.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let file; (file = files[next++]) !== undefined && !report.signal.aborted;) {
      try {
        assertByteSize((await stat(file.path)).size, maxBytes);
        const bytes = await readFile(file.path);
        const title = file.title ?? titleOfFile(parse(file.path).name);
        const { created } = await patiently(
          () => ingest.add({ bytes, title, tags: [...tags, ...(file.tags ?? [])] }),
          report.signal,
        );
        if (created) report.added();
        else report.skipped();
      } catch (error) {
        if (report.signal.aborted) return;
        report.failed(file.path, error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/** A job can wait where a visitor cannot: a busy server, or a worker that died, is tried again. */
async function patiently<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SERVER_BUSY' || attempt === 5 || signal.aborted)
        throw error;
      const waitMs = Number(error.details['retryAfterMs'] ?? 500) * attempt;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, waitMs);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        signal.addEventListener('abort', done);
      });
    }
  }
}

/**
 * The real path of a folder that API clients may import.
 * @throws AppError FORBIDDEN when it is not below one of `roots` (also by way of links), or is not there: which
 *   of the two is not told
 */
export async function allowedFolder(path: string, roots: readonly string[]): Promise<string> {
  const refuse = (): AppError =>
    new AppError(
      'FORBIDDEN',
      'This folder may not be imported: it is not a folder below those the operator allowed (IMPORT_ROOTS).',
    );
  if (!isAbsolute(path)) throw refuse();
  const real = await realpath(path).catch(() => null);
  if (real === null || !(await stat(real)).isDirectory()) throw refuse();
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => null);
    if (realRoot === null) continue;
    const rest = relative(realRoot, real);
    if (rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest))) return real;
  }
  throw refuse();
}
