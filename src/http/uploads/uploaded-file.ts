import { randomUUID } from 'node:crypto';
import { copyFile, open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, messageOf } from '../../errors.js';
import type { ByteBudget, LazyBytes } from '../../lib/byte-budget.js';
import { storageFull } from '../../lib/storage-full.js';

/** A file that has arrived completely. */
export interface UploadedFile extends LazyBytes {
  /** File name given by the client. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Moves it to a path, where it belongs to the caller. @throws AppError STORAGE_FULL, STORAGE_FAILED */
  moveTo(path: string): Promise<void>;
}

export interface SpoolOptions {
  /** Folder of the temporary files. */
  readonly dir: string;
  readonly memory: ByteBudget;
}

export interface ReceiveOptions extends SpoolOptions {
  readonly name: string;
  /** One more byte is kept, to distinguish a file of exactly this size from a longer one. */
  readonly maxBytes: number;
}

/** A file up to this size is kept in memory if there is room, and is not written to disk. */
export const IN_MEMORY_BYTES = 1_000_000;
/** Bytes collected before a write, since writing each network chunk would be slow. */
const WRITE_BYTES = 512 * 1024;

/** One received file part: in memory, or in a temporary file. */
export class ReceivedFile implements UploadedFile {
  size = 0;
  readonly name: string;
  readonly #options: ReceiveOptions;
  #chunks: Buffer[] = [];
  #collected = 0;
  #giveBack: (() => void)[] = [];
  #path: string | null = null;
  #handle: FileHandle | null = null;
  #latest: WeakRef<Uint8Array> | null = null;
  #isDisposed = false;

  constructor(options: ReceiveOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get bytesToHold(): number {
    return this.#path === null ? 0 : this.size;
  }

  /** Reads a part to its end. @throws AppError STORAGE_FULL, STORAGE_FAILED; errors of the stream */
  async receive(part: Readable): Promise<void> {
    try {
      for await (const whole of part as AsyncIterable<Buffer>) {
        const chunk = whole.subarray(0, Math.max(0, this.#options.maxBytes + 1 - this.size));
        if (chunk.byteLength === 0) continue; // discarded, to reach the following parts
        this.size += chunk.byteLength;
        await this.#keep(chunk);
      }
      if (this.#path !== null) await this.#write();
    } finally {
      await this.#handle?.close();
      this.#handle = null;
    }
  }

  async #keep(chunk: Buffer): Promise<void> {
    // A copy, because a chunk is a view of the socket's buffer and would keep it in memory.
    this.#chunks.push(Buffer.from(chunk));
    this.#collected += chunk.byteLength;
    if (this.#path === null) {
      const giveBack =
        this.size <= IN_MEMORY_BYTES ? this.#options.memory.takeArriving(chunk.byteLength) : null;
      if (giveBack !== null) this.#giveBack.push(giveBack);
      else await this.#moveToDisk();
    } else if (this.#collected >= WRITE_BYTES) await this.#write();
  }

  async #moveToDisk(): Promise<void> {
    this.#path = join(this.#options.dir, randomUUID());
    try {
      this.#handle = await open(this.#path, 'wx', 0o600);
    } catch (error) {
      throw storageError(error);
    }
    await this.#write();
    this.#releaseMemory();
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#chunks);
    [this.#chunks, this.#collected] = [[], 0];
    try {
      await this.#handle?.writeFile(bytes);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** The bytes, shared by all callers while one of them still holds them. @throws AppError IMAGE_UNREADABLE */
  async read(): Promise<Uint8Array> {
    const known = this.#latest?.deref();
    if (known !== undefined) return known;
    const bytes = await this.#read();
    this.#latest = new WeakRef(bytes);
    return bytes;
  }

  async #read(): Promise<Uint8Array> {
    if (this.#isDisposed) throw brokenOff();
    if (this.#path !== null) {
      return readFile(this.#path).catch((error: unknown) => {
        throw this.#isDisposed ? brokenOff() : storageError(error);
      });
    }
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  async moveTo(path: string): Promise<void> {
    if (this.#isDisposed) throw brokenOff();
    try {
      const from = this.#path;
      if (from === null) await writeFile(path, await this.#read());
      else
        await rename(from, path).catch(async (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
          await copyFile(from, path);
        });
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Releases memory and temporary file. The file cannot be read after its request has ended. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#chunks = [];
    this.#releaseMemory();
    await this.#handle?.close().catch(() => {});
    if (this.#path !== null) await rm(this.#path, { force: true });
  }

  #releaseMemory(): void {
    for (const giveBack of this.#giveBack) giveBack();
    this.#giveBack = [];
  }
}

const brokenOff = (): AppError => new AppError('IMAGE_UNREADABLE', 'The upload broke off.');

const storageError = (error: unknown): AppError =>
  storageFull(error) ??
  new AppError('STORAGE_FAILED', `An upload could not be kept: ${messageOf(error)}`, { cause: error });
