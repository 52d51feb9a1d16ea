import { randomUUID } from 'node:crypto';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, messageOf } from '../../errors.js';
import type { ByteBudget, LazyBytes } from '../../lib/byte-budget.js';
import { storageFull } from '../../lib/storage-full.js';

/** A file that has arrived whole. */
export interface UploadedFile extends LazyBytes {
  /** Bytes. */
  readonly size: number;
}

export interface SpoolOptions {
  /** Folder of the temporary files. */
  readonly dir: string;
  readonly memory: ByteBudget;
}

/** A file up to this size is kept in memory while there is room, and never touches the disk. */
export const IN_MEMORY_BYTES = 1_000_000;
/** What is collected before it is written: a write for each chunk of the network would be slow. */
const WRITE_BYTES = 512 * 1024;

/** What became of one file part: its bytes in memory, or in a temporary file. */
export class ReceivedFile implements UploadedFile {
  size = 0;
  readonly #options: SpoolOptions;
  #chunks: Buffer[] = [];
  #collected = 0;
  #giveBack: (() => void)[] = [];
  #path: string | null = null;
  #handle: FileHandle | null = null;
  #latest: WeakRef<Uint8Array> | null = null;
  #isDisposed = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  get bytesToHold(): number {
    return this.#path === null ? 0 : this.size;
  }

  /** Reads a part to its end. @throws AppError STORAGE_FULL, STORAGE_FAILED; what the stream fails with */
  async receive(part: Readable): Promise<void> {
    try {
      for await (const chunk of part as AsyncIterable<Buffer>) {
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
    // A copy: a chunk is a view of the socket's buffer, which would stay in memory with it.
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

  /** The same bytes for everybody who asks while anybody still has them. @throws AppError IMAGE_UNREADABLE */
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
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  /** Gives memory and temporary file back. Reading is over once the request is. */
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
