import { open } from 'node:fs/promises';
import type { FlatStore } from './flat-store.js';

/**
 * The file that passes vectors to the builder: `count` labels (u32), then `count` vectors (f32 values), in the machine's
 * byte order. It exists during one build and never leaves the machine.
 */
const ROWS_PER_CHUNK = 512;

function bytesOf(values: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Writes one row per label, in this order. The caller must keep the store unchanged until the promise resolves.
 */
export async function writeRows(path: string, store: FlatStore, labels: Uint32Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(bytesOf(labels));
    const chunk = new Float32Array(ROWS_PER_CHUNK * store.dimension);
    for (let from = 0; from < labels.length; from += ROWS_PER_CHUNK) {
      const part = labels.subarray(from, from + ROWS_PER_CHUNK);
      part.forEach((label, i) => chunk.set(store.view(label)!, i * store.dimension));
      await handle.writeFile(bytesOf(chunk.subarray(0, part.length * store.dimension)));
    }
  } finally {
    await handle.close();
  }
}

/** Calls `onRow` for every row, in order; `onRow` may be asynchronous. The view is valid only during the call. */
export async function readRows(
  path: string,
  { count, dimension }: { count: number; dimension: number },
  onRow: (label: number, vector: Float32Array) => void | Promise<void>,
): Promise<void> {
  const handle = await open(path, 'r');
  let position = 0;
  const read = async (into: Uint32Array | Float32Array): Promise<void> => {
    const bytes = bytesOf(into);
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position);
      if (bytesRead === 0) throw new Error('The file of vectors ends too early.');
      filled += bytesRead;
      position += bytesRead;
    }
  };
  try {
    const labels = new Uint32Array(count);
    await read(labels);
    const chunk = new Float32Array(ROWS_PER_CHUNK * dimension);
    for (let from = 0; from < count; from += ROWS_PER_CHUNK) {
      const rows = Math.min(ROWS_PER_CHUNK, count - from);
      await read(chunk.subarray(0, rows * dimension));
      for (let i = 0; i < rows; i++) {
        await onRow(labels[from + i]!, chunk.subarray(i * dimension, (i + 1) * dimension));
      }
    }
  } finally {
    await handle.close();
  }
}
