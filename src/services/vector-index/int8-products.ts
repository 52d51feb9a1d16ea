import { productsModule } from './products-module.js';
import { op } from './wasm-module.js';

/** Values processed per iteration of the inner loop: 32 of int8, and as many of int16. */
export const INT8_STEP = 32;

/**
 * Products of int8 rows with an int16 query. Parameters: addresses of the query, the first row and the results (int32, one
 * per row), number of rows (at least 1), and bytes per row, a multiple of `INT8_STEP`.
 */
export type Int8Products = (
  query: number,
  rows: number,
  results: number,
  count: number,
  bytes: number,
) => void;

const lane = op.laneInt32;

function build(): WebAssembly.Module {
  return productsModule({
    addProducts: (sum, i, row, query) => {
      const part = op.load(row, 16 * (i >> 1));
      const wide = i % 2 === 0 ? op.lowToInt16(part) : op.highToInt16(part);
      return op.addInt32(sum, op.dotInt16(wide, op.load(query, 16 * i)));
    },
    add: op.addInt32,
    store: (address, sum) =>
      op.storeI32(
        address,
        op.i32Add(op.i32Add(lane(sum, 0), lane(sum, 1)), op.i32Add(lane(sum, 2), lane(sum, 3))),
      ),
    rowStep: INT8_STEP,
    queryStep: 2 * INT8_STEP,
  });
}

let module: WebAssembly.Module | undefined;

/** @throws if this Node or processor does not support WebAssembly with SIMD */
export function int8Products(memory: WebAssembly.Memory): Int8Products {
  module ??= build();
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return run as Int8Products;
}
