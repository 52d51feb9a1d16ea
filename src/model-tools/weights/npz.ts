import { createInflateRaw, constants, crc32, inflateRawSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError, messageOf } from '../../errors.js';
import { findCutEntry } from './cut-zip.js';
import { ELEMENT_BYTES, type Float32Sink } from './float32-sink.js';
import { InputFile } from './input-file.js';
import { mismatch, PYTORCH } from './mismatch.js';
import { NPY_ELEMENTS, readNpyHeader, type NpyHeader } from './npy-header.js';
import { countOf, weightsIn, type OpenWeights } from './stored-weights.js';
import type { WeightInfo } from './types.js';

const STORED = 0;
const DEFLATED = 8;

/** Maximum expansion of one byte by deflate. */
const DEFLATE_RATIO = 1032;

const CHUNK_BYTES = 256 << 10;

interface Member extends WeightInfo {
  /** Offset of the member's bytes, compressed or not, in the file. */
  readonly position: number;
  readonly compressedSize: number;
  readonly deflated: boolean;
  readonly crc32: number;
  /** Bytes of the .npy file before the values. */
  readonly headerLength: number;
}

/**
 * Opens a .npz file of NumPy: a zip (or zip64) of .npy files, stored or deflated. Tensors have the names of the .npy files
 * without the extension; other files in the zip are ignored.
 *
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH
 */
