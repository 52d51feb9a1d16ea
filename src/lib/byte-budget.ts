import { AppError } from '../errors.js';
import { onAbort } from './on-abort.js';

/** A file that is not, or not yet, in memory. */
export interface LazyBytes {
  /** Bytes that reading it adds to the memory in use; 0 if it is already in memory. */
  readonly bytesToHold: number;
  read(): Promise<Uint8Array>;
}

/** The limit of one holder and its queue of waiting requests, in order. */
class Line {
  readonly limit: number;
  #held = 0;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** If nothing else is held, anything is admitted: a single file above the limit must not wait forever. */
  tryEnter(bytes: number, limit = this.limit): boolean {
    if (this.#held > 0 && this.#held + bytes > limit) return false;
    this.#held += bytes;
    return true;
  }

  /** @throws the signal's reason if it is aborted while waiting */
  async enter(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.tryEnter(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      const entry = {
        bytes,
        enter: () => {
          stopWaiting?.();
          resolve();
        },
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        this.#admit(); // those behind it may be smaller
        reject(signal?.reason as Error);
      };
      const stopWaiting = signal && onAbort(signal, giveUp);
      this.#waiting.push(entry);
    });
  }

  leave(bytes: number): void {
    this.#held -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (let first; (first = this.#waiting[0]) !== undefined && this.tryEnter(first.bytes);) {
      this.#waiting.shift();
      first.enter();
    }
  }
}

/** Share of the budget that one request may hold at a time. */
const PART_OF_REQUEST = 1 / 4;
/** Share of the budget that all background work may hold at a time; the rest is for requests. */
const PART_OF_BACKGROUND = 1 / 2;
/** Share of the budget for files that are still arriving, since a slow client holds its part for a long time. */
const PART_OF_ARRIVING = 1 / 2;
const RETRY_AFTER_MS = 1000;

/**
 * Limits the bytes of all files in memory, waiting for a worker or in one. What does not fit is refused at once, or
 * waits if it is background work; it is not read before there is room.
 */
export class ByteBudget {
  readonly #line: Line;
  /** For all work in the background together; it can always wait. */
  readonly background: ByteShare;

  constructor(limit: number) {
    this.#line = new Line(limit);
    this.background = new ByteShare(new Line(limit * PART_OF_BACKGROUND), (bytes, signal) =>
      this.wait(bytes, signal),
    );
  }

  /** Bytes held now. */
  get held(): number {
    return this.#line.held;
  }

  /** @returns a function that gives the bytes back once; null if there is no room for more arriving files */
  takeArriving(bytes: number): (() => void) | null {
    if (!this.#line.tryEnter(bytes, this.#line.limit * PART_OF_ARRIVING)) return null;
    return this.#giveBack(bytes);
  }

  /** @throws AppError SERVER_BUSY if there is no room */
  take(bytes: number): () => void {
    if (!this.#line.tryEnter(bytes)) {
      throw new AppError('SERVER_BUSY', 'Waiting pictures use all the memory reserved for them.', {
        details: { retryAfterMs: RETRY_AFTER_MS },
      });
    }
    return this.#giveBack(bytes);
  }

  /** As `take`, but waits for room. @throws the signal's reason */
  async wait(bytes: number, signal?: AbortSignal): Promise<() => void> {
    await this.#line.enter(bytes, signal);
    return this.#giveBack(bytes);
  }

  /** For one request: above its share its files wait for each other, above the whole budget they are refused. */
  forRequest(): ByteShare {
    return new ByteShare(new Line(this.#line.limit * PART_OF_REQUEST), async (bytes) => this.take(bytes));
  }

  #giveBack(bytes: number): () => void {
    let isHeld = true;
    return () => {
      if (isHeld) this.#line.leave(bytes);
      isHeld = false;
    };
  }
}

export type { ByteShare };

/** The share of a budget for one request or for background work. */
class ByteShare {
  readonly #line: Line;
  readonly #take: (bytes: number, signal: AbortSignal | undefined) => Promise<() => void>;

  constructor(line: Line, take: (bytes: number, signal: AbortSignal | undefined) => Promise<() => void>) {
    this.#line = line;
    this.#take = take;
  }

  /**
   * Runs `task` with room for `bytes`. Must not be called within such a task, since both could wait forever.
   * @throws AppError SERVER_BUSY; the signal's reason
   */
  async hold<Result>(bytes: number, task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (bytes === 0) return task();
    await this.#line.enter(bytes, signal);
    try {
      const giveBack = await this.#take(bytes, signal);
      try {
        return await task();
      } finally {
        giveBack();
      }
    } finally {
      this.#line.leave(bytes);
    }
  }

  /** Waits for room for all files, reads them, and runs `task` with their bytes. @throws as `hold` and `read` */
  async use<const Files extends readonly LazyBytes[], Result>(
    files: Files,
    task: (...bytes: { [Index in keyof Files]: Uint8Array }) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const bytes = files.reduce((sum, { bytesToHold }) => sum + bytesToHold, 0);
    return this.hold(
      bytes,
      async () => {
        const all = await Promise.all(files.map((file) => file.read()));
        return task(...(all as { [Index in keyof Files]: Uint8Array }));
      },
      signal,
    );
  }
}

/** Bytes that are already in memory. */
export const inMemory = (bytes: Uint8Array): LazyBytes => ({
  bytesToHold: 0,
  read: () => Promise.resolve(bytes),
});
