import { FileRows } from './file-rows.js';
import {
  createRowMemory,
  type Products,
  ROWS_PER_BLOCK,
  type RowMemory,
  rowsPerSegment,
} from './row-memory.js';
import type { VectorFile } from './vector-file.js';

const HOLE = -1;

export interface FlatStoreOptions {
  readonly newMemory?: () => RowMemory;
  /** With more rows than this, all rows are moved to a file. */
  readonly memoryRows?: number;
  /** If absent, rows always stay in memory. */
  readonly openFile?: () => VectorFile;
  /** Called if the file cannot be used; then all rows are in memory again. */
  readonly onFileFailure?: (error: unknown) => void;
}

/**
 * All vectors of a space, row by row: in memory, or, if there are many, in a file, with int8 copies in memory by which
 * scans rule out most rows. Memory grows in segments that are filled one after the other; freed rows are reused, and an
 * empty segment is released.
 *
 * The last row moves into a removed one, so rows are dense. While rows are pinned (by a scan that yields), they must not
 * move, or the scan would miss the moved one: the removed row becomes a hole, which new vectors fill first, and the
 * release of the last pin closes the remaining holes.
 */
export class FlatStore {
  readonly dimension: number;
  readonly #options: FlatStoreOptions;
  #file: VectorFile | null = null;
  #fileFailed = false;
  #segments: RowMemory[] = [];
  readonly #rowsPerSegment: number;
  /** By row; HOLE for an empty row. */
  readonly #labels: number[] = [];
  readonly #rowOf = new Map<number, number>();
  readonly #holes: number[] = [];
  #pins = 0;

  constructor(dimension: number, options: FlatStoreOptions = {}) {
    this.dimension = dimension;
    this.#options = options;
    this.#rowsPerSegment = rowsPerSegment(dimension);
  }

  get size(): number {
    return this.#rowOf.size;
  }

  /** Number of rows including holes. */
  get rowCount(): number {
    return this.#labels.length;
  }

  has(label: number): boolean {
    return this.#rowOf.has(label);
  }

  labels(): IterableIterator<number> {
    return this.#rowOf.keys();
  }

  /** The label in a row, or undefined for a hole. */
  labelAt(row: number): number | undefined {
    const label = this.#labels[row];
    return label === HOLE ? undefined : label;
  }

  /** A view or a copy, valid until the next removal. */
  view(label: number): Float32Array | undefined {
    const row = this.#rowOf.get(label);
    return row === undefined ? undefined : this.#viewAt(row);
  }

  /** Whether exactly this vector is stored under the label. */
  holds(label: number, vector: Float32Array): boolean {
    const stored = this.view(label);
    if (stored === undefined) return false;
    for (let i = 0; i < stored.length; i++) if (stored[i] !== vector[i]) return false;
    return true;
  }

  /** Cosine of the stored vector and the query; undefined for an unknown label. */
  cosine(label: number, query: Float32Array): number | undefined {
    const row = this.#rowOf.get(label);
    return row === undefined ? undefined : this.cosineAt(row, query);
  }

  cosineAt(row: number, query: Float32Array): number {
    return this.#segment(row).cosine(row % this.#rowsPerSegment, query);
  }

