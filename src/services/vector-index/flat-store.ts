import { createRowMemory, ROWS_PER_BLOCK, type RowMemory, rowsPerSegment } from './row-memory.js';
import { productError } from './row-products.js';

const HOLE = -1;

/**
 * All vectors of a space in memory, row by row. Memory grows as it is needed, in segments that are full one after the
 * other; what rows leave behind is used again, and given back when a whole segment is empty.
 *
 * A removed row is filled with the last one, so rows are dense. While somebody holds a pin (a scan that lets others
 * in between), rows must not move, or the scan would miss the moved one: then the row becomes a hole, which new
 * vectors take first, and the last pin to go closes the rest.
 */
export class FlatStore {
  readonly dimension: number;
  /** How far a cosine that `scan` gives may be from the exact one. */
  readonly scanError: number;
  readonly #newSegment: () => RowMemory;
  readonly #segments: RowMemory[] = [];
  readonly #rowsPerSegment: number;
  /** By row; HOLE where nothing is. */
  readonly #labels: number[] = [];
  readonly #rowOf = new Map<number, number>();
  readonly #holes: number[] = [];
  #pins = 0;

  constructor(dimension: number, newSegment = (): RowMemory => createRowMemory(dimension)) {
    this.dimension = dimension;
    this.scanError = productError(dimension);
    this.#newSegment = newSegment;
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

  /** A view, valid until the next removal. */
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

  /** Cosines of a block, in one go, each within `scanError`; null where that is not possible. Valid until the next call. */
  scan(query: Float32Array, block: Uint32Array): Float32Array | null {
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
    this.#makeRoomFor(row);
    this.#viewAt(row).set(vector);
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
    this.#segments.length = 0;
    this.#labels.length = 0;
    this.#holes.length = 0;
    this.#rowOf.clear();
  }

  #segment(row: number): RowMemory {
    return this.#segments[Math.floor(row / this.#rowsPerSegment)]!;
  }

  #makeRoomFor(row: number): void {
    if (row === this.#segments.length * this.#rowsPerSegment) this.#segments.push(this.#newSegment());
    const segment = this.#segment(row);
    if (row % this.#rowsPerSegment === segment.capacity) segment.grow();
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
      this.#viewAt(hole).set(this.#viewAt(last));
      this.#labels[hole] = label;
      this.#rowOf.set(label, hole);
    }
    this.#segments.length = Math.ceil(this.#labels.length / this.#rowsPerSegment);
  }
}
