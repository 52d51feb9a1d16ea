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
  /** With more rows than this, all rows go into a file. */
  readonly memoryRows?: number;
  /** If absent, rows always stay in memory. */
  readonly openFile?: () => VectorFile;
  /** Called when the file cannot be used; all rows are then in memory again. */
  readonly onFileFailure?: (error: unknown) => void;
}

/**
 * All vectors of a space, row by row: in memory, or, when they are many, in a file, with int8 in memory for what scans rule out.
 * Memory grows as it is needed, in segments that are full one after the other; what rows leave behind is used again, and
 * given back when a whole segment is empty.
 *
 * A removed row is filled with the last one, so rows are dense. While somebody holds a pin (a scan that lets others
 * in between), rows must not move, or the scan would miss the moved one: then the row becomes a hole, which new
 * vectors take first, and the last pin to go closes the rest.
 */
export class FlatStore {
  readonly dimension: number;
  readonly #options: FlatStoreOptions;
  #file: VectorFile | null = null;
  #fileFailed = false;
  #segments: RowMemory[] = [];
  readonly #rowsPerSegment: number;
  /** By row; HOLE where nothing is. */
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

  /** Rows to walk over, holes included. */
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

  /** Cosine of the stored vector to the query, or undefined when the label is not here. */
  cosine(label: number, query: Float32Array): number | undefined {
    const row = this.#rowOf.get(label);
    return row === undefined ? undefined : this.cosineAt(row, query);
  }

  cosineAt(row: number, query: Float32Array): number {
    return this.#segment(row).cosine(row % this.#rowsPerSegment, query);
  }

  /** All rows, or those of some labels, in blocks that `scan` takes. Valid until rows move; a block until the next one. */
  *blocks(labels?: Iterable<number>): Generator<Uint32Array> {
    const rows = labels === undefined ? null : this.#rowsOf(labels);
    const block = new Uint32Array(ROWS_PER_BLOCK);
    for (let at = 0; at < (rows?.length ?? this.rowCount);) {
      const end = rows?.length ?? this.rowCount; // rows may come meanwhile
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

  /** Ascending. */
  #rowsOf(labels: Iterable<number>): Uint32Array {
    const rows: number[] = [];
    for (const label of labels) {
      const row = this.#rowOf.get(label);
      if (row !== undefined) rows.push(row);
    }
    return Uint32Array.from(rows).sort();
  }

  /** Rough cosines of a block, in one go; null where that is not possible. */
  scan(query: Float32Array, block: Uint32Array): Products | null {
    const [first] = block;
    if (first === undefined) return null;
    const start = first - (first % this.#rowsPerSegment);
    return this.#segment(first).products(
      query,
      block.map((row) => row - start),
    );
  }

  /** False when the label is there already (it is then left as it is). */
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

  /** Keeps rows where they are until the returned function is called. */
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

  /** The same rows in other segments. */
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
      if (hole > last) continue; // it was one of those just cut off the end
      const label = this.#labels.pop()!;
      this.#put(hole, this.#viewAt(last));
      this.#labels[hole] = label;
      this.#rowOf.set(label, hole);
    }
    this.#segments.length = Math.ceil(this.#labels.length / this.#rowsPerSegment);
  }
}
