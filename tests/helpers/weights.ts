import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { WeightElement } from '../../src/model-tools/weights/types.js';

/** Writers of weight files, for what the readers are tested with. */

export interface SomeTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export type Tensors = ReadonlyMap<string, SomeTensor> | Readonly<Record<string, SomeTensor>>;

const listed = (tensors: Tensors): [string, SomeTensor][] =>
  tensors instanceof Map ? [...tensors] : Object.entries(tensors as Readonly<Record<string, SomeTensor>>);

/** The nearest float16 (ties to even; beyond 65504 infinite) of a number, as its 16 bits. */
export function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Steps are 2^-24 below the smallest normal number, 1024 to the power of two above it.
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const steps = roundHalfEven(magnitude / 2 ** (exponent - 10));
  const bits = steps + (exponent + 14) * 1024;
  return sign | bits;
}

/** The nearest bfloat16 (ties to even) of a number, as its 16 bits. */
export function bfloat16Bits(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return Number.isNaN(value) ? 0x7fc0 : ((bits! + 0x7fff + ((bits! >>> 16) & 1)) >>> 16) & 0xffff;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const over = value - floor;
  return over > 0.5 || (over === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function encode(data: ArrayLike<number>, element: WeightElement): Buffer {
  const array = {
    float16: () => Uint16Array.from(data, float16Bits),
    bfloat16: () => Uint16Array.from(data, bfloat16Bits),
    float32: () => (data instanceof Float32Array ? data : Float32Array.from(data)),
    float64: () => Float64Array.from(data),
  }[element]();
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

const DTYPES = { float16: 'F16', bfloat16: 'BF16', float32: 'F32', float64: 'F64' } as const;
const DESCRS = { float16: '<f2', bfloat16: '<V2', float32: '<f4', float64: '<f8' } as const;

export interface SafetensorsOptions {
  readonly element?: WeightElement;
  readonly metadata?: Readonly<Record<string, string>>;
}

export async function writeSafetensors(
  path: string,
  tensors: Tensors,
  { element = 'float32', metadata = { format: 'pt' } }: SafetensorsOptions = {},
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const size = { float16: 2, bfloat16: 2, float32: 4, float64: 8 }[element];
  let at = 0;
  for (const [name, { shape, data }] of listed(tensors)) {
    header[name] = {
      dtype: DTYPES[element],
      shape,
      data_offsets: [at, (at += size * data.length)],
    };
  }
  const file = await open(path, 'w');
  try {
    await append(file, safetensorsHeader(header));
    for (const [, { data }] of listed(tensors)) await append(file, encode(data, element));
  } finally {
    await file.close();
  }
}

/** The length and the header of a safetensors file, as the header says, be it right or wrong. */
export function safetensorsHeader(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** Spreads the tensors over `shards` files beside the index at `path`; returns the files' names. */
export async function writeShardedSafetensors(
  path: string,
  tensors: Tensors,
  { shards = 2, ...options }: SafetensorsOptions & { readonly shards?: number } = {},
): Promise<string[]> {
  const all = listed(tensors);
  const map: Record<string, string> = {};
  const names: string[] = [];
  for (let i = 0; i < shards; i++) {
    const number = (value: number): string => String(value).padStart(5, '0');
    const name = `model-${number(i + 1)}-of-${number(shards)}.safetensors`;
    const part = all.slice((i * all.length) / shards, ((i + 1) * all.length) / shards);
    await writeSafetensors(join(dirname(path), name), new Map(part), options);
    for (const [tensor] of part) map[tensor] = name;
    names.push(name);
  }
  await writeFile(path, JSON.stringify({ metadata: { total_size: 0 }, weight_map: map }));
  return names;
}

export interface NpyOptions {
  readonly element?: WeightElement;
  /** Of the .npy format. */
  readonly version?: 1 | 2 | 3;
  /** Written into the header instead of what the element asks for. */
  readonly descr?: string;
  readonly fortranOrder?: boolean;
}

/** One array as a .npy file, as NumPy writes it. */
export function npyFile({ shape, data }: SomeTensor, options: NpyOptions = {}): Buffer {
  const { element = 'float32', version = 1, descr = DESCRS[element], fortranOrder = false } = options;
  const sides = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': (${sides}), }`;
  const start = version === 1 ? 10 : 12;
  const end = Math.ceil((start + dict.length + 1) / 64) * 64;
  const head = Buffer.alloc(end, ' ');
  head.write('\x93NUMPY', 0, 'latin1');
  head[6] = version;
  head[7] = 0;
  if (version === 1) head.writeUInt16LE(end - start, 8);
  else head.writeUInt32LE(end - start, 8);
  head.write(dict, start);
  head[end - 1] = 0x0a;
  return Buffer.concat([head, encode(data, element)]);
}

export interface NpzOptions extends NpyOptions {
  readonly deflate?: boolean;
  /** Sizes and places in the 64-bit fields only. */
  readonly zip64?: boolean;
}

export async function writeNpz(path: string, tensors: Tensors, options: NpzOptions = {}): Promise<void> {
  function* files(): Generator<[string, Buffer]> {
    for (const [name, tensor] of listed(tensors)) yield [`${name}.npy`, npyFile(tensor, options)];
  }
  await writeZip(path, files(), options);
}

/** A zip file of the files given, stored or deflated. */
export async function writeZip(
  path: string,
  files: Iterable<readonly [string, Uint8Array]>,
  { deflate = false, zip64 = false }: Pick<NpzOptions, 'deflate' | 'zip64'> = {},
): Promise<void> {
  const file = await open(path, 'w');
  try {
    const directory: Buffer[] = [];
    let at = 0;
    for (const [name, content] of files) {
      const data = deflate ? deflateRawSync(content, { level: 1 }) : content;
      const sizes = [content.length, data.length];
      // 20 or 45: version needed; the date is 1980-01-01.
      const common = Buffer.alloc(26);
      common.writeUInt16LE(zip64 ? 45 : 20, 0);
      common.writeUInt16LE(deflate ? 8 : 0, 4);
      common.writeUInt16LE(0x21, 8);
      common.writeUInt32LE(crc32(content), 10);
      common.writeUInt32LE(zip64 ? 0xffffffff : data.length, 14);
      common.writeUInt32LE(zip64 ? 0xffffffff : content.length, 18);
      common.writeUInt16LE(Buffer.byteLength(name), 22);
      const localExtra = zip64 ? zip64Field(sizes) : Buffer.alloc(0);
      const extra = zip64 ? zip64Field([...sizes, at]) : Buffer.alloc(0);
      common.writeUInt16LE(localExtra.length, 24);
      const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), localExtra]);
      const entry = Buffer.alloc(46);
      entry.write('PK\x01\x02');
      entry.writeUInt16LE(zip64 ? 45 : 20, 4);
      common.copy(entry, 6);
      entry.writeUInt16LE(extra.length, 30);
      entry.writeUInt32LE(zip64 ? 0xffffffff : at, 42);
      directory.push(entry, Buffer.from(name), extra);
      await append(file, local);
      await append(file, data);
      at += local.length + data.length;
    }
    const central = Buffer.concat(directory);
    await append(file, central);
    const count = directory.length / 3;
    if (zip64) await append(file, zip64End(count, central.length, at));
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06');
    end.writeUInt16LE(zip64 ? 0xffff : count, 8);
    end.writeUInt16LE(zip64 ? 0xffff : count, 10);
    end.writeUInt32LE(zip64 ? 0xffffffff : central.length, 12);
    end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
    await append(file, end);
  } finally {
    await file.close();
  }
}

function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, i) => field.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
  return field;
}

/** The zip64 end of the directory, and the record that says where it is. */
function zip64End(count: number, length: number, at: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.write('PK\x06\x06');
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  for (const [offset, value] of [
    [24, count],
    [32, count],
    [40, length],
    [48, at],
    [64, at + length],
  ] as const)
    end.writeBigUInt64LE(BigInt(value), offset);
  end.write('PK\x06\x07', 56);
  end.writeUInt32LE(1, 72);
  return end;
}

async function append(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes);
}
