import { basename } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import { assertText, cleanLine } from '../../lib/text.js';
import { Serial } from '../../lib/serial.js';
import type { Logger } from '../../logger.js';
import type { LibraryFileState, LibraryRow } from '../catalog/library-types.js';
import { excludePatterns } from '../gallery/import/exclusions.js';
import { isWithin } from '../gallery/import/read-picture.js';
import { MAX_IDS } from '../gallery/ingest.js';
import { normalizeTags } from '../gallery/titles-and-tags.js';
import type { Job, JobReport, Jobs, StartedJob } from '../jobs.js';
import { LibraryWatcher } from './library-watcher.js';
import { folderProblem, rootProblem, writeMarker, type LibraryProblem } from './marker.js';
import { scanLibrary, type ScanParts } from './scan.js';

export const MAX_LIBRARY_NAME = 100;
export const MAX_PATTERNS = 100;

export interface LibrariesOptions extends ScanParts {
  readonly jobs: Jobs;
  readonly logger: Logger;
  /** Interval between full scans; 0 for none. */
  readonly rescanMs: number;
}

export interface AddLibrary {
  /** A real path that the caller has checked to be allowed. */
  readonly root: string;
  /** The name of the folder by default. */
  readonly name?: string | undefined;
  readonly tags: readonly string[];
  /** Patterns as in .gitignore. */
  readonly exclude: readonly string[];
}

export interface LibraryState extends LibraryRow {
  readonly counts: Readonly<Record<LibraryFileState, number>>;
  /** Why its folder cannot be scanned; null if it can. */
  readonly problem: LibraryProblem | null;
  /** Whether changes in its folder are noticed at once. */
  readonly isWatched: boolean;
  /** The running or waiting scan. */
  readonly scan: Job | null;
  /** The running or waiting removal. */
  readonly removal: Job | null;
}

/** What the next scan has to cover: folders relative to the root, or everything. */
type Asked = Set<string> | 'all';

/** Folders whose pictures are in the gallery and stay where they are: never changed, never copied. */
export class Libraries {
  readonly #options: LibrariesOptions;
  readonly #watchers = new Map<number, LibraryWatcher>();
  readonly #asked = new Map<number, Asked>();
  readonly #scans = new Map<number, StartedJob>();
  readonly #removals = new Map<number, StartedJob>();
  /** One after the other: of two for one folder, the second must find the first. */
  readonly #adding = new Serial();
  #timer: NodeJS.Timeout | null = null;
  /** Set by `start`; a short-lived command does not follow changes. */
  #isFollowing = false;
  #closed = false;

  constructor(options: LibrariesOptions) {
    this.#options = options;
  }

  /** Scans every library and starts to follow its changes. */
  async start(): Promise<void> {
    const { rescanMs } = this.#options;
    this.#isFollowing = true;
    for (const library of await this.#catalog.list()) {
      this.#watch(library);
      this.#scanSoon(library.id, 'all');
    }
    if (rescanMs > 0) this.#timer = setInterval(() => this.#scanAll(), rescanMs).unref();
  }

