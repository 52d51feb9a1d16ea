import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { cosineAt } from '../../../src/services/vector-index/cosine.js';
import { ExactSearch } from '../../../src/services/vector-index/exact-search.js';
import { FileRows } from '../../../src/services/vector-index/file-rows.js';
import { FlatStore } from '../../../src/services/vector-index/flat-store.js';
import {
  createRowMemory,
  PlainRows,
  ROWS_PER_BLOCK,
  type RowMemory,
  rowsPerSegment,
} from '../../../src/services/vector-index/row-memory.js';
import { VectorFile } from '../../../src/services/vector-index/vector-file.js';
import { temporaryDir } from '../../helpers/temporary-dir.js';
import { clustered, labelsOf, randomVector, seededRandom, unit } from './support.js';

const MEMORIES = [
  { name: 'WebAssembly', create: createRowMemory },
  { name: 'plain', create: (dimension: number): RowMemory => new PlainRows(dimension) },
  {
    name: 'a file and int8',
    create: (dimension: number): RowMemory => new FileRows(openFile(dimension), 3, dimension),
  },
];

/** Compared outside of `expect`, which takes most of a minute for as many numbers. */
const sameVector = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

const rowsWhere = (
  vectors: readonly Float32Array[],
  differs: (vector: Float32Array, row: number) => boolean,
): number[] => [...vectors.keys()].filter((row) => differs(vectors[row]!, row));

let folder: string;
let files: VectorFile[] = [];

function openFile(dimension: number): VectorFile {
  const file = new VectorFile(join(folder, `vectors-${files.length}`), dimension);
  files.push(file);
  return file;
}

beforeEach(async () => {
  folder = await temporaryDir();
});

afterEach(() => {
  for (const file of files) file.close();
  files = [];
});

describe.each(MEMORIES)('rows in $name', ({ name, create }) => {
  test('are what was put there, whatever their length, and views outlast growing', () => {
    const random = seededRandom(61);
    for (const dimension of [1, 3, 15, 16, 17, 100, 384, 768]) {
      const memory = create(dimension);
      expect(memory.capacity).toBeLessThan(2_000);
      memory.grow();
      const vectors = Array.from({ length: memory.capacity }, () => randomVector(random, dimension));
      vectors.forEach((vector, row) => memory.put(row, vector));
      const first = memory.view(0);
      const before = memory.capacity;
      memory.grow();
      expect(memory.capacity).toBeGreaterThan(before);
      expect(Float32Array.from(first)).toEqual(vectors[0]);
      expect(rowsWhere(vectors, (vector, row) => !sameVector(memory.view(row), vector))).toEqual([]);
      const query = randomVector(random, dimension);
      expect(
        rowsWhere(vectors, (vector, row) => memory.cosine(row, query) !== cosineAt(vector, 0, query)),
      ).toEqual([]);
    }
  });

  test('products are there with WebAssembly, and as near to the exact ones as is said', () => {
    const random = seededRandom(62);
    for (const dimension of [1, 3, 15, 16, 17, 100, 768, 1_536]) {
      const memory = create(dimension);
      memory.grow();
      const count = Math.min(ROWS_PER_BLOCK, 50);
      // The worst case for rounding is all of one sign; and a long query must not stay behind a short one.
      const vectors = Array.from({ length: count }, (_, i) =>
        i % 2 === 0 ? randomVector(random, dimension) : unit(Array.from({ length: dimension }, random)),
      );
      // Some side by side, some apart.
      const rows = Uint32Array.from(vectors, (_, i) => (i < 20 ? 7 + i : 50 + 3 * i));
      vectors.forEach((vector, i) => memory.put(rows[i]!, vector));
      for (const query of [vectors[1]!, randomVector(random, dimension), vectors[0]!]) {
        const products = memory.products(query, rows);
        expect(products === null).toBe(name === 'plain');
        vectors.forEach((vector, i) => {
          if (products === null) return;
          const exact = vector.reduce((sum, value, at) => sum + value * query[at]!, 0);
          const error = products.errors[i]!;
          expect(Math.abs(products.cosines[i]! - exact)).toBeLessThanOrEqual(error);
          expect(error).toBeLessThan(name === 'WebAssembly' ? 1e-4 : 0.02);
        });
      }
    }
  });

  test('a search over them is exact, also among vectors that differ by less than products do', async () => {
    const random = seededRandom(63);
    const entries = clustered(3_000, 64, { dimension: 40 });
    const centre = entries[0]!.vector;
    for (let label = 5_000; label < 6_000; label++) {
      const vector = unit(centre.map((value) => value * (1 + 2e-7 * (random() - 0.5))));
      entries.push({ label, vector });
    }
    const store = new FlatStore(40, { newMemory: () => create(40) });
    for (const { label, vector } of entries) store.add(label, vector);
    const search = new ExactSearch(store, Infinity);
    for (const query of [centre, entries[3_500]!.vector, randomVector(random, 40)]) {
      const exact = entries
        .map(({ label, vector }) => ({ label, cosine: cosineAt(vector, 0, query) }))
        .sort((a, b) => b.cosine - a.cosine || a.label - b.label);
      for (const k of [1, 10, 700, 4_000]) expect(await search.nearest(query, k)).toEqual(exact.slice(0, k));
      for (const { cosine } of [exact[0]!, exact[10]!, exact[999]!, exact[2_000]!]) {
        const expected = exact.filter((other) => other.cosine >= cosine).length;
        expect(await search.countAbove(query, cosine)).toBe(expected);
      }
    }
  });
});

describe.each(MEMORIES.slice(0, 2))('many rows in $name', ({ create }) => {
  test('a store goes on in another segment when one is full, and gives an empty one back', async () => {
    const dimension = 8_192; // few rows fill a segment
    const perSegment = rowsPerSegment(dimension);
    const count = perSegment + 300;
    const store = new FlatStore(dimension, { newMemory: () => create(dimension) });
    const vector = (label: number): Float32Array => {
      const values = new Float32Array(dimension);
      values[label % dimension] = label < dimension ? 1 : -1;
      return values;
    };
    for (let label = 0; label < count; label++) store.add(label, vector(label));
    const search = new ExactSearch(store, Infinity);
    for (const label of [0, perSegment - 1, perSegment, count - 1])
      expect(labelsOf(await search.nearest(vector(label), 1))).toEqual([label]);
    for (let label = 200; label < count; label++) store.remove(label);
    expect(store.rowCount).toBe(200);
    expect(labelsOf(await search.nearest(vector(199), 1))).toEqual([199]);
  });
});
