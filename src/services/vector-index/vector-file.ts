import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

/**
 * Rows of float32 on disk, at the speed of the system's page cache: about 2.5 us for a cached row of 768. The file is
 * private (it is unlinked at once if the system allows it) and ends with the process, since its content comes from the
 * catalog.
 *
 * Reads and writes are synchronous, because a search reads about twenty rows in the middle of its work.
 */
export class VectorFile {
  readonly #file: number;
  readonly #dimension: number;

  /** @throws Error of the file system */
  constructor(path: string, dimension: number) {
    this.#file = openSync(path, 'wx+', 0o600);
    this.#dimension = dimension;
    try {
      unlinkSync(path);
    } catch {
      // Goes with the leftovers at the next start.
    }
  }

  /** @throws Error of the file system */
  read(row: number, into: Float32Array): void {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    const start = this.#start(row);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, start + done);
      if (count === 0) throw new Error('The file of vectors ends too early.');
      done += count;
    }
  }

  /** @throws Error of the file system */
  write(row: number, vector: Float32Array): void {
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    const start = this.#start(row);
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#file, bytes, done, bytes.length - done, start + done);
  }

  close(): void {
    closeSync(this.#file);
  }

  #start(row: number): number {
    return row * 4 * this.#dimension;
  }
}