  async states(): Promise<LibraryState[]> {
    return Promise.all((await this.#catalog.list()).map((library) => this.#stateOf(library)));
  }

  /** @throws AppError LIBRARY_NOT_FOUND */
  async state(id: number): Promise<LibraryState> {
    return this.#stateOf(await this.#catalog.byId(id));
  }

  async #stateOf(library: LibraryRow): Promise<LibraryState> {
    const [counts, problem] = await Promise.all([this.#catalog.counts(library.id), rootProblem(library)]);
    const watcher = this.#watchers.get(library.id);
    const jobOf = (started: StartedJob | undefined): Job | null =>
      (started && this.#options.jobs.get(started.job.id)) ?? null;
    return {
      ...library,
      counts,
      problem,
      isWatched: watcher !== undefined && watcher.problem === null,
      scan: jobOf(this.#scans.get(library.id)),
      removal: jobOf(this.#removals.get(library.id)),
    };
  }

  /**
   * Adds a folder and scans it in the background.
   * @throws AppError BAD_USER_INPUT for a name, tags or patterns, and for a folder that is in a library or contains one
   */
  async add({
    root,
    name,
    tags,
    exclude,
  }: AddLibrary): Promise<{ library: LibraryRow; started: StartedJob }> {
    const cleanTags = normalizeTags(tags, 'tags');
    check(exclude.length <= MAX_PATTERNS, 'exclude', `at most ${MAX_PATTERNS} patterns`);
    excludePatterns(exclude); // throws for invalid ones before the job starts
    const cleanName = libraryName(name ?? (basename(root) || root));
    for (const own of this.#options.ownFolders)
      check(!isWithin(root, own), 'path', 'a folder outside the server’s own folders');
    const library = await this.#adding.run(async () => {
      for (const { root: other } of await this.#catalog.list())
        check(
          !isWithin(root, other) && !isWithin(other, root),
          'path',
          'a folder that is not in another library and contains none',
        );
      const marker = await writeMarker(root);
      return this.#catalog.add({ name: cleanName, root, marker, tags: cleanTags, exclude });
    });
    this.#watch(library);
    return { library, started: this.#scan(library.id, 'all') };
  }

  /**
   * Scans a library now, or joins a waiting or running scan.
   * @param adopt accepts the folder as it is now, whatever its marker file says
   * @throws AppError LIBRARY_NOT_FOUND, LIBRARY_UNAVAILABLE
   */
  async scan(id: number, adopt = false): Promise<StartedJob> {
    const { root } = await this.#catalog.byId(id);
    this.#assertStays(id);
    if (adopt) {
      // A missing folder has no marker to accept: the known one identifies the disk once it is back.
      const why = await folderProblem(root);
      if (why !== null) throw new AppError('LIBRARY_UNAVAILABLE', why.message);
      await this.#catalog.setMarker(id, await writeMarker(root));
    }
    const problem = await rootProblem(await this.#catalog.byId(id));
    if (problem !== null) throw new AppError('LIBRARY_UNAVAILABLE', problem.message);
    this.#assertStays(id); // meanwhile someone may have begun to remove it
    return this.#scan(id, 'all');
  }

  #assertStays(id: number): void {
    if (this.#removals.has(id))
      throw new AppError('LIBRARY_NOT_FOUND', 'The library is being removed from the gallery.');
  }

  /**
   * Removes a library from the gallery, in the background, with the pictures that only it has. Its files stay. If it is
   * interrupted, the library still exists, and removing it again continues.
   * @throws AppError LIBRARY_NOT_FOUND
   */
  async remove(id: number): Promise<StartedJob> {
    await this.#catalog.byId(id);
    const running = this.#removals.get(id);
    if (running !== undefined) return running;
    const { jobs } = this.#options;
    const scan = this.#scans.get(id);
    const started = jobs.start('LIBRARY_REMOVAL', async (report) => {
      await scan?.finished;
      await this.#takeOut(id, report);
    });
    this.#removals.set(id, started);
    if (scan !== undefined) jobs.cancel(scan.job.id);
    this.#asked.delete(id);
    const ended = ({ state }: Job): void => {
      this.#removals.delete(id);
      if (state !== 'DONE') this.#scanSoon(id, 'all'); // it still exists, and is followed again
    };
    started.finished.then(ended, (error: unknown) => this.#warn(error));
    await this.#unwatch(id);
    return started;
  }

  async #takeOut(id: number, report: JobReport): Promise<void> {
    const ids = await this.#catalog.onlyHere(id);
    report.total(ids.length);
    for (let start = 0; start < ids.length; start += CHUNK) {
      report.signal.throwIfAborted();
      const removed = await this.#options.ingest.remove(ids.slice(start, start + CHUNK));
      for (const _ of removed) report.added();
    }
    await this.#catalog.remove(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all([...this.#watchers.values()].map((watcher) => watcher.close()));
  }

  get #catalog() {
    return this.#options.catalog.libraries;
  }

  #watch({ id, root }: LibraryRow): void {
    if (!this.#isFollowing || this.#closed || this.#watchers.has(id)) return;
    const { logger } = this.#options;
    const onChange = (folders: ReadonlySet<string>): void => this.#scanSoon(id, new Set(folders));
    this.#watchers.set(id, new LibraryWatcher({ root, logger, onChange }));
  }

  #scanAll(): void {
    this.#catalog.list().then(
      (libraries) => libraries.forEach(({ id }) => this.#scanSoon(id, 'all')),
      (error: unknown) => this.#warn(error),
    );
  }

  /** Starts a scan that nobody waits for. If it cannot start, the next scan covers what was asked. */
  #scanSoon(id: number, asked: Asked): void {
    if (this.#closed || this.#removals.has(id)) return;
    try {
      this.#scan(id, asked);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#options.logger.warn(
      { error: messageOf(error) },
      'a library cannot be scanned now; a later scan makes up for it',
    );
  }

  #scan(id: number, asked: Asked): StartedJob {
    const before = this.#asked.get(id);
    this.#asked.set(id, before === undefined ? asked : union(before, asked));
    const running = this.#scans.get(id);
    if (running !== undefined) return running;
    const started = this.#options.jobs.start('LIBRARY_SCAN', (report) => this.#scanAsked(id, report));
    this.#scans.set(id, started);
    const ended = (): void => {
      this.#scans.delete(id);
      // Requests that arrived while the scan was ending.
      const more = this.#asked.get(id);
      if (more !== undefined) this.#scanSoon(id, more);
    };
    started.finished.then(ended, ended);
    return started;
  }

  async #scanAsked(id: number, report: JobReport): Promise<void> {
    for (let asked; (asked = this.#asked.get(id)) !== undefined;) {
      this.#asked.delete(id);
      const library = await this.#catalog.byId(id);
      try {
        await scanLibrary(this.#options, library, asked === 'all' ? null : asked, report);
      } catch (error) {
        if (error instanceof AppError && error.code === 'LIBRARY_UNAVAILABLE') await this.#unwatch(id);
        throw error;
      }
      if (!this.#removals.has(id)) this.#watch(library); // its disk may be mounted again
    }
  }

  async #unwatch(id: number): Promise<void> {
    const watcher = this.#watchers.get(id);
    this.#watchers.delete(id);
    await watcher?.close();
  }
}

/** Pictures removed per call. */
const CHUNK = Math.min(MAX_IDS, 100);

const union = (a: Asked, b: Asked): Asked => (a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]));

function libraryName(name: string): string {
  assertText(name, 'name');
  const clean = cleanLine(name);
  check(clean !== '' && clean.length <= MAX_LIBRARY_NAME, 'name', `1 to ${MAX_LIBRARY_NAME} characters`);
  return clean;
}
