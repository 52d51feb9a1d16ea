import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../errors.js';

/** A multiple of 64, as the format requires; long enough for any shape that can occur. */
export const NPY_HEADER_BYTES = 128;

/**
 * The header of a NumPy file, format version 1.0 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 * magic, version, length of the rest as uint16, a Python dict padded with spaces, a line feed.
 * @param shape of a C-ordered little-endian float32 array
 */
export function npyHeader(shape: readonly [rows: number, columns: number]): Buffer {
  const header = Buffer.alloc(NPY_HEADER_BYTES, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(NPY_HEADER_BYTES - 10, 8);
  header.write(
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape[0]}, ${shape[1]}), }`,
    10,
    'latin1',
  );
  header.write('\n', NPY_HEADER_BYTES - 1, 'latin1');
  return header;
}

/** Writes rows of float32 to a .npy file page by page; how many there are is known at the end and written last. */
export class NpyWriter {
  readonly #file: FileHandle;
  readonly #columns: number;
  #rows = 0;

  private constructor(file: FileHandle, columns: number) {
    this.#file = file;
    this.#columns = columns;
  }

  static async begin(file: FileHandle, columns: number): Promise<NpyWriter> {
    await file.writeFile(npyHeader([0, columns]));
    return new NpyWriter(file, columns);
  }

  /** @throws AppError STORAGE_FAILED when a row is not as long as the others */
  async append(rows: readonly Float32Array[]): Promise<void> {
    const page = new Float32Array(rows.length * this.#columns);
    rows.forEach((row, i) => {
      if (row.length !== this.#columns) {
        throw new AppError(
          'STORAGE_FAILED',
          `A vector of the catalog has ${row.length} components instead of ${this.#columns}.`,
        );
      }
      page.set(row, i * this.#columns);
    });
    // Little-endian, like every platform that our native packages support.
    await this.#file.writeFile(new Uint8Array(page.buffer));
    this.#rows += rows.length;
  }

  /** Writes the final header; returns the number of rows. */
  async end(): Promise<number> {
    await this.#file.write(npyHeader([this.#rows, this.#columns]), 0, NPY_HEADER_BYTES, 0);
    return this.#rows;
  }
}
