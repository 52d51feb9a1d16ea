import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.js';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { storageFull } from '../../lib/storage-full.js';
import { WorkerPool } from '../../lib/worker-pool/worker-pool.js';
import type { Logger } from '../../logger.js';
import { isAway, mediaUnavailable, storageFailed } from './file-failure.js';
import { folderName } from './file-name.js';
import type { Thumbnail } from './types.js';

/** Widths of thumbnails. A request gets the next larger one, so that no visitor can fill the disk with sizes. */
export const THUMBNAIL_WIDTHS = [160, 320, 640, 960, 1280, 2560] as const;

/** Width of the copy that replaces an original that a browser cannot show. */
export const STAND_IN_WIDTH = 2560;

/** A job of the thumbnail worker. */
export interface ThumbnailRequest {
  readonly source: string;
  readonly width: number;
}

export interface ThumbnailsOptions {
  readonly dir: string;
  readonly maxPixels: number;
  readonly logger: Logger;
  readonly workerUrl?: URL | undefined;
  /** Path of an original whose content was verified. @throws AppError if there is none */
  readonly source: (sha256: string, format: string) => Promise<string>;
}

/** Small copies at `<dir>/<width>/<aa>/<sha256>.webp`, made on request in a separate process. */
export class Thumbnails {
  readonly #options: ThumbnailsOptions;
  readonly #pool: WorkerPool<ThumbnailRequest, Uint8Array>;
  /** Thumbnails being made, so that each is made once. */
  readonly #underWay = new Map<string, Promise<Uint8Array | null>>();

  constructor(options: ThumbnailsOptions) {
    this.#options = options;
    const { logger } = options;
    this.#pool = new WorkerPool({
      entry: options.workerUrl ?? new URL('../../workers/media-worker.js', import.meta.url),
      size: 1,
      window: 4,
      maxQueue: 500,
      timeoutMs: 30_000,
      idleMs: 30_000,
      failureCode: 'STORAGE_FAILED',
      init: () => ({ maxPixels: options.maxPixels }),
      onEvent: (event) => {
        if (event.type === 'lost') logger.warn({ ...event }, 'thumbnail worker was lost and is replaced');
        if (event.type === 'unable')
          logger.error({ ...event, error: event.error.message }, 'thumbnail worker could not start');
      },
    });
  }

  async get(sha256: string, format: string, width: number): Promise<Thumbnail> {
    const size =
      THUMBNAIL_WIDTHS.find((known) => known >= width) ?? THUMBNAIL_WIDTHS[THUMBNAIL_WIDTHS.length - 1]!;
    const path = this.#path(sha256, size);
    let bytes: Uint8Array | null = null;
    if (!(await exists(path))) {
      let making = this.#underWay.get(path);
      if (making === undefined) {
        making = this.#make(sha256, format, path, size).finally(() => this.#underWay.delete(path));
        this.#underWay.set(path, making);
      }
      bytes = await making;
    }
    return { path, bytes, contentType: 'image/webp', width: size };
  }

  /** Removes the thumbnails of a picture in every width. */
  async remove(sha256: string): Promise<void> {
    for (const width of THUMBNAIL_WIDTHS) await rm(this.#path(sha256, width), { force: true });
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await Promise.allSettled(this.#underWay.values());
  }

  /** @returns the thumbnail if there was no room to store it, otherwise null */
  async #make(sha256: string, format: string, target: string, width: number): Promise<Uint8Array | null> {
    const { source, logger } = this.#options;
    const value = await this.#render(sha256, format, width);
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFileAtomically(target, value);
    } catch (error) {
      if (isAway(error)) throw mediaUnavailable(error);
      logger.warn({ error: messageOf(error) }, 'a thumbnail could not be stored');
      if (storageFull(error) !== null) return value;
      throw storageFailed('A thumbnail could not be stored', error);
    }
    // If the picture was removed or changed meanwhile, no wrong thumbnail may remain.
    await source(sha256, format).catch(async (error: unknown) => {
      await rm(target, { force: true });
      throw error;
    });
    return null;
  }

  async #render(sha256: string, format: string, width: number): Promise<Uint8Array> {
    const { source } = this.#options;
    const path = await source(sha256, format);
    try {
      return (await this.#pool.run({ source: path, width })).value;
    } catch (error) {
      // It may have been moved to its place, or removed, before the worker read it.
      const now = await source(sha256, format);
      if (now === path) throw error;
      return (await this.#pool.run({ source: now, width })).value;
    }
  }

  #path(sha256: string, width: number): string {
    return join(this.#options.dir, String(width), folderName(sha256), `${sha256}.webp`);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
