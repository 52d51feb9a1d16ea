import { syncDirectory } from './atomic-file.js';

/** Syncs folders; concurrent requests share a sync. */
export class FolderSync {
  /** By folder: the running sync, and the one that starts after it. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Makes earlier renames and unlinks durable. */
  sync(dir: string): Promise<void> {
    const running = this.#running.get(dir);
    if (running === undefined) return this.#begin(dir);
    // The running sync may have started before the caller's change, so only the next one counts.
    let next = this.#next.get(dir);
    if (next === undefined) {
      const begin = (): Promise<void> => {
        this.#next.delete(dir);
        return this.#begin(dir);
      };
      this.#next.set(dir, (next = running.then(begin, begin)));
    }
    return next;
  }

  #begin(dir: string): Promise<void> {
    const sync = syncDirectory(dir).finally(() => {
      if (this.#running.get(dir) === sync) this.#running.delete(dir);
    });
    this.#running.set(dir, sync);
    return sync;
  }
}
