import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logger.js';
import { AppError } from '../../errors.js';
import { storageFailed } from './file-failure.js';
import { FORMATS, isImageFormat } from './format.js';
import { listMedia } from './list-media.js';
import { Serial } from '../../lib/serial.js';
import { strippedCopy, strippedFile } from './stripped-file.js';
import { Originals } from './originals.js';
import { STAND_IN_WIDTH, Thumbnails } from './thumbnails.js';
import type { FoundFile, MediaRows, MediaStore, StoredFile } from './types.js';

const THUMBNAILS = 'thumbnails';

export interface MediaStoreOptions {
  /** MEDIA_DIR */
  readonly dir: string;
  readonly maxPixels: number;
  readonly rows: MediaRows;
  readonly logger: Logger;
  /** Entry of the thumbnail worker. */
  readonly workerUrl?: URL;
  readonly readOnly?: boolean;
}

/**
 * Originals at `<dir>/<aa>/<sha256>.<ext>` (aa: the first two digits), unfinished ones in `<dir>/staged/<run>/`,
 * thumbnails at `<dir>/thumbnails/<width>/<aa>/<sha256>.webp`.
 *
 * A read-only folder can be opened: searches work, additions and removals are refused until it is writable.
 *
 * @throws AppError STORAGE_FAILED if the folder cannot be used at all
 */
export async function openMediaStore(options: MediaStoreOptions): Promise<MediaStore> {
  const store = new FileMediaStore(options);
  await store.open(options.readOnly ?? false);
  return store;
}

class FileMediaStore implements MediaStore {
  readonly #dir: string;
  readonly #originals: Originals;
  readonly #thumbnails: Thumbnails;
  /** One whole file in memory at a time. */
  readonly #stripping = new Serial();

  constructor({ dir, maxPixels, rows, logger, workerUrl }: MediaStoreOptions) {
    this.#dir = dir;
    this.#originals = new Originals({
      dir,
      rows,
      logger,
      dropThumbnails: (sha256) => this.#thumbnails.remove(sha256),
    });
    this.#thumbnails = new Thumbnails({
      dir: join(dir, THUMBNAILS),
      maxPixels,
      logger,
      workerUrl,
      source: (sha256, format) => this.#originals.verifiedPath(sha256, format),
    });
  }

  async open(readOnly: boolean): Promise<void> {
    if (readOnly) return this.#originals.run.look();
    try {
      await mkdir(this.#dir, { recursive: true });
      await readdir(this.#dir);
    } catch (error) {
      throw storageFailed(`The media folder ${this.#dir} cannot be used`, error);
    }
    await this.#originals.run.begin().catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'MEDIA_UNAVAILABLE') throw error;
    });
  }

  contentType(format: string): string {
    return isImageFormat(format) ? FORMATS[format].contentType : 'application/octet-stream';
  }

  isShownByBrowsers(format: string): boolean {
    return isImageFormat(format) && FORMATS[format].inBrowsers;
  }

  async *list(): AsyncGenerator<readonly FoundFile[]> {
    const { run } = this.#originals;
    try {
      yield* listMedia(this.#dir, [join(this.#dir, THUMBNAILS), run.path]);
    } catch (error) {
      throw run.failure('The media folder could not be listed', error);
    }
  }

  assertWritable = async (): Promise<void> => void (await this.#originals.run.beginWritable());
  path = (sha256: string, format: string) => this.#originals.path(sha256, format);
  stage = (bytes: Uint8Array, sha256: string, format: string) => this.#originals.stage(bytes, sha256, format);
  withdraw = (sha256: string, format: string) => this.#originals.withdraw(sha256, format);
  repair = (bytes: Uint8Array, sha256: string, format: string) =>
    this.#originals.repair(bytes, sha256, format);
  read = (sha256: string, format: string) => this.#originals.read(sha256, format);
  verifiedPath = (sha256: string, format: string) => this.#originals.verifiedPath(sha256, format);
  has = (sha256: string, format: string) => this.#originals.has(sha256, format);
  hashOf = (sha256: string, format: string) => this.#originals.hashOf(sha256, format);
  removeCopy = (found: FoundFile, picture: StoredFile) => this.#originals.removeCopy(found, picture);
  thumbnail = (sha256: string, format: string, width: number) => this.#thumbnails.get(sha256, format, width);
  stripped = (sha256: string, format: string) =>
    this.#stripping.run(async () => {
      const path = await this.verifiedPath(sha256, format);
      return (await strippedFile(path, format)) ?? strippedCopy(await this.standIn(sha256, format));
    });
  standIn = (sha256: string, format: string) => this.#thumbnails.get(sha256, format, STAND_IN_WIDTH);

  async close(): Promise<void> {
    await this.#thumbnails.close();
    await this.#originals.run.end();
  }
}
