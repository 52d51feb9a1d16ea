import { productsModule } from './products-module.js';
import { op } from './wasm-module.js';

/** Bytes processed per iteration of the inner loop: sixteen float32, in four sums of four lanes. */
export const STEP_BYTES = 64;
export const PAGE_BYTES = 65_536;

/**
 * Products of rows with a query. Parameters: addresses of the query, the first row and the results (float32, one per row),
 * number of rows (at least 1), and bytes per row, a multiple of `STEP_BYTES`.
 */
export type RowProducts = (
  query: number,
  rows: number,
  results: number,
  count: number,
  bytes: number,
) => void;

function build(): WebAssembly.Module {
  return productsModule({
    addProducts: (sum, i, row, query) =>
      op.add(sum, op.multiply(op.load(row, 16 * i), op.load(query, 16 * i))),
    add: op.add,
    store: (address, sum) =>
      op.storeF32(
        address,
        op.f32Add(op.f32Add(op.lane(sum, 0), op.lane(sum, 1)), op.f32Add(op.lane(sum, 2), op.lane(sum, 3))),
      ),
    rowStep: STEP_BYTES,
    queryStep: STEP_BYTES,
  });
}

let module: WebAssembly.Module | undefined;

/** @throws if this Node or processor does not support WebAssembly with SIMD */
export function rowProducts(memory: WebAssembly.Memory): RowProducts {
  module ??= build();
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return run as RowProducts;
}

/**
 * Largest difference of a product from the one in float64, for unit vectors: each addition rounds by half a unit in the
 * last place of at most 1 (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1: n u / (1 - n u) times
 * the sum of the absolute products, which by Cauchy and Schwarz is at most the product of the lengths).
 */
export function productError(dimension: number): number {
  const roundings = Math.ceil(dimension / 16) + 8;
  return 1.01 * roundings * 2 ** -24;
}
