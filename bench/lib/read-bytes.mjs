/* global WebAssembly */
import { moduleOf, op } from '../../dist/services/vector-index/wasm-module.js';
import { MAX_PAGES, PAGE_BYTES } from '../../dist/services/vector-index/row-products.js';

/**
 * A number of bytes, and a function that only reads them once from start to end: 64 per iteration, with the same
 * instructions as a scan, so that its time is that of memory access.
 */
export function bytesToRead(count) {
  const pages = Math.ceil(count / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES, shared: true });
  new Uint8Array(memory.buffer).fill(1);
  const [at, end, ...seen] = [0, 1, 2, 3, 4, 5];
  const turn = seen.map((local, i) => op.set(local, op.or(op.get(local), op.load(op.get(at), 16 * i))));
  const all = op.or(op.or(op.get(2), op.get(3)), op.or(op.get(4), op.get(5)));
  const body = [
    op.loop([...turn, op.advance(at, 64)], op.isLess(op.get(at), op.get(end))),
    // Stored, so that no compiler optimises the reading away.
    op.storeF32([0x41, 0], op.lane(all, 0)),
  ];
  const module = new WebAssembly.Module(
    moduleOf({ parameters: 2, locals: { i32: 0, v128: 4 }, body, maxPages: MAX_PAGES }),
  );
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const bytes = Math.floor(count / 64) * 64;
  return () => run(0, bytes);
}
