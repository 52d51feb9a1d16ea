import { messageOf } from '../../errors.js';
import { ELEMENT_BYTES } from './float32-sink.js';
import { InputFile } from './input-file.js';
import { mismatch } from './mismatch.js';
import { countOf, weightsIn, type OpenWeights } from './stored-weights.js';
import type { WeightElement, WeightInfo } from './types.js';

/** The bound that the reference implementation sets too. */
const HEADER_LIMIT = 100_000_000;

const ELEMENTS: Readonly<Record<string, WeightElement>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
};

interface Stored extends WeightInfo {
  /** From the start of the file. */
  readonly position: number;
}

/**
 * Opens one file of the safetensors format: 8 bytes (little-endian) with the header's length, a JSON header, and the
 * tensors' bytes, little-endian and row-major, without gaps or overlaps.
 * Format: https://huggingface.co/docs/safetensors
 *
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH
 */
export async function openSafetensors(path: string): Promise<OpenWeights> {
  const file = await InputFile.open(path);
  try {
    const { tensors, unsupported } = await readHeader(file);
    return weightsIn<Stored>({
      path,
      tensors,
      unsupported,
      close: () => file.close(),
      async fill(tensor, { position }, sink) {
        for (let at = position; sink.missing > 0;) {
          const target = sink.next();
          if (!(await file.fill(target, at))) throw mismatch(path, 'is cut off', { tensor });
          sink.took(target.length);
          at += target.length;
        }
      },
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Header {
  readonly tensors: Map<string, Stored>;
  readonly unsupported: Map<string, string>;
}

async function readHeader(file: InputFile): Promise<Header> {
  const { path, size } = file;
  const prefix = await file.head(8);
  if (prefix.length < 8) throw mismatch(path, 'is too short to be a safetensors file');
  const length = prefix.readBigUInt64LE();
  if (length < 2n || length > HEADER_LIMIT)
    throw mismatch(path, `is not a safetensors file: a header of ${length} bytes is not possible`);
  const start = 8 + Number(length);
  if (start > size)
    throw mismatch(path, `is cut off within its header: it has ${size} bytes, the header ends at ${start}`);
  const text = Buffer.alloc(Number(length));
  if (!(await file.fill(text, 8))) throw mismatch(path, 'is cut off within its header');

  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    throw mismatch(path, `has a header that is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(root)) throw mismatch(path, 'has a header that is not a JSON object');

  const tensors = new Map<string, Stored>();
  const unsupported = new Map<string, string>();
  const ranges: { tensor: string; from: number; to: number }[] = [];
  for (const [tensor, entry] of Object.entries(root)) {
    if (tensor === '__metadata__') continue;
    const { type, shape, from, to } = readEntry(path, tensor, entry);
    ranges.push({ tensor, from, to });
    const element = Object.hasOwn(ELEMENTS, type) ? ELEMENTS[type] : undefined;
    if (element === undefined) {
      unsupported.set(tensor, type);
      continue;
    }
    const count = countOf(shape, element);
    if (count === null) throw mismatch(path, `has an impossible shape (${shape.join(' x ')})`, { tensor });
    const bytes = count * ELEMENT_BYTES[element];
    if (to - from !== bytes)
      throw mismatch(
        path,
        `of shape ${shape.join(' x ')} and type ${type} takes ${bytes} bytes, but ${to - from} are set apart for it`,
        { tensor },
      );
    tensors.set(tensor, { shape: shape as number[], element, position: start + from });
  }
  if (ranges.length === 0) throw mismatch(path, 'holds no tensors');
  checkRanges(path, ranges, size - start);
  return { tensors, unsupported };
}

function readEntry(path: string, tensor: string, entry: unknown) {
  if (!isObject(entry)) throw mismatch(path, 'has a header entry that is not an object', { tensor });
  const { dtype: type, shape, data_offsets: offsets } = entry;
  if (typeof type !== 'string') throw mismatch(path, 'has no dtype', { tensor });
  if (!Array.isArray(shape)) throw mismatch(path, 'has no shape', { tensor });
  const [from, to] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isOffset(from) || !isOffset(to) || from > to)
    throw mismatch(path, 'has no proper data_offsets', { tensor });
  return { type, shape: shape as unknown[], from, to };
}

/** The tensors must follow each other from the first byte to the last. */
function checkRanges(
  path: string,
  ranges: { tensor: string; from: number; to: number }[],
  available: number,
): void {
  ranges.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { tensor, from, to } of ranges) {
    if (from < end) throw mismatch(path, 'overlaps another one', { tensor });
    if (from > end)
      throw mismatch(path, `begins ${from - end} bytes after the end of the last one`, { tensor });
    if (to > available)
      throw mismatch(path, `is cut off: the file ends ${to - available} bytes before the tensor does`, {
        tensor,
      });
    end = to;
  }
  if (end < available) throw mismatch(path, `has ${available - end} bytes that belong to no tensor`);
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
