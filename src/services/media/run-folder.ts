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
  /** Settles what the last run left; its renames are durable when it resolves. */
  readonly settle: (lastRun: string | null) => Promise<void>;
}

/**
 * `<dir>/staged/<run id>/`: where files are while their row is being written or deleted. The catalog records the run id
 * too, so that it decides only about files in the folder of *its* last run. With another catalog (a restored backup, a
 * new one) the same files may be somebody's originals.
 *
 * The folder also shows whether the media folder is still the one that this run started with. An unmounted disk leaves
 * an empty folder, and files written there would be hidden once the disk is mounted again.
 */
export class RunFolder {
  readonly #options: RunFolderOptions;
  #run: string | null = null;
  #lastRun: string | null = null;
  #beginning: Promise<string> | null = null;
  /** Whether the log already reports the folder as unavailable. */
  #isAway = false;

  constructor(options: RunFolderOptions) {
    this.#options = options;
  }

  /** Absolute; the last run's before this one has begun. Null if there was none. */
  get path(): string | null {
    const run = this.#run ?? this.#lastRun;
    return run === null ? null : this.#pathOf(run);
  }

  /** For readers. */
  async look(): Promise<void> {
    this.#lastRun = await this.#options.rows.run();
  }

  /**
   * Creates the folder of this run, once, after settling what the last run left. If that fails, the next call tries
   * again. Does not check whether the folder still exists; the write itself shows it.
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

  /** The same, after checking that the folder still exists and is writable. */
  async beginWritable(): Promise<string> {
    const path = await this.begin();
    try {
      await access(path, constants.W_OK);
      return path;
    } catch (error) {
      throw this.failure('The media folder cannot be written', error);
    }
  }

  /** Null if the folder that this run started with still exists. */
  problem(): Promise<unknown> {
    return access(this.#run === null ? this.#options.dir : this.#pathOf(this.#run)).then(
      () => null,
      (error: unknown) => error,
    );
  }

  /** Turns an error of a file into an AppError; one that concerns the whole folder is logged once. */
  failure(what: string, error: unknown): AppError {
    if (error instanceof AppError || !isAway(error)) return storageFailed(what, error);
    if (!this.#isAway) {
      this.#isAway = true;
      this.#options.logger.warn(
        { dir: this.#options.dir, error: messageOf(error) },
        'the media folder cannot be used: nothing can be added or removed until it is available again',
      );
    }
    return mediaUnavailable(error);
  }

  /** Removes the folder if it is empty. */
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
    // Not recursive: that would report ENOENT for a read-only disk.
    await mkdir(join(dir, STAGED)).catch((error: unknown) => {
      if (errno(error) !== 'EEXIST') throw error;
    });
    await mkdir(this.#pathOf(run));
    await syncDirectory(join(dir, STAGED));
    await syncDirectory(dir);
    await rows.setRun(run);
    return run;
  }

  /** Records a successful write. */
  succeeded(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.logger.info({ dir: this.#options.dir }, 'the media folder can be used again');
  }

  #pathOf(run: string): string {
    return join(this.#options.dir, STAGED, run);
  }
}

/** Removes an empty folder of staged files once the files that left it are durable; no error if it is not empty. */
export async function removeWhenEmpty(path: string): Promise<void> {
  await syncDirectory(path).catch(() => {});
  await rmdir(path).catch(() => {});
}

/** Folders of this run and others. */
export async function runFolders(dir: string): Promise<string[]> {
  const entries = await readdir(join(dir, STAGED), { withFileTypes: true }).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
