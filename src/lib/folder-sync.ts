import { syncDirectory } from './atomic-file.js';

/** Syncs of folders, which those who ask at the same time share. */
export class FolderSync {
  /** By folder: the sync that runs, and the one that begins when it has ended. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Makes renames and unlinks durable that were done before the call. */
  sync(dir: string): Promise<void> {
    const running = this.#running.get(dir);
    if (running === undefined) return this.#begin(dir);
    // It may have begun before what the caller did: the next one counts.
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
