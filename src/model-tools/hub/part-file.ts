import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { syncDirectory, writeFileAtomically } from '../../lib/atomic-file.js';
import type { Announcement } from './announcement.js';

/** What is stored with a part, so that another run can continue it. */
export interface PartState extends Announcement {
  readonly url: string;
  /** A strong ETag of the server that sends the bytes, for If-Range. */
  readonly etag?: string;
}

/** `<path>.part`, the beginning of a file that is being downloaded, and its hash so far. */
export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #statePath: string;
  #hash: Hash = createHash('sha256');
  #handle: FileHandle | null = null;
  #state: PartState | null = null;
  /** Number of existing bytes. */
  length = 0;

  private constructor(target: string) {
    this.#target = target;
    this.path = `${target}.part`;
    this.#statePath = `${this.path}.json`;
  }

  /** Opens and hashes what an earlier run for the same address has left. */
  static async open(target: string, url: string): Promise<PartFile> {
    const part = new PartFile(target);
    await part.#storing(() => mkdir(dirname(target), { recursive: true }));
    const state = await readState(part.#statePath);
    const size = await stat(part.path).then(
      (found) => found.size,
      () => 0,
    );
    if (state?.url !== url || size === 0) {
      await part.restart(null);
      return part;
    }
    part.#state = state;
    for await (const chunk of createReadStream(part.path, { highWaterMark: 1 << 20 }))
      part.#hash.update(chunk as Buffer);
    part.length = size;
    return part;
  }

  /** What was announced with the existing bytes. */
  get state(): PartState | null {
    return this.#state;
  }

  /** Starts from zero. @param state null if nothing is known yet */
  async restart(state: PartState | null): Promise<void> {
    await this.close();
    await this.#storing(async () => {
      await rm(this.path, { force: true });
      if (state === null) await rm(this.#statePath, { force: true });
      else await writeFileAtomically(this.#statePath, JSON.stringify(state));
    });
    this.#hash = createHash('sha256');
    this.length = 0;
    this.#state = state;
  }

  /** Records the size, if it was unknown. */
  learn(bytes: number | null): void {
    if (bytes !== null && this.#state !== null) this.#state = { ...this.#state, bytes };
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#storing(async () => {
      this.#handle ??= await open(this.path, 'a');
      await this.#handle.appendFile(chunk);
    });
    this.#hash.update(chunk);
    this.length += chunk.byteLength;
  }

  /** Hash of the existing bytes. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Moves it into place, durably. */
  async finish(): Promise<void> {
    await this.#storing(async () => {
      this.#handle ??= await open(this.path, 'a'); // the file may be empty
      await this.#handle.sync();
      await this.close();
      await rename(this.path, this.#target);
      await rm(this.#statePath, { force: true });
      await syncDirectory(dirname(this.#target));
    });
  }

  /** @throws AppError STORAGE_FULL if this many more bytes do not fit on the disk */
  async assertRoomFor(bytes: number): Promise<void> {
    const found = await statfs(dirname(this.path)).catch(() => null);
    if (found !== null && found.bavail * found.bsize < bytes)
      throw this.#full(`${bytes} bytes are still to come, ${found.bavail * found.bsize} are free`);
  }

  /** Closes the file; the part stays. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #storing<Result>(task: () => Promise<Result>): Promise<Result> {
    try {
      return await task();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw this.#full(messageOf(error));
      throw new AppError('STORAGE_FAILED', `${this.path} cannot be written: ${messageOf(error)}`, {
        details: { path: this.path },
        cause: error,
      });
    }
  }

  #full(reason: string): AppError {
    return new AppError(
      'STORAGE_FULL',
      `There is no room left for ${this.#target} (${reason}). What is there is kept: make room and run it again.`,
      { details: { path: this.path } },
    );
  }
}

async function readState(path: string): Promise<PartState | null> {
  try {
    const { url, etag, bytes, sha256, commit } = JSON.parse(await readFile(path, 'utf8')) as Partial<
      Record<string, unknown>
    >;
    if (typeof url !== 'string') return null;
    return {
      url,
      ...(typeof etag === 'string' ? { etag } : {}),
      ...(typeof bytes === 'number' ? { bytes } : {}),
      ...(typeof sha256 === 'string' ? { sha256 } : {}),
      ...(typeof commit === 'string' ? { commit } : {}),
    };
  } catch {
    return null; // missing, or not written by us
  }
}
