import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { syncDirectory } from '../../lib/atomic-file.js';
import type { Logger } from '../../logger.js';
import { errno, isAway, mediaUnavailable, storageFailed } from './file-failure.js';
import type { MediaRows } from './types.js';

export const STAGED = 'staged';

export interface RunFolderOptions {
  /** MEDIA_DIR */
  readonly dir: string;
  readonly rows: MediaRows;
  readonly logger: Logger;
  /** Decides what the last run left; its renames are durable when it resolves. */
  readonly settle: (lastRun: string | null) => Promise<void>;
}

/**
 * `<dir>/staged/<run id>/`: where files are while their row is being written or deleted. The run id is in the catalog,
 * too, and that is the point: only what lies in the folder of the run that *this* catalog saw last can be decided by it.
 * Beside another catalog (a backup put back, a new one) the same files are somebody's originals.
 *
 * The folder also tells whether the media folder is still the one this run began with. A disk that was unmounted leaves
 * an empty folder, and anything written there would be lost to sight when the disk is back.
 */
export class RunFolder {
  readonly #options: RunFolderOptions;
  #run: string | null = null;
  #lastRun: string | null = null;
  #beginning: Promise<string> | null = null;
  /** Whether the log says that the folder is away. */
  #isAway = false;

  constructor(options: RunFolderOptions) {
    this.#options = options;
  }

  /** Absolute; that of the last run before this one has begun. Null when there was none. */
  get path(): string | null {
    const run = this.#run ?? this.#lastRun;
    return run === null ? null : this.#pathOf(run);
  }

  /** For those who only read. */
  async look(): Promise<void> {
    this.#lastRun = await this.#options.rows.run();
  }

  /**
   * Makes the folder of this run, once, after the leftovers of the last were decided. When it cannot be written, the
   * next call tries again. Whether it is still there, the writing itself tells.
   * @returns its path
   * @throws AppError MEDIA_UNAVAILABLE
   */
  async begin(): Promise<string> {
    try {
      this.#run ??= await (this.#beginning ??= this.#begin().finally(() => (this.#beginning = null)));
      return this.#pathOf(this.#run);
    } catch (error) {
      throw this.failure('The media folder cannot be written', error);
    }
  }

  /** The same, after a look whether it is still there and can be written. */
  async beginWritable(): Promise<string> {
    const path = await this.begin();
    try {
      await access(path, constants.W_OK);
      return path;
    } catch (error) {
      throw this.failure('The media folder cannot be written', error);
    }
  }

  /** Null when the folder that this run began with is still there. */
  problem(): Promise<unknown> {
    return access(this.#run === null ? this.#options.dir : this.#pathOf(this.#run)).then(
      () => null,
      (error: unknown) => error,
    );
  }

  /** An error of a file in the media folder; one that concerns the whole folder is logged, once. */
  failure(what: string, error: unknown): AppError {
    if (error instanceof AppError || !isAway(error)) return storageFailed(what, error);
    if (!this.#isAway) {
      this.#isAway = true;
      this.#options.logger.warn(
        { dir: this.#options.dir, error: messageOf(error) },
        'the media folder cannot be used: nothing can be added or removed until it can, then all goes on by itself',
      );
    }
    return mediaUnavailable(error);
  }

  /** Leaves nothing behind, if nothing is in it. */
  async end(): Promise<void> {
    if (this.#run === null) return;
    await removeWhenEmpty(this.#pathOf(this.#run));
    await rmdir(join(this.#options.dir, STAGED)).catch(() => {});
  }

  async #begin(): Promise<string> {
    const { dir, rows, settle } = this.#options;
    this.#lastRun = await rows.run();
    await settle(this.#lastRun);
    const run = randomUUID();
    // Not recursively: that says "not there" of a disk that is read-only.
    await mkdir(join(dir, STAGED)).catch((error: unknown) => {
      if (errno(error) !== 'EEXIST') throw error;
    });
    await mkdir(this.#pathOf(run));
    await syncDirectory(join(dir, STAGED));
    await syncDirectory(dir);
    await rows.setRun(run);
    return run;
  }

  /** A write went well. */
  succeeded(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.logger.info({ dir: this.#options.dir }, 'the media folder can be used again');
  }

  #pathOf(run: string): string {
    return join(this.#options.dir, STAGED, run);
  }
}

/** Removes a folder of staged files after what left it is durably where it went to; no error when it is not empty. */
export async function removeWhenEmpty(path: string): Promise<void> {
  await syncDirectory(path).catch(() => {});
  await rmdir(path).catch(() => {});
}

/** Folders of runs, this one's and others'. */
export async function runFolders(dir: string): Promise<string[]> {
  const entries = await readdir(join(dir, STAGED), { withFileTypes: true }).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
