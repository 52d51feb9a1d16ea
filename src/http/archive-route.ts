import type { Request, RequestHandler } from 'express';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { AppError, messageOf } from '../errors.js';
import { check } from '../lib/check.js';
import { onAbort } from '../lib/on-abort.js';
import { parseId } from '../schema/ids.js';
import { assertThumbnailWidth } from '../schema/limits.js';
import type { Catalog, ImageRow } from '../services/catalog/types.js';
import { fileName } from '../services/media/file-name.js';
import type { MediaStore } from '../services/media/types.js';
import { harmless } from './send-file.js';
import { downloadName } from './download-name.js';

export const MAX_ARCHIVED = 1000;
/** In the archive, where the file of a picture could not be read. */
const MISSING = 'not-included.txt';

interface Entry {
  readonly name: string;
  /** Opened when its turn has come. */
  readonly open: () => Readable;
}

/**
 * `/media/archive?ids=1,2,3[&width=1280]`: pictures as a ZIP stream, the originals or copies at most so many pixels wide. Nothing is
 * compressed, for pictures are; what cannot be read is named in a text beside the others.
 */
export function archiveRoute({ catalog, media }: { catalog: Catalog; media: MediaStore }): RequestHandler {
  return async (request, response) => {
    const { ids, width } = readQuery(request);
    const rows = await catalog.images.byIds(ids);
    if (rows.length === 0)
      throw new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has one of these ids.');
    harmless(response);
    response.attachment(`likeness-${new Date().toISOString().slice(0, 10)}.zip`);
    response.set({ 'content-type': 'application/zip', 'cache-control': 'no-store' });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const zip = new ZipFile();
    const output = zip.outputStream as Readable;
    zip.once('error', (error: Error) => output.destroy(error)); // a file that was there a moment ago
    const filling = fill(zip, rows, (row) => entryOf(media, row, width), gone.signal);
    // A client that goes away is nobody's failure.
    await Promise.all([filling, pipeline(output, response)]).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  };
}

function readQuery({ query }: Request): { ids: number[]; width: number | null } {
  const asked = query['ids'];
  const texts = typeof asked === 'string' ? asked.split(',') : [''];
  const ids = texts.map(parseId).filter((id) => id !== null);
  const rule = `1 to ${MAX_ARCHIVED} ids, with commas between them`;
  check(ids.length === texts.length && ids.length <= MAX_ARCHIVED, 'ids', rule);
  const width = query['width'] === undefined ? null : Number(query['width']);
  if (width !== null) assertThumbnailWidth(width);
  return { ids: [...new Set(ids)], width };
}

async function fill(
  zip: ZipFile,
  rows: readonly ImageRow[],
  find: (row: ImageRow) => Promise<Entry>,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set<string>([MISSING]);
  const missing: string[] = [];
  for (const row of rows) {
    if (signal.aborted) return;
    try {
      const { name, open } = await find(row);
      zip.addReadStreamLazy(unique(name, names), { mtime: row.createdAt, compress: false }, (give) => {
        const stream = open();
        stream.once(
          'close',
          onAbort(signal, () => void stream.destroy()),
        );
        give(null, stream);
      });
    } catch (error) {
      missing.push(`${row.id} ${row.title}: ${messageOf(error)}`);
    }
  }
  if (missing.length > 0) zip.addBuffer(Buffer.from(`${missing.join('\n')}\n`), MISSING);
  zip.end();
}

async function entryOf(media: MediaStore, row: ImageRow, width: number | null): Promise<Entry> {
  const { sha256, format } = row;
  if (width === null) {
    const path = await media.verifiedPath(sha256, format);
    return { name: downloadName(row, fileName(sha256, format)), open: () => createReadStream(path) };
  }
  const { path, bytes } = await media.thumbnail(sha256, format, width);
  const open = (): Readable =>
    bytes === null ? createReadStream(path) : Readable.from([Buffer.from(bytes)]);
  return { name: downloadName(row, 'copy.webp'), open };
}

/** As file managers do it: `sea.jpg`, `sea (2).jpg`. Names that differ by case only are one file on some systems. */
function unique(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf('.');
  for (let i = 1; ; i++) {
    const tried = i === 1 ? name : `${name.slice(0, dot)} (${i})${name.slice(dot)}`;
    if (taken.has(tried.toLowerCase())) continue;
    taken.add(tried.toLowerCase());
    return tried;
  }
}
