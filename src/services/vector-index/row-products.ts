import { moduleOf, op } from './wasm-module.js';

/** Bytes that one turn of the inner loop takes: sixteen float32, in four sums of four lanes each. */
export const STEP_BYTES = 64;
export const PAGE_BYTES = 65_536;
/** 256 MiB: far from the 4 GiB where addresses of 32 bits end, and not too much to keep for a few rows. */
export const MAX_PAGES = 4096;

/**
 * Products of rows with a query: addresses of the query, of the first row, of the results (float32, one a row), number
 * of rows (at least 1), and bytes of a row, which is a multiple of `STEP_BYTES`.
 */
export type RowProducts = (
  query: number,
  rows: number,
  results: number,
  count: number,
  bytes: number,
) => void;

function build(): WebAssembly.Module {
  const [query, row, result, count, bytes, at, end] = [0, 1, 2, 3, 4, 5, 6] as const;
  const sums = [7, 8, 9, 10] as const;
  const step = sums.map((sum, i) =>
    op.set(sum, op.add(op.get(sum), op.multiply(op.load(op.get(row), 16 * i), op.load(op.get(at), 16 * i)))),
  );
  const [a, b, c, d] = [op.get(7), op.get(8), op.get(9), op.get(10)] as const;
  const lane = (i: number) => op.lane(a, i);
  const eachRow = [
    ...sums.map((sum) => op.set(sum, op.zero)),
    op.set(at, op.get(query)),
    op.set(end, op.i32Add(op.get(row), op.get(bytes))),
    op.loop(
      [...step, op.advance(at, STEP_BYTES), op.advance(row, STEP_BYTES)],
      op.isLess(op.get(row), op.get(end)),
    ),
    op.set(7, op.add(op.add(a, b), op.add(c, d))),
    op.storeF32(op.get(result), op.f32Add(op.f32Add(lane(0), lane(1)), op.f32Add(lane(2), lane(3)))),
    op.advance(result, 4),
    op.advance(count, -1),
  ];
  const body = [op.loop(eachRow, op.get(count))];
  return new WebAssembly.Module(
    moduleOf({ parameters: 5, locals: { i32: 2, v128: 4 }, body, maxPages: MAX_PAGES }),
  );
}

let module: WebAssembly.Module | undefined;

/** @throws where this Node or processor does not run WebAssembly with SIMD */
export function rowProducts(memory: WebAssembly.Memory): RowProducts {
  module ??= build();
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return run as RowProducts;
}

/**
 * How far a product may be from the one in float64, for unit vectors: each addition rounds by half a unit in the last
 * place of at most 1 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1: n u / (1 - n u) times the
 * sum of the absolute products, which Cauchy and Schwarz bound by the product of the lengths).
 */
export function productError(dimension: number): number {
  const roundings = Math.ceil(dimension / 16) + 8;
  return 1.01 * roundings * 2 ** -24;
}
