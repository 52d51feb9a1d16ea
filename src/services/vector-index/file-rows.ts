import { cosineAt } from './cosine.js';
import { INT8_STEP, type Int8Products, int8Products } from './int8-products.js';
import {
  type Products,
  ROWS_PER_BLOCK,
  ROWS_PER_GROWTH,
  type RowMemory,
  rowsPerSegment,
} from './row-memory.js';
import { MAX_PAGES } from './products-module.js';
import { PAGE_BYTES } from './row-products.js';
import type { VectorFile } from './vector-file.js';

const MAX_INT8 = 127;
/** In addition to the rounding to integers: float32 results, and sums in float64. */
const SLACK = 1e-6;

/**
 * Rows in a file; in memory only what a scan needs: the values as int8, a scale and an error per row.
 *
 * With x = s x8 + e and q = t q16 + f, the product x q differs from s t (x8 q16), which is computed in integers, by
 * e q + s x8 f: by Cauchy and Schwarz at most |e| |q| + |s x8| |f|. The lengths are known exactly.
 */
export class FileRows implements RowMemory {
  readonly #file: VectorFile;
  readonly #firstRow: number;
  readonly #dimension: number;
  readonly #rowBytes: number;
  readonly #headBytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #multiply: Int8Products;
  readonly #row: Float32Array;
  readonly #products: Products;
  #bytes: Int8Array;
  /** By row: the scale, and the length of the remainder that the integers do not represent. */
  #scales = new Float32Array(0);
  #errors = new Float32Array(0);

  /** @param firstRow in the file. @throws if WebAssembly cannot be used */
  constructor(file: VectorFile, firstRow: number, dimension: number) {
    this.#file = file;
    this.#firstRow = firstRow;
    this.#dimension = dimension;
    this.#rowBytes = Math.ceil(dimension / INT8_STEP) * INT8_STEP;
    this.#headBytes = 2 * this.#rowBytes + 4 * ROWS_PER_BLOCK;
    const initial = Math.ceil(this.#headBytes / PAGE_BYTES);
    this.#memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true });
    this.#multiply = int8Products(this.#memory);
    this.#bytes = new Int8Array(this.#memory.buffer);
    this.#row = new Float32Array(dimension);
    this.#products = { cosines: new Float32Array(ROWS_PER_BLOCK), errors: new Float32Array(ROWS_PER_BLOCK) };
  }

  get capacity(): number {
    return this.#scales.length;
  }

  grow(): void {
    const rows = Math.min(this.capacity + ROWS_PER_GROWTH, rowsPerSegment(this.#dimension));
    const pages = Math.ceil((this.#headBytes + rows * this.#rowBytes) / PAGE_BYTES);
    this.#memory.grow(pages - this.#bytes.length / PAGE_BYTES);
    this.#bytes = new Int8Array(this.#memory.buffer);
    this.#scales = lengthened(this.#scales, rows);
    this.#errors = lengthened(this.#errors, rows);
  }

  put(row: number, vector: Float32Array): void {
    this.#file.write(this.#firstRow + row, vector);
    const start = this.#headBytes + row * this.#rowBytes;
    const scale = Math.fround(largest(vector) / MAX_INT8) || 1;
    let squares = 0;
    for (let i = 0; i < vector.length; i++) {
      const value = Math.max(-MAX_INT8, Math.min(MAX_INT8, Math.round(vector[i]! / scale)));
      this.#bytes[start + i] = value;
      squares += (vector[i]! - scale * value) ** 2;
    }
    this.#scales[row] = scale;
    this.#errors[row] = Math.sqrt(squares);
  }

  view(row: number): Float32Array {
    const vector = new Float32Array(this.#dimension);
    this.#file.read(this.#firstRow + row, vector);
    return vector;
  }

  cosine(row: number, query: Float32Array): number {
    this.#file.read(this.#firstRow + row, this.#row);
    return cosineAt(this.#row, 0, query);
  }

  products(query: Float32Array, rows: Uint32Array): Products {
    const { scale, length, error } = this.#putQuery(query);
    const results = 2 * this.#rowBytes;
    for (let i = 0; i < rows.length;) {
      let next = i + 1;
      while (next < rows.length && rows[next] === rows[next - 1]! + 1) next++;
      const first = this.#headBytes + rows[i]! * this.#rowBytes;
      this.#multiply(0, first, results + 4 * i, next - i, this.#rowBytes);
      i = next;
    }
    const sums = new Int32Array(this.#memory.buffer, results, rows.length);
    const { cosines, errors } = this.#products;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const rowError = this.#errors[row]!;
      cosines[i] = sums[i]! * this.#scales[row]! * scale;
      // |s x8| is at most |x| + |e|, and a vector's length is 1 within UNIT_LENGTH_TOLERANCE.
      errors[i] = 1.0001 * rowError * length + (1.01 + rowError) * error + SLACK;
    }
    return this.#products;
  }

  /** Stores the query as int16, scaled so that no sum of products overflows int32: by Cauchy and Schwarz none exceeds dimension * 127 * largest. */
  #putQuery(query: Float32Array): { scale: number; length: number; error: number } {
    const most = Math.min(32_767, Math.floor((2 ** 31 - 1) / (MAX_INT8 * this.#dimension)));
    const scale = largest(query) / most || 1;
    const values = new Int16Array(this.#memory.buffer, 0, query.length); // padded with zeros like the rows
    let [squares, lost] = [0, 0];
    for (let i = 0; i < query.length; i++) {
      const value = Math.round(query[i]! / scale);
      values[i] = value;
      squares += query[i]! ** 2;
      lost += (query[i]! - scale * value) ** 2;
    }
    return { scale, length: Math.sqrt(squares), error: Math.sqrt(lost) };
  }
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let i = 0; i < vector.length; i++) most = Math.max(most, Math.abs(vector[i]!));
  return most;
}

function lengthened(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}
