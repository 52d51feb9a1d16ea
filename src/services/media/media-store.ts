import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { syncDirectory, TEMPORARY_SUFFIX, writeFileAtomically } from '../../lib/atomic-file.js';
import { WorkerPool } from '../../lib/worker-pool.js';
import type { Logger } from '../../logger.js';
import { FORMATS, isImageFormat } from './format.js';
import type { MediaStore, StoredFile, Thumbnail } from './types.js';

const FORMAT_BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(FORMATS).map(([format, { extension }]) => [extension, format]),
);

/** Widths thumbnails are made in: a request gets the next larger one, so that no visitor can fill the disk with sizes. */
export const THUMBNAIL_WIDTHS = [160, 320, 640, 960, 1280] as const;

const THUMBNAILS = 'thumbnails';

/** What the thumbnail worker is asked for. */
export interface ThumbnailRequest {
  readonly source: string;
  readonly width: number;
}

export interface MediaStoreOptions {
  /** MEDIA_DIR */
  readonly dir: string;
  readonly maxPixels: number;
  readonly logger: Logger;
  /** Entry of the thumbnail worker. */
  readonly workerUrl?: URL;
  readonly readOnly?: boolean;
  /** Look for what writes that were cut off have left: reads the whole folder. Default true. */
  readonly clean?: boolean;
}

/**
 * Originals at `<dir>/<aa>/<sha256>.<ext>` (aa: the first two digits), thumbnails at
 * `<dir>/thumbnails/<width>/<aa>/<sha256>.webp`.
 *
 * @throws AppError STORAGE_FAILED when the folder cannot be used
 */
export async function openMediaStore(options: MediaStoreOptions): Promise<MediaStore> {
  const store = new FileMediaStore(options);
  if (options.readOnly !== true) await store.prepare(options.clean ?? true);
  return store;
}

class FileMediaStore implements MediaStore {
  readonly #dir: string;
  readonly #logger: Logger;
  readonly #pool: WorkerPool<ThumbnailRequest, Uint8Array>;
  /** Folders known to be there, and durable. */
  readonly #folders = new Map<string, Promise<void>>();
  /** Thumbnails being made, so that each is made once. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor({ dir, maxPixels, logger, workerUrl }: MediaStoreOptions) {
    this.#dir = dir;
    this.#logger = logger;
    this.#pool = new WorkerPool({
      entry: workerUrl ?? new URL('../../workers/media-worker.js', import.meta.url),
      size: 1,
      window: 4,
      maxQueue: 500,
      timeoutMs: 30_000,
      idleMs: 30_000,
      failureCode: 'STORAGE_FAILED',
      init: { maxPixels },
      onEvent: (event) => {
        if (event.type === 'lost')
          logger.warn({ ...event }, 'thumbnail worker was lost; another one takes its place');
        if (event.type === 'unable')
          logger.error({ ...event, error: event.error.message }, 'thumbnail worker could not start');
      },
    });
  }

  /** Makes the folder, and, if asked to, removes what writes that were cut off have left in it. */
  async prepare(clean: boolean): Promise<void> {
    try {
      await mkdir(this.#dir, { recursive: true });
      if (!clean) return;
      for await (const path of walk(this.#dir)) {
        if (path.endsWith(TEMPORARY_SUFFIX)) await rm(path, { force: true });
      }
    } catch (error) {
      throw storageFailed('The media folder cannot be used', error);
    }
  }

  path(sha256: string, format: string): string {
    const extension = isImageFormat(format) ? FORMATS[format].extension : format;
    return join(this.#dir, sha256.slice(0, 2), `${sha256}.${extension}`);
  }

  contentType(format: string): string {
    return isImageFormat(format) ? FORMATS[format].contentType : 'application/octet-stream';
  }

  async put(bytes: Uint8Array, sha256: string, format: string): Promise<void> {
    const path = this.path(sha256, format);
    try {
      await this.#folder(dirname(path));
      await writeFileAtomically(path, bytes).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        this.#folders.delete(dirname(path)); // somebody tidied up behind our back
        await this.#folder(dirname(path));
        await writeFileAtomically(path, bytes);
      });
    } catch (error) {
      throw storageFailed('A picture could not be stored', error);
    }
  }

  async read(sha256: string, format: string): Promise<Uint8Array> {
    try {
      return await readFile(this.path(sha256, format));
    } catch (error) {
      throw storageFailed('The file of a picture could not be read', error);
    }
  }

  async remove(sha256: string, format: string): Promise<void> {
    const thumbnails = THUMBNAIL_WIDTHS.map((width) => this.#thumbnailPath(sha256, width));
    try {
      for (const path of [this.path(sha256, format), ...thumbnails]) await rm(path, { force: true });
    } catch (error) {
      throw storageFailed('The file of a picture could not be removed', error);
    }
  }

  async *list(): AsyncIterable<StoredFile> {
    for (const folder of await readdir(this.#dir).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of await readdir(join(this.#dir, folder))) {
        const [, sha256, extension] = /^([0-9a-f]{64})\.(\w+)$/.exec(name) ?? [];
        const format = extension === undefined ? undefined : FORMAT_BY_EXTENSION.get(extension);
        if (sha256 !== undefined && format !== undefined) yield { sha256, format };
      }
    }
  }

  async hashOf(sha256: string, format: string): Promise<string | null> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(this.path(sha256, format))) hash.update(chunk as Buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw storageFailed('The file of a picture could not be read', error);
    }
    return hash.digest('hex');
  }

  async thumbnail(sha256: string, format: string, width: number): Promise<Thumbnail> {
    const size =
      THUMBNAIL_WIDTHS.find((known) => known >= width) ?? THUMBNAIL_WIDTHS[THUMBNAIL_WIDTHS.length - 1]!;
    const path = this.#thumbnailPath(sha256, size);
    if (!(await exists(path))) {
      let making = this.#underWay.get(path);
      if (making === undefined) {
        making = this.#makeThumbnail(this.path(sha256, format), path, size).finally(() =>
          this.#underWay.delete(path),
        );
        this.#underWay.set(path, making);
      }
      await making;
    }
    return { path, contentType: 'image/webp', width: size };
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await Promise.allSettled(this.#underWay.values());
  }

  async #makeThumbnail(source: string, target: string, width: number): Promise<void> {
    const { value } = await this.#pool.run({ source, width });
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFileAtomically(target, value);
      // Removed while it was being made: leave no thumbnail of a picture that is gone.
      if (!(await exists(source))) await rm(target, { force: true });
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'a thumbnail could not be stored');
      throw storageFailed('A thumbnail could not be stored', error);
    }
  }

  #thumbnailPath(sha256: string, width: number): string {
    return join(this.#dir, THUMBNAILS, String(width), sha256.slice(0, 2), `${sha256}.webp`);
  }

  /** Makes a folder once, durably. */
  #folder(path: string): Promise<void> {
    let made = this.#folders.get(path);
    if (made === undefined) {
      made = mkdir(path, { recursive: true })
        .then(() => syncDirectory(this.#dir))
        .catch((error: unknown) => {
          this.#folders.delete(path);
          throw error;
        });
      this.#folders.set(path, made);
    }
    return made;
  }
}

async function* walk(dir: string): AsyncIterable<string> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const storageFailed = (what: string, error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError('STORAGE_FAILED', `${what}: ${messageOf(error)}`, { cause: error });
