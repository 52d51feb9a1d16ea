import { watch, type FSWatcher } from 'chokidar';
import { basename, dirname } from 'node:path';
import { messageOf } from '../../errors.js';
import { slashPath } from '../../lib/slash-path.js';
import type { Logger } from '../../logger.js';
import { isSystemFolder } from '../gallery/import/exclusions.js';
import { isWithin } from '../gallery/import/read-picture.js';

/** Changes are handled after this quiet time, so that copying many files causes one scan. */
const QUIET_MS = 1000;
/** Longest wait if changes never stop. */
const LONGEST_MS = 10_000;

export interface LibraryWatcherOptions {
  readonly root: string;
  readonly logger: Logger;
  /** Folders in which something changed, relative to the root. */
  readonly onChange: (folders: ReadonlySet<string>) => void;
}

/** Watches a folder and everything below it. If the system cannot watch it, only periodic scans find changes. */
export class LibraryWatcher {
  readonly #options: LibraryWatcherOptions;
  readonly #watcher: FSWatcher;
  #folders = new Set<string>();
  #firstAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #problem: string | null = null;

  constructor(options: LibraryWatcherOptions) {
    this.#options = options;
    const { root } = options;
    this.#watcher = watch(root, {
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      ignored: (path) => path !== root && (basename(path).startsWith('.') || isSystemFolder(basename(path))),
    });
    this.#watcher.on('all', (event, path) => {
      this.#note(dirname(path));
      if (event === 'unlinkDir' || event === 'addDir') this.#note(path);
    });
    this.#watcher.on('error', (error) => {
      this.#problem = messageOf(error);
      options.logger.warn(
        { folder: root, error: this.#problem },
        'changes in the folder of a library are not noticed at once; only scans find them',
      );
    });
  }

  /** Why changes are not noticed at once; null if they are. */
  get problem(): string | null {
    return this.#problem;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #note(folder: string): void {
    const { root } = this.#options;
    if (!isWithin(folder, root)) return; // the root itself appeared or disappeared
    const now = performance.now();
    if (this.#folders.size === 0) this.#firstAt = now;
    this.#folders.add(slashPath(root, folder));
    if (this.#timer !== null) clearTimeout(this.#timer);
    const rest = Math.max(0, LONGEST_MS - (now - this.#firstAt));
    this.#timer = setTimeout(() => this.#tell(), Math.min(QUIET_MS, rest));
  }

  #tell(): void {
    this.#timer = null;
    const folders = this.#folders;
    this.#folders = new Set();
    this.#options.onChange(folders);
  }
}
