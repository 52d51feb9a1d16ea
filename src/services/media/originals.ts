import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { messageOf, type AppError } from '../../errors.js';
import { syncDirectory, syncFile, writeFileAtomically } from '../../lib/atomic-file.js';
import { FolderSync } from '../../lib/folder-sync.js';
import { sha256Of } from '../../lib/sha256.js';
import type { Logger } from '../../logger.js';
import { errno, fileMissing, isAway, isNotFound, unlessNotFound } from './file-failure.js';
import { fileName, folderName } from './file-name.js';
import { moveFile, moveFileDurably } from './move-file.js';
import { RunFolder, STAGED } from './run-folder.js';
import { settleRuns } from './settle.js';
import type { FoundFile, MediaRows, StagedFile, StoredFile, WithdrawnFile } from './types.js';
import { hashFile, ifRegular, VerifiedFiles, type FileState } from './verified-files.js';

interface Located {
  readonly path: string;
  readonly state: FileState;
}
type Look = (path: string) => Promise<FileState>;

export interface OriginalsOptions {
  /** MEDIA_DIR */
  readonly dir: string;
  readonly rows: MediaRows;
  readonly logger: Logger;
  readonly dropThumbnails: (sha256: string) => Promise<void>;
}

/**
 * The files themselves, at `<dir>/<aa>/<sha256>.<ext>` (aa: the first two digits).
 *
 * No file is in its place without a row, and none is deleted before its row: additions and removals pass through
 * `RunFolder`. The rename between the two folders needs no fsync: after a crash the file is in one of them.
 */
export class Originals {
  readonly run: RunFolder;
  readonly #options: OriginalsOptions;
  readonly #verified = new VerifiedFiles();
  /** Folders known to exist durably. */
  readonly #folders = new Map<string, Promise<void>>();
  readonly #syncs = new FolderSync();

  constructor(options: OriginalsOptions) {
    this.#options = options;
    const { dir, rows, logger, dropThumbnails } = options;
    const place = async (file: StoredFile): Promise<string> => {
      const path = this.path(file.sha256, file.format);
      await this.#folder(dirname(path));
      return path;
    };
    this.run = new RunFolder({
      dir,
      rows,
      logger,
      settle: (lastRun) =>
        settleRuns({ dir, rows, logger, verified: this.#verified, place, dropThumbnails }, lastRun),
    });
  }

  path(sha256: string, format: string): string {
    return join(this.#options.dir, folderName(sha256), fileName(sha256, format));
  }

  async stage(bytes: Uint8Array, sha256: string, format: string): Promise<StagedFile> {
    const runFolder = await this.run.begin();
    const target = this.path(sha256, format);
    const staged = join(runFolder, fileName(sha256, format));
    try {
      if (await this.#isThereAlready(target, sha256)) {
        await syncFile(target);
        await syncDirectory(dirname(target));
        return { publish: async () => {}, discard: async () => {} };
      }
      await writeFileAtomically(staged, bytes, { syncFolder: (folder) => this.#syncs.sync(folder) });
      await this.#folder(dirname(target)); // only now, so that nothing is created in an empty mount point
      this.run.succeeded();
    } catch (error) {
      throw this.run.failure('A picture could not be stored', error);
    }
    return {
      // Its row is committed, so the file must exist, even if somebody has cleaned up meanwhile.
      publish: () => this.#toPlace(staged, target, () => writeFileAtomically(staged, bytes)),
      discard: () => this.#remove(staged),
    };
  }

  async withdraw(sha256: string, format: string): Promise<WithdrawnFile> {
    const runFolder = await this.run.beginWritable();
    const target = this.path(sha256, format);
    const staged = join(runFolder, fileName(sha256, format));
    try {
      await moveFile(target, staged);
    } catch (error) {
      if (!isNotFound(error)) throw this.run.failure('The file of a picture could not be removed', error);
    }
    return {
      restore: async () => {
        if (await exists(staged)) await this.#toPlace(staged, target);
      },
      discard: async () => {
        await this.#remove(staged);
        await this.#options.dropThumbnails(sha256).catch((error: unknown) => this.#warn('thumbnails', error));
      },
    };
  }

  async repair(bytes: Uint8Array, sha256: string, format: string): Promise<boolean> {
    const target = this.path(sha256, format);
    if ((await this.#findOwn(sha256, format, this.#verify(sha256))).state === 'intact') return false;
    const staged = join(await this.run.begin(), fileName(sha256, format));
    try {
      await writeFileAtomically(staged, bytes);
      await this.#folder(dirname(target));
      if ((await hashFile(staged))?.sha256 !== sha256)
        throw new Error('what was written is not what was read back');
      await moveFileDurably(staged, target);
      await this.#options.dropThumbnails(sha256);
      this.run.succeeded();
    } catch (error) {
      await this.#remove(staged);
      throw this.run.failure('The file of a picture could not be restored', error);
    }
    return true;
  }

  async read(sha256: string, format: string): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    const { state } = await this.#find(sha256, format, async (path) => {
      bytes = await readFile(path).catch(unlessNotFound);
      if (bytes === undefined) return 'missing';
      return (await sha256Of(bytes)) === sha256 ? 'intact' : 'changed';
    });
    if (bytes === undefined || state !== 'intact') throw await this.#missing(state);
    return bytes;
  }

  async verifiedPath(sha256: string, format: string): Promise<string> {
    const { path, state } = await this.#locate(sha256, format);
    if (state !== 'intact') throw await this.#missing(state);
    return path;
  }

  async has(sha256: string, format: string): Promise<boolean> {
    const { state } = await this.#find(sha256, format, async (path) =>
      (await stat(path).catch(unlessNotFound)) === undefined ? 'missing' : 'intact',
    );
    return state !== 'missing';
  }

  async hashOf(sha256: string, format: string): Promise<string | null> {
    let hash: string | null = null;
    await this.#find(sha256, format, async (path) => {
      const found = await hashFile(path);
      if (found === null) return 'missing';
      hash = found.sha256;
      return hash === sha256 ? 'intact' : 'changed';
    });
    if (hash === null) await this.#assertThere();
    return hash;
  }

  async removeCopy(found: FoundFile, { sha256, format }: StoredFile): Promise<boolean> {
    const own = this.path(sha256, format);
    try {
      if ((await this.#verified.state(own, sha256)) !== 'intact') return false;
      const [copy, original] = await Promise.all([stat(found.path), stat(own)]);
      if (copy.ino === original.ino && copy.dev === original.dev) return false; // one file by two names
      if ((await hashFile(found.path))?.sha256 !== sha256) return false;
      await rm(found.path);
    } catch (error) {
      throw this.run.failure('A file could not be removed', error);
    }
    await rmdir(dirname(found.path)).catch(() => {}); // folder of another run, if it is empty
    return true;
  }

  /** Where an intact file is, or what was found instead. */
  #locate(sha256: string, format: string): Promise<Located> {
    return this.#find(sha256, format, this.#verify(sha256));
  }

  #verify(sha256: string) {
    return (path: string): Promise<FileState> => this.#verified.state(path, sha256);
  }

  /** Looks in the media folder, then in libraries. An unreadable file of a library counts as missing. */
  async #find(sha256: string, format: string, look: Look): Promise<Located> {
    const own = await this.#findOwn(sha256, format, look);
    if (own.state === 'intact') return own;
    let result = own;
    for (const path of await this.#options.rows.elsewhere(sha256)) {
      const state = await ifRegular(path, look).catch((): FileState => 'missing');
      if (state === 'intact') return { path, state };
      if (state === 'changed') result = { path, state };
    }
    return result;
  }