  /** All rows, or those of some labels, in blocks for `scan`. Valid until rows move, and each block until the next one. */
  *blocks(labels?: Iterable<number>): Generator<Uint32Array> {
    const rows = labels === undefined ? null : this.#rowsOf(labels);
    const block = new Uint32Array(ROWS_PER_BLOCK);
    for (let at = 0; at < (rows?.length ?? this.rowCount);) {
      const end = rows?.length ?? this.rowCount; // rows may be added meanwhile
      const first = rows?.[at] ?? at;
      const segmentEnd = (Math.floor(first / this.#rowsPerSegment) + 1) * this.#rowsPerSegment;
      let count = 0;
      for (; count < ROWS_PER_BLOCK && at < end; count++, at++) {
        const row = rows?.[at] ?? at;
        if (row >= segmentEnd) break;
        block[count] = row;
      }
      yield block.subarray(0, count);
    }
  }

  /** Rows of labels, ascending. */
  #rowsOf(labels: Iterable<number>): Uint32Array {
    const rows: number[] = [];
    for (const label of labels) {
      const row = this.#rowOf.get(label);
      if (row !== undefined) rows.push(row);
    }
    return Uint32Array.from(rows).sort();
  }

  /** Approximate cosines of a block, in one call; null if that is not possible. */
  scan(query: Float32Array, block: Uint32Array): Products | null {
    const [first] = block;
    if (first === undefined) return null;
    const start = first - (first % this.#rowsPerSegment);
    return this.#segment(first).products(
      query,
      block.map((row) => row - start),
    );
  }

  /** False if the label exists; its vector is then unchanged. */
  add(label: number, vector: Float32Array): boolean {
    if (this.#rowOf.has(label)) return false;
    const row = this.#holes.pop() ?? this.#labels.length;
    this.#put(row, vector);
    this.#labels[row] = label;
    this.#rowOf.set(label, row);
    return true;
  }

  remove(label: number): boolean {
    const row = this.#rowOf.get(label);
    if (row === undefined) return false;
    this.#rowOf.delete(label);
    this.#labels[row] = HOLE;
    this.#holes.push(row);
    if (this.#pins === 0) this.#closeHoles();
    return true;
  }

  /** Keeps rows in place until the returned function is called. */
  pin(): () => void {
    this.#pins++;
    return () => {
      if (--this.#pins === 0) this.#closeHoles();
    };
  }

  clear(): void {
    this.#file?.close();
    this.#file = null;
    this.#segments.length = 0;
    this.#labels.length = 0;
    this.#holes.length = 0;
    this.#rowOf.clear();
  }

  #segment(row: number): RowMemory {
    return this.#segments[Math.floor(row / this.#rowsPerSegment)]!;
  }

  #put(row: number, vector: Float32Array): void {
    const { memoryRows = Infinity, openFile } = this.#options;
    if (row >= memoryRows && this.#file === null && openFile !== undefined && !this.#fileFailed)
      this.#moveToFile(openFile);
    try {
      this.#putHere(row, vector);
    } catch (error) {
      if (this.#file === null) throw error;
      this.#moveToMemory(error);
      this.#putHere(row, vector);
    }
  }

  #putHere(row: number, vector: Float32Array): void {
    if (row === this.#segments.length * this.#rowsPerSegment)
      this.#segments.push(this.#file === null ? this.#newMemory() : this.#newFileRows(this.#file, row));
    const segment = this.#segment(row);
    if (row % this.#rowsPerSegment === segment.capacity) segment.grow();
    segment.put(row % this.#rowsPerSegment, vector);
  }

  #newMemory(): RowMemory {
    return this.#options.newMemory?.() ?? createRowMemory(this.dimension);
  }

  #newFileRows(file: VectorFile, firstRow: number): RowMemory {
    return new FileRows(file, firstRow, this.dimension);
  }

  #moveToFile(openFile: () => VectorFile): void {
    let file: VectorFile | null = null;
    try {
      const opened = (file = openFile());
      this.#segments = this.#copies((firstRow) => this.#newFileRows(opened, firstRow));
      this.#file = file;
    } catch (error) {
      file?.close();
      this.#fileFailed = true;
      this.#options.onFileFailure?.(error);
    }
  }

  #moveToMemory(reason: unknown): void {
    this.#segments = this.#copies(() => this.#newMemory());
    this.#file?.close();
    this.#file = null;
    this.#fileFailed = true;
    this.#options.onFileFailure?.(reason);
  }

  /** Copies the rows into other segments. */
  #copies(create: (firstRow: number) => RowMemory): RowMemory[] {
    return this.#segments.map((segment, i) => {
      const firstRow = i * this.#rowsPerSegment;
      const copy = create(firstRow);
      for (let row = 0; row < Math.min(this.#rowsPerSegment, this.rowCount - firstRow); row++) {
        if (row === copy.capacity) copy.grow();
        copy.put(row, segment.view(row));
      }
      return copy;
    });
  }

  #viewAt(row: number): Float32Array {
    return this.#segment(row).view(row % this.#rowsPerSegment);
  }

  #closeHoles(): void {
    for (const hole of this.#holes.splice(0)) {
      while (this.#labels.at(-1) === HOLE) this.#labels.pop();
      const last = this.#labels.length - 1;
      if (hole > last) continue; // it was just cut off at the end
      const label = this.#labels.pop()!;
      this.#put(hole, this.#viewAt(last));
      this.#labels[hole] = label;
      this.#rowOf.set(label, hole);
    }
    this.#segments.length = Math.ceil(this.#labels.length / this.#rowsPerSegment);
  }
}
