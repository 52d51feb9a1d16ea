/* global WebAssembly */
import { moduleOf, op } from '../../dist/services/vector-index/wasm-module.js';
import { MAX_PAGES, PAGE_BYTES } from '../../dist/services/vector-index/row-products.js';

/**
 * As many bytes as are wanted, and a function that reads them once from end to end and does nothing else: 64 of them a
 * turn, by the same instructions as a scan, so that what it takes is what the memory needs to deliver them.
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
    // Stored, so that no compiler leaves the reading out.
    op.storeF32([0x41, 0], op.lane(all, 0)),
  ];
  const module = new WebAssembly.Module(
    moduleOf({ parameters: 2, locals: { i32: 0, v128: 4 }, body, maxPages: MAX_PAGES }),
  );
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const bytes = Math.floor(count / 64) * 64;
  return () => run(0, bytes);
}