  /**
   * Looks in its place; then, for the time between commit and rename, among this run's staged files; then in its place
   * again, in case it was moved in between.
   */
  async #findOwn(sha256: string, format: string, look: Look): Promise<Located> {
    const own = this.path(sha256, format);
    const staged = this.run.path === null ? own : join(this.run.path, fileName(sha256, format));
    let result: Located = { path: own, state: 'missing' };
    try {
      for (const path of [own, staged, own]) {
        const state = await look(path);
        if (state === 'intact') return { path, state };
        if (state === 'changed') result = { path, state };
      }
    } catch (error) {
      throw this.#unreadable(error);
    }
    return result;
  }

  /** The error for one missing file. @throws if the whole folder is missing */
  async #missing(state: FileState): Promise<AppError> {
    await this.#assertThere();
    return fileMissing(state === 'changed' ? 'changed' : 'missing');
  }

  async #assertThere(): Promise<void> {
    const problem = await this.run.problem();
    if (problem !== null) throw this.run.failure('The media folder cannot be read', problem);
  }

  /** A single unreadable file does not make the folder unavailable; a missing disk does. */
  #unreadable(error: unknown): AppError {
    const what = 'The file of a picture could not be read';
    const own = ['EACCES', 'EPERM', 'EIO'].includes(errno(error) ?? '');
    return this.run.failure(what, own && isAway(error) ? new Error(messageOf(error)) : error);
  }

  /** Whether an unknown file in this place has the right content. A file with other content is moved aside. */
  async #isThereAlready(target: string, sha256: string): Promise<boolean> {
    const state = await this.#verified.state(target, sha256);
    if (state !== 'changed') return state === 'intact';
    const aside = join(this.#options.dir, STAGED, 'displaced');
    await mkdir(aside, { recursive: true });
    await moveFileDurably(target, join(aside, `${randomUUID()}${extname(target)}`));
    return false;
  }

  /** Moves a file to its place, and creates the folder again if somebody removed it. */
  async #toPlace(from: string, to: string, again = async (): Promise<void> => {}): Promise<void> {
    try {
      await moveFile(from, to).catch(async (error: unknown) => {
        if (!isNotFound(error)) throw error;
        if (!(await exists(from))) await again();
        this.#folders.delete(dirname(to));
        await this.#folder(dirname(to));
        await moveFile(from, to);
      });
    } catch (error) {
      this.#warn(from, error);
    }
  }

  async #remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch((error: unknown) => this.#warn(path, error));
  }

  #warn(path: string, error: unknown): void {
    this.#options.logger.warn(
      { path, error: messageOf(error) },
      'a file could not be moved or removed now; the next start does it',
    );
  }

  /** Creates a folder once, durably; never the media folder itself. */
  #folder(path: string): Promise<void> {
    let made = this.#folders.get(path);
    if (made === undefined) {
      made = mkdir(path)
        .catch((error: unknown) => {
          if (errno(error) !== 'EEXIST') throw error;
        })
        .then(() => this.#syncs.sync(this.#options.dir))
        .catch((error: unknown) => {
          this.#folders.delete(path);
          throw error;
        });
      this.#folders.set(path, made);
    }
    return made;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
