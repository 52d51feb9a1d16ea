import { AppError } from '../../errors.js';
import { storageError } from './storage-error.js';

/** Runs the calls to one catalog: refuses them once it is closed, closes after the last one, and turns failures into AppErrors. */
export class CatalogCalls {
  readonly #path: string;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  /** @param path of the database, for messages */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws AppError SHUTTING_DOWN after `close`; STORAGE_FAILED and the like of the task */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== null) throw new AppError('SHUTTING_DOWN', 'The catalog is closed.');
    const running = task();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw storageError(error, this.#path);
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Like `run`, for each page of a listing. */
  async *pages<Item>(pages: AsyncGenerator<Item[]>): AsyncGenerator<Item[]> {
    try {
      for (let page; !(page = await this.run(() => pages.next())).done;) yield page.value;
    } finally {
      await pages.return(undefined);
    }
  }

  /** Runs `end` after the last call has ended; only once, however often it is called. */
  close(end: () => Promise<void>): Promise<void> {
    return (this.#closing ??= Promise.allSettled(this.#underWay).then(end));
  }
}
