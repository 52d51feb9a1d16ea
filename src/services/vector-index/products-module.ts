import { moduleOf, op } from './wasm-module.js';

/** 256 MiB: far below the 4 GiB limit of 32-bit addresses, and not too much for a few rows. */
export const MAX_PAGES = 4096;

/** Code of the WebAssembly module, from `op`. */
type Code = ReturnType<typeof op.get>;

/** What differs between products of different number types. */
export interface ProductsOptions {
  /** Adds to `sum` the products of the `i`th 16 bytes of the query (at address `query`) and of the row. */
  readonly addProducts: (sum: Code, i: number, row: Code, query: Code) => Code;
  /** Adds two sums, lane by lane. */
  readonly add: (a: Code, b: Code) => Code;
  /** Stores the sum of the four lanes of `sum` at an address. */
  readonly store: (address: Code, sum: Code) => Code;
  /** Bytes of the row, and of the query, processed per iteration of the inner loop. */
  readonly rowStep: number;
  readonly queryStep: number;
}

/**
 * A module whose `run` multiplies rows with a query. Parameters: addresses of the query, the first row and the results (four
 * bytes per row), number of rows (at least 1), and bytes per row, a multiple of `rowStep`. It keeps four sums of four lanes.
 */
export function productsModule({
  addProducts,
  add,
  store,
  rowStep,
  queryStep,
}: ProductsOptions): WebAssembly.Module {
  const [query, row, result, count, bytes, at, end] = [0, 1, 2, 3, 4, 5, 6] as const;
  const sums = [7, 8, 9, 10] as const;
  const step = sums.map((sum, i) => op.set(sum, addProducts(op.get(sum), i, op.get(row), op.get(at))));
  const [a, b, c, d] = [op.get(7), op.get(8), op.get(9), op.get(10)] as const;
  const eachRow = [
    ...sums.map((sum) => op.set(sum, op.zero)),
    op.set(at, op.get(query)),
    op.set(end, op.i32Add(op.get(row), op.get(bytes))),
    op.loop(
      [...step, op.advance(at, queryStep), op.advance(row, rowStep)],
      op.isLess(op.get(row), op.get(end)),
    ),
    op.set(7, add(add(a, b), add(c, d))),
    store(op.get(result), a),
    op.advance(result, 4),
    op.advance(count, -1),
  ];
  const body = [op.loop(eachRow, op.get(count))];
  return new WebAssembly.Module(
    moduleOf({ parameters: 5, locals: { i32: 2, v128: 4 }, body, maxPages: MAX_PAGES }),
  );
}
