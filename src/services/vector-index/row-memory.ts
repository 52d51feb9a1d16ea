import { MAX_PAGES } from './products-module.js';
import { cosineAt } from './cosine.js';
import { PAGE_BYTES, productError, type RowProducts, rowProducts, STEP_BYTES } from './row-products.js';

/** Maximum number of rows multiplied in one call. */
export const ROWS_PER_BLOCK = 256;
/** Memory grows by this many rows at a time. */
export const ROWS_PER_GROWTH = 1024;

/** Products of some rows with a query; valid until the next ones are computed. */
export interface Products {
  /** May slightly exceed -1..1. */
  readonly cosines: Float32Array;
  /** Largest difference of each from the exact cosine. */
  readonly errors: Float32Array;
}

/** Some rows of float32. Views stay valid when it grows. */
export interface RowMemory {
  /** Number of rows that fit. */
  readonly capacity: number;
  /** Increases the capacity, up to `rowsPerSegment`. */
  grow(): void;
  /** @throws Error if rows are in a file that cannot be written */
  put(row: number, vector: Float32Array): void;
  /** A view of a row, or a copy. */
  view(row: number): Float32Array;
  /** Exact cosine of a row and a query, as from `cosineAt`. */
  cosine(row: number, query: Float32Array): number;
  /** Products of up to `ROWS_PER_BLOCK` rows, ascending. Null without WebAssembly. */
  products(query: Float32Array, rows: Uint32Array): Products | null;
}

const rowBytesOf = (dimension: number): number => Math.ceil((4 * dimension) / STEP_BYTES) * STEP_BYTES;
/** Bytes before the rows, for the query and the products. */
const headBytesOf = (dimension: number): number => rowBytesOf(dimension) + 4 * ROWS_PER_BLOCK;

/** Rows of a full segment, a multiple of the block size. */
export function rowsPerSegment(dimension: number): number {
  const room = MAX_PAGES * PAGE_BYTES - headBytesOf(dimension);
  return Math.floor(room / rowBytesOf(dimension) / ROWS_PER_BLOCK) * ROWS_PER_BLOCK;
}

export function createRowMemory(dimension: number): RowMemory {
  try {
    return new WasmRows(dimension);
  } catch {
    return new PlainRows(dimension); // no WebAssembly, or no address space for another memory
  }
}

/**
 * Rows in the memory of WebAssembly, the only one that its instructions can read. It is shared, so that growing does not
 * detach existing views.
 */
class WasmRows implements RowMemory {
  readonly #dimension: number;
  readonly #rowBytes: number;
  readonly #headBytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #multiply: RowProducts;
  readonly #errors: Float32Array;
  #values: Float32Array;

  /** @throws if WebAssembly cannot be used */
  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#rowBytes = rowBytesOf(dimension);
    this.#headBytes = headBytesOf(dimension);
    const initial = Math.ceil(this.#headBytes / PAGE_BYTES);
    this.#memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true });
    this.#multiply = rowProducts(this.#memory);
    this.#values = new Float32Array(this.#memory.buffer);
    this.#errors = new Float32Array(ROWS_PER_BLOCK).fill(productError(dimension));
  }

  get capacity(): number {
    const rows = Math.floor((this.#values.byteLength - this.#headBytes) / this.#rowBytes);
    return Math.min(rows, rowsPerSegment(this.#dimension));
  }

  grow(): void {
    const wanted = Math.ceil((ROWS_PER_GROWTH * this.#rowBytes) / PAGE_BYTES);
    this.#memory.grow(Math.min(wanted, MAX_PAGES - this.#values.byteLength / PAGE_BYTES));
    this.#values = new Float32Array(this.#memory.buffer);
  }

  put(row: number, vector: Float32Array): void {
    this.view(row).set(vector);
  }

  view(row: number): Float32Array {
    const start = this.#start(row);
    return this.#values.subarray(start, start + this.#dimension);
  }

  cosine(row: number, query: Float32Array): number {
    return cosineAt(this.#values, this.#start(row), query);
  }

  products(query: Float32Array, rows: Uint32Array): Products {
    this.#values.set(query); // padded with zeros like the rows
    const results = this.#rowBytes;
    for (let i = 0; i < rows.length;) {
      let next = i + 1;
      while (next < rows.length && rows[next] === rows[next - 1]! + 1) next++;
      this.#multiply(0, 4 * this.#start(rows[i]!), results + 4 * i, next - i, this.#rowBytes);
      i = next;
    }
    const cosines = this.#values.subarray(results / 4, results / 4 + rows.length);
    return { cosines, errors: this.#errors };
  }

  /** Start of a row, in float32 values. */
  #start(row: number): number {
    return (this.#headBytes + row * this.#rowBytes) / 4;
  }
}

/** The same, slower, without WebAssembly with SIMD. */
export class PlainRows implements RowMemory {
  readonly #dimension: number;
  readonly #pages: Float32Array[] = [];

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  get capacity(): number {
    return Math.min(this.#pages.length * ROWS_PER_GROWTH, rowsPerSegment(this.#dimension));
  }

  grow(): void {
    this.#pages.push(new Float32Array(ROWS_PER_GROWTH * this.#dimension));
  }

  put(row: number, vector: Float32Array): void {
    this.view(row).set(vector);
  }

  view(row: number): Float32Array {
    const start = (row % ROWS_PER_GROWTH) * this.#dimension;
    return this.#page(row).subarray(start, start + this.#dimension);
  }

  cosine(row: number, query: Float32Array): number {
    return cosineAt(this.#page(row), (row % ROWS_PER_GROWTH) * this.#dimension, query);
  }

  products(): null {
    return null;
  }

  #page(row: number): Float32Array {
    return this.#pages[Math.floor(row / ROWS_PER_GROWTH)]!;
  }
}
