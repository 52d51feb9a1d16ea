import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError } from '../../errors.js';

/**
 * hnswlib's own file, as `saveIndex` of the pinned version writes it (hnswalg.h; little endian, 64-bit):
 *
 *     0   u64  offset of the lowest layer, 0
 *     8   u64  capacity
 *     16  u64  number of nodes
 *     24  u64  bytes per node record
 *     32  u64  offset of the label in a record
 *     40  u64  offset of the vector in a record
 *     48  i32  highest layer   52 u32 entry node
 *     56  u64  links per node  64 u64 links per node of the lowest layer   72 u64 M   80 f64 1/ln M   88 u64 efConstruction
 *     96  records: u16 number of links, u8 1 when marked as deleted, u8 0, u32 links…, f32 vector…, u64 label
 *         then for each node u32 bytes, and that many bytes of links of the upper layers
 *
 * It has no checksum, and hnswlib follows any link in it, so only a file that passed the check here is loaded.
 */
const HEADER_BYTES = 96;
const BYTES_PER_READ = 1 << 20;

export interface GraphFileFacts {
  readonly bytes: number;
  /** Hex, of the whole file. */
  readonly sha256: string;
  /** Number of nodes, including those marked as deleted. */
  readonly nodes: number;
  /** Number of nodes not marked as deleted. */
  readonly live: number;
}

export interface GraphFileExpectations {
  readonly dimension: number;
  readonly m: number;
}

function corrupt(reason: string): AppError {
  return new AppError('INDEX_CORRUPT', `The graph file ${reason}.`);
}

/**
 * Reads a graph file once from start to end: hashes it, checks its structure and that every link of the lowest layer
 * leads to a node, and passes every live node to `onNode` (label and a view of its vector, valid only during the call).
 * Yields to the event loop at every MiB.
 *
 * @throws AppError INDEX_CORRUPT if the file is missing, incomplete, or of another dimension or M
 */
export async function inspectGraphFile(
  path: string,
  expected: GraphFileExpectations,
  onNode: (label: number, vector: Float32Array) => void = () => {},
): Promise<GraphFileFacts> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? corrupt('is missing') : error;
  });
  try {
    const { size: bytes } = await handle.stat();
    const hash = createHash('sha256');
    const read = async (buffer: Uint8Array): Promise<void> => {
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
        if (bytesRead === 0) throw corrupt('ends too early');
        filled += bytesRead;
      }
      hash.update(buffer);
    };

    const header = new Uint8Array(HEADER_BYTES);
    await read(header);
    const { nodes, recordBytes, linkBytes } = parseHeader(header, expected);
    if (HEADER_BYTES + nodes * recordBytes > bytes) throw corrupt('ends too early');

    let live = 0;
    const recordsPerRead = Math.max(1, Math.floor(BYTES_PER_READ / recordBytes));
    const buffer = new Uint8Array(recordsPerRead * recordBytes);
    const words = new Uint32Array(buffer.buffer);
    for (let done = 0; done < nodes;) {
      const records = Math.min(recordsPerRead, nodes - done);
      await read(buffer.subarray(0, records * recordBytes));
      for (let i = 0; i < records; i++) {
        const start = i * recordBytes;
        checkLinks(words, start / 4, expected.m, nodes);
        if (buffer[start + 2] !== 0) continue;
        live++;
        const label = words[(start + recordBytes - 8) / 4]!;
        onNode(label, new Float32Array(buffer.buffer, start + linkBytes, expected.dimension));
      }
      done += records;
    }

    const tail = new Uint8Array(BYTES_PER_READ);
    for (let left = bytes - HEADER_BYTES - nodes * recordBytes; left > 0; left -= BYTES_PER_READ) {
      await read(tail.subarray(0, Math.min(left, BYTES_PER_READ)));
    }
    return { bytes, sha256: hash.digest('hex'), nodes, live };
  } finally {
    await handle.close();
  }
}

function parseHeader(header: Uint8Array, { dimension, m }: GraphFileExpectations) {
  const view = new DataView(header.buffer);
  const u64 = (offset: number): number => Number(view.getBigUint64(offset, true));
  const linkBytes = 4 + 2 * m * 4;
  const recordBytes = linkBytes + dimension * 4 + 8;
  const nodes = u64(16);
  if (u64(56) !== m || u64(64) !== 2 * m || u64(72) !== m)
    throw corrupt('was built with another number of links');
  if (u64(24) !== recordBytes || u64(40) !== linkBytes || u64(32) !== recordBytes - 8) {
    throw corrupt('is of another dimension');
  }
  if (u64(0) !== 0 || nodes > u64(8)) throw corrupt('has a damaged header');
  if (nodes > 0 && view.getUint32(52, true) >= nodes) throw corrupt('has a damaged header');
  return { nodes, recordBytes, linkBytes };
}

function checkLinks(words: Uint32Array, at: number, m: number, nodes: number): void {
  const count = words[at]! & 0xffff;
  if (count > 2 * m) throw corrupt('has damaged links');
  for (let i = 1; i <= count; i++) if (words[at + i]! >= nodes) throw corrupt('has damaged links');
}
