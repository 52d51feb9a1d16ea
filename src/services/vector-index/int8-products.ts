import { MAX_PAGES } from './row-products.js';
import { moduleOf, op } from './wasm-module.js';

/** Values that one turn of the inner loop takes: 32 of int8, and as many of int16. */
export const INT8_STEP = 32;

/**
 * Products of int8 rows with an int16 query: addresses of the query, of the first row, of the results (int32, one a row),
 * number of rows (at least 1), and bytes of a row, which is a multiple of `INT8_STEP`.
 */
export type Int8Products = (
  query: number,
  rows: number,
  results: number,
  count: number,
  bytes: number,
) => void;

function build(): WebAssembly.Module {
  const [query, row, result, count, bytes, at, end] = [0, 1, 2, 3, 4, 5, 6] as const;
  const sums = [7, 8, 9, 10] as const;
  const part = (i: number) => op.load(op.get(row), 16 * (i >> 1));
  const wide = (i: number) => (i % 2 === 0 ? op.lowToInt16(part(i)) : op.highToInt16(part(i)));
  const step = sums.map((sum, i) =>
    op.set(sum, op.addInt32(op.get(sum), op.dotInt16(wide(i), op.load(op.get(at), 16 * i)))),
  );
  const [a, b, c, d] = [op.get(7), op.get(8), op.get(9), op.get(10)] as const;
  const lane = (i: number) => op.laneInt32(a, i);
  const eachRow = [
    ...sums.map((sum) => op.set(sum, op.zero)),
    op.set(at, op.get(query)),
    op.set(end, op.i32Add(op.get(row), op.get(bytes))),
    op.loop(
      [...step, op.advance(at, 2 * INT8_STEP), op.advance(row, INT8_STEP)],
      op.isLess(op.get(row), op.get(end)),
    ),
    op.set(7, op.addInt32(op.addInt32(a, b), op.addInt32(c, d))),
    op.storeI32(op.get(result), op.i32Add(op.i32Add(lane(0), lane(1)), op.i32Add(lane(2), lane(3)))),
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
export function int8Products(memory: WebAssembly.Memory): Int8Products {
  module ??= build();
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return run as Int8Products;
}
