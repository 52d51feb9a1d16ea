import type { Request, RequestHandler } from 'express';
import { createReadStream } from 'node:fs';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { albumNotFound, AppError, messageOf } from '../errors.js';
import { check } from '../lib/check.js';
import { Deferred } from '../lib/deferred.js';
import { onAbort } from '../lib/on-abort.js';
import { albumRowId, parseId } from '../schema/ids.js';
import { assertThumbnailWidth } from '../schema/limits.js';
import type { Catalog, ImageRow } from '../services/catalog/types.js';
import { downloadName, fileNameOf, uniqueName } from '../services/media/download-name.js';
import { fileName } from '../services/media/file-name.js';
import { openThumbnail } from '../services/media/stripped-file.js';
import type { MediaStore } from '../services/media/types.js';
import type { Search } from '../services/search/search.js';
import { harmless } from './send-file.js';

export const MAX_ARCHIVED = 1000;
const ROWS_AT_ONCE = 1000;
/** Pictures that are prepared before the client has taken those before them. */
const MOST_AHEAD = 8;
/** Name of the file in the archive that lists pictures whose file could not be read. */
const MISSING = 'not-included.txt';

interface Entry {
  readonly name: string;
  /** Opened when its turn comes. */
  readonly open: () => Readable;
}

export interface ArchiveParts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly search: Search;
}

interface Selection {
  readonly rows: readonly ImageRow[];
  /** Name of the archive, without its extension. */
  readonly name: string;
  /** Whether file names begin with their number in the order. */
  readonly isNumbered: boolean;
}

/**
 * `/media/archive?ids=1,2,3[&width=1280][&strip=1]` or `?album=album-1`: pictures as a ZIP stream, originals or copies of at most this
 * width, those of an album in its order. Nothing is compressed, since pictures already are; a text file lists the pictures
 * that cannot be read.
 */
export function archiveRoute({ catalog, media, search }: ArchiveParts): RequestHandler {
  return async (request, response) => {
    const width = readWidth(request);
    const strip = request.query['strip'] !== undefined;
    const album = request.query['album'];
    const { rows, name, isNumbered } =
      album === undefined
        ? await selectionOf(readIds(request), catalog)
        : await selectionOfAlbum(typeof album === 'string' ? album : '', catalog, search);
    if (rows.length === 0) throw new AppError('IMAGE_NOT_FOUND', 'There is no picture to pack.');
    harmless(response);
    response.attachment(`${name}.zip`);
    response.set({ 'content-type': 'application/zip', 'cache-control': 'no-store' });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const zip = new ZipFile();
    const output = zip.outputStream as Readable;
    zip.once('error', (error: Error) => output.destroy(error)); // for example a file that has just disappeared
    const prefixOf = (i: number): string =>
      isNumbered ? `${String(i + 1).padStart(String(rows.length).length, '0')} ` : '';
    const find = async (row: ImageRow, i: number): Promise<Entry> => {
      const { name: title, open } = await entryOf(media, row, width, strip);
      return { name: `${prefixOf(i)}${title}`, open };
    };
    const filling = fill(zip, rows, find, gone.signal);
    // A client that goes away is not a failure.
    await Promise.all([filling, pipeline(output, response)]).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  };
}

function readIds({ query }: Request): number[] {
  const asked = query['ids'];
  const texts = typeof asked === 'string' ? asked.split(',') : [''];
  const ids = texts.map(parseId).filter((id) => id !== null);
  const rule = `1 to ${MAX_ARCHIVED} ids, with commas between them`;
  check(ids.length === texts.length && ids.length <= MAX_ARCHIVED, 'ids', rule);
  return [...new Set(ids)];
}

function readWidth({ query }: Request): number | null {
  const width = query['width'] === undefined ? null : Number(query['width']);
  if (width !== null) assertThumbnailWidth(width);
  return width;
}

async function selectionOf(ids: readonly number[], catalog: Catalog): Promise<Selection> {
  const name = `likeness-${new Date().toISOString().slice(0, 10)}`;
  return { rows: await catalog.images.byIds(ids), name, isNumbered: false };
}

/** @throws AppError ALBUM_NOT_FOUND */
async function selectionOfAlbum(id: string, catalog: Catalog, search: Search): Promise<Selection> {
  const albumId = albumRowId(id);
  const [album] = await catalog.albums.byIds([albumId]);
  if (album === undefined) throw albumNotFound();
  const filter = await search.albums.resolved({ albumId });
  const rows: ImageRow[] = [];
  for (let after: string | undefined; ;) {
    const page = await catalog.images.list({ first: ROWS_AT_ONCE, after, orderBy: 'ALBUM', filter });
    rows.push(...page.edges.map(({ node }) => node));
    if (!page.hasNextPage) break;
    after = page.edges.at(-1)?.cursor;
  }
  return { rows, name: fileNameOf(album.name, id), isNumbered: true };
}

async function fill(
  zip: ZipFile,
  rows: readonly ImageRow[],
  find: (row: ImageRow, i: number) => Promise<Entry>,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set<string>([MISSING]);
  const missing: string[] = [];
  let ahead = 0;
  let next = new Deferred<void>();
  const offAbort = onAbort(signal, () => next.resolve());
  for (const [i, row] of rows.entries()) {
    while (ahead >= MOST_AHEAD && !signal.aborted) await next.promise;
    if (signal.aborted) return;
    try {
      const { name, open } = await find(row, i);
      ahead++;
      zip.addReadStreamLazy(uniqueName(name, names), { mtime: row.createdAt, compress: false }, (give) => {
        ahead--;
        next.resolve();
        next = new Deferred();
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
  offAbort();
  if (missing.length > 0) zip.addBuffer(Buffer.from(`${missing.join('\n')}\n`), MISSING);
  zip.end();
}

async function entryOf(
  media: MediaStore,
  row: ImageRow,
  width: number | null,
  strip: boolean,
): Promise<Entry> {
  const { sha256, format } = row;
  if (width === null && strip) {
    const { format: sent, open } = await media.stripped(sha256, format);
    return { name: downloadName(row, fileName(sha256, sent)), open };
  }
  if (width === null) {
    const path = await media.verifiedPath(sha256, format);
    return { name: downloadName(row, fileName(sha256, format)), open: () => createReadStream(path) };
  }
  const copy = await media.thumbnail(sha256, format, width);
  return { name: downloadName(row, 'copy.webp'), open: () => openThumbnail(copy) };
}