export async function openNpz(path: string): Promise<OpenWeights> {
  const file = await InputFile.open(path);
  try {
    const { tensors, unsupported } = await readMembers(file);
    return weightsIn<Member>({
      path,
      tensors,
      unsupported,
      close: () => file.close(),
      fill: (tensor, member, sink) => fill(file, tensor, member, sink),
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Members {
  readonly tensors: Map<string, Member>;
  readonly unsupported: Map<string, string>;
}

async function readMembers(file: InputFile): Promise<Members> {
  const { path } = file;
  const { zip, entries } = await readDirectory(file);
  if (entries.some(({ fileName }) => /(^|\/)data\.pkl$/.test(fileName))) throw mismatch(path, PYTORCH);

  const tensors = new Map<string, Member>();
  const unsupported = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.fileName.endsWith('.npy')) continue;
    const tensor = entry.fileName.slice(0, -'.npy'.length);
    if (tensors.has(tensor) || unsupported.has(tensor)) throw mismatch(path, 'is there twice', { tensor });
    const { position, header } = await readHead(file, zip, entry, tensor);
    const member = memberOf(path, tensor, entry, position, header);
    if (typeof member === 'string') unsupported.set(tensor, member);
    else tensors.set(tensor, member);
  }
  if (tensors.size === 0 && unsupported.size === 0) throw mismatch(path, 'is a zip without .npy files in it');
  return { tensors, unsupported };
}

async function readDirectory(file: InputFile): Promise<{ zip: ZipFile; entries: Entry[] }> {
  try {
    // The descriptor stays ours: yauzl closes it only when told to close.
    const zip = await fromFdPromise(file.fd, { autoClose: false });
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    return { zip, entries };
  } catch (cause) {
    const cut = (await findCutEntry(file))?.replace(/\.npy$/, '');
    throw cut === undefined
      ? mismatch(file.path, `is not a whole zip file: ${messageOf(cause)}`, { cause })
      : mismatch(file.path, 'is cut off: the zip file is truncated', { tensor: cut, cause });
  }
}

/** The .npy header of an entry; only the beginning of a deflated one is inflated. */
async function readHead(
  file: InputFile,
  zip: ZipFile,
  entry: Entry,
  tensor: string,
): Promise<{ position: number; header: NpyHeader }> {
  const { path } = file;
  if (entry.isEncrypted()) throw mismatch(path, 'is encrypted', { tensor });
  const method = entry.compressionMethod;
  if (method !== STORED && method !== DEFLATED)
    throw mismatch(path, `is compressed by method ${method}; only stored and deflated are known`, { tensor });
  const damaged = (cause: unknown): AppError =>
    cause instanceof AppError
      ? cause
      : mismatch(path, `cannot be read from the zip: ${messageOf(cause)}`, { tensor, cause });
  const position = await zip
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .then(({ fileDataStart }) => fileDataStart)
    .catch((cause: unknown) => {
      throw damaged(cause);
    });

  for (let length = 1024; ; length *= 8) {
    const bytes = Buffer.alloc(Math.min(length, entry.compressedSize));
    if (!(await file.fill(bytes, position))) throw mismatch(path, 'is cut off', { tensor });
    let header: NpyHeader | 'more';
    try {
      header = readNpyHeader(
        method === STORED ? bytes : inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
      );
    } catch (cause) {
      if (cause instanceof Error && 'errno' in cause) throw damaged(cause);
      throw mismatch(path, messageOf(cause), { tensor, cause });
    }
    if (header !== 'more') return { position, header };
    if (bytes.length === entry.compressedSize)
      throw mismatch(path, 'ends within its .npy header', { tensor });
  }
}

/** A tensor, or its unsupported type. */
function memberOf(
  path: string,
  tensor: string,
  entry: Entry,
  position: number,
  header: NpyHeader,
): Member | string {
  const { descr, shape } = header;
  if (descr !== null && /^>f[248]$/.test(descr))
    throw mismatch(path, `is stored big-endian (${descr}); save it as little-endian`, { tensor });
  const element = descr !== null && Object.hasOwn(NPY_ELEMENTS, descr) ? NPY_ELEMENTS[descr] : undefined;
  if (element === undefined) return descr ?? 'structured';
  if (header.fortranOrder)
    throw mismatch(
      path,
      'is stored in Fortran order (column by column); save it with numpy.ascontiguousarray',
      { tensor },
    );
  const count = countOf(shape, element);
  const size = count === null ? Infinity : header.length + count * ELEMENT_BYTES[element];
  if (size !== entry.uncompressedSize)
    throw mismatch(
      path,
      `of shape ${shape.join(' x ')} and type ${descr} takes ${size} bytes, but the zip holds ${entry.uncompressedSize}`,
      { tensor },
    );
  const deflated = entry.compressionMethod === DEFLATED;
  if (deflated && size > (entry.compressedSize + 1) * DEFLATE_RATIO)
    throw mismatch(path, `cannot be ${size} bytes long when inflated`, { tensor });
  return {
    shape,
    element,
    position,
    compressedSize: entry.compressedSize,
    deflated,
    crc32: entry.crc32,
    headerLength: header.length,
  };
}

async function fill(file: InputFile, tensor: string, member: Member, sink: Float32Sink): Promise<void> {
  let crc: number;
  try {
    crc = await (member.deflated ? fillInflated : fillStored)(file, member, sink);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw mismatch(file.path, `is damaged: ${messageOf(cause)}`, { tensor, cause });
  }
  if (crc !== member.crc32)
    throw mismatch(file.path, 'is damaged: its checksum (CRC-32) is not the one the zip names', { tensor });
}

/** @returns the CRC-32 of all bytes of the member */
async function fillStored(file: InputFile, member: Member, sink: Float32Sink): Promise<number> {
  let at = member.position;
  let crc = 0;
  const take = async (target: Uint8Array): Promise<void> => {
    if (!(await file.fill(target, at))) throw new Error('the file ends before');
    crc = crc32(target, crc);
    at += target.length;
  };
  await take(Buffer.alloc(member.headerLength));
  while (sink.missing > 0) {
    const target = sink.next();
    await take(target);
    sink.took(target.length);
  }
  return crc;
}

/** @returns the CRC-32 of all bytes of the member, inflated */
async function fillInflated(file: InputFile, member: Member, sink: Float32Sink): Promise<number> {
  async function* compressed(): AsyncGenerator<Buffer> {
    const end = member.position + member.compressedSize;
    for (let at = member.position; at < end; at += CHUNK_BYTES) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, end - at));
      if (!(await file.fill(chunk, at))) throw new Error('the file ends before');
      yield chunk;
    }
  }
  let crc = 0;
  let header = member.headerLength;
  await pipeline(
    Readable.from(compressed(), { objectMode: false, highWaterMark: CHUNK_BYTES }),
    createInflateRaw({ chunkSize: CHUNK_BYTES }),
    async (inflated: AsyncIterable<Buffer>) => {
      for await (const chunk of inflated) {
        crc = crc32(chunk, crc);
        const skipped = Math.min(header, chunk.length);
        header -= skipped;
        for (let at = skipped; at < chunk.length;) {
          const target = sink.next();
          if (target.length === 0) throw new Error('there are more values than its shape says');
          const length = Math.min(target.length, chunk.length - at);
          target.set(chunk.subarray(at, at + length));
          sink.took(length);
          at += length;
        }
      }
    },
  );
  if (header > 0 || sink.missing > 0) throw new Error('there are fewer values than its shape says');
  return crc;
}
