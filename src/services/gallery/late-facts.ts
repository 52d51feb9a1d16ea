import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import { isFatal } from '../../lib/is-fatal.js';
import { pause } from '../../lib/pause.js';
import { retried } from '../../lib/retry.js';
import type { Catalog, ImageRow, LateFacts } from '../catalog/types.js';
import type { JobReport } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import type { Spaces } from '../spaces/spaces.js';
import type { GalleryChanges } from './gallery-changes.js';
import { readSidecar } from './import/read-sidecar.js';
import { idPages } from './reconcile.js';
import { writtenOf, type FileFacts } from './written.js';

/** Pictures whose facts are written together: a job that is cut short has to read so many again. */
const TOGETHER = 32;

export interface LateFactsParts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly changes: GalleryChanges;
  /** Room for the picture under way. */
  readonly memory: ByteShare;
  /** Whether places are stored. */
  readonly keepLocation: boolean;
}

/**
 * Asks the files of pictures that were added before anybody asked them what is written in them. One at a time, with a rest as
 * long as each took, so that searches hardly notice. A picture whose file is not there waits for the next start.
 */
export async function readLateFacts(parts: LateFactsParts, report: JobReport): Promise<void> {
  const { images } = parts.catalog;
  report.total(await images.countUnread(parts.keepLocation));
  const pages = idPages((after, limit) => images.idsUnread(parts.keepLocation, after, limit));
  for await (const ids of pages) {
    for (let start = 0; start < ids.length; start += TOGETHER) {
      const read: LateFacts[] = [];
      for (const id of ids.slice(start, start + TOGETHER)) {
        report.signal.throwIfAborted();
        const facts = await readOne(parts, id, report);
        if (facts !== null) read.push(facts);
      }
      await store(parts, read);
    }
  }
}

async function store({ catalog, changes }: LateFactsParts, read: readonly LateFacts[]): Promise<void> {
  if (read.length === 0) return;
  const images = await catalog.images.putFacts(read);
  changes.publish({ kind: 'UPDATED', ids: images.map(({ id }) => id), images });
}

/** @returns null where the file is not there, or cannot be read */
async function readOne(parts: LateFactsParts, id: number, report: JobReport): Promise<LateFacts | null> {
  const { catalog, media, spaces, memory, keepLocation } = parts;
  const { signal } = report;
  const image = await catalog.images.byId(id);
  if (image === null) return null; // removed meanwhile
  const startedAt = performance.now();
  try {
    const beside = await besideOf(catalog, image, signal);
    const options = beside.sidecar === undefined ? {} : { sidecar: beside.sidecar };
    const file = { bytesToHold: image.bytes, read: () => media.read(image.sha256, image.format) };
    const ask = (bytes: Uint8Array) =>
      spaces.use(({ primary }) => primary.embedder.readFacts(bytes, options, signal));
    const facts = await retried(() => memory.use([file], ask, signal), signal);
    report.added();
    return { id, sha256: image.sha256, written: writtenOf(facts, beside, keepLocation) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || isFatal(error)) throw error;
    report.failed(`image ${id}`, error);
    return null;
  } finally {
    await pause(performance.now() - startedAt, signal);
  }
}

/** Of a file in a library; those in the media folder have lost what was beside them. */
async function besideOf(catalog: Catalog, { sha256 }: ImageRow, signal: AbortSignal): Promise<FileFacts> {
  const places = (await catalog.libraries.places([sha256])).get(sha256) ?? [];
  const place = places.find(({ state }) => state === 'PRESENT');
  if (place === undefined) return {};
  const path = join(place.root, place.path);
  const found = await stat(path).catch(() => null);
  if (found === null) return {};
  const sidecar = await readSidecar(path, { within: place.root, signal });
  return { modifiedAt: found.mtime, ...(sidecar !== null && { sidecar }) };
}
