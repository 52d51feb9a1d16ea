/**
 * Assembles a WebAssembly module of one function from its instructions. Only what scans need, following the binary
 * format of the WebAssembly core specification 2.0, chapter 5; every size and index here is unsigned LEB128.
 */
const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;

export type Code = readonly number[];

function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
    if (rest === 0) return bytes;
  }
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))];
/** Of a load or store: its alignment as a power of two, and the offset of the address. */
const memarg = (offset: number): Code => [2, ...unsigned(offset)];
const simd = (opcode: number, ...rest: Code): Code => [0xfd, ...unsigned(opcode), ...rest];

/** Instructions; operands come first, as in the folded text format read from the inside. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number, ...value: readonly Code[]): Code => [...value.flat(), 0x21, ...unsigned(local)],
  /** Adds a constant to an i32. */
  advance: (local: number, by: number): Code => op.set(local, op.get(local), [0x41, ...signed(by)], [0x6a]),
  i32Add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  /** A loop that repeats while the i32 condition at its end is not 0. */
  loop: (body: readonly Code[], condition: Code): Code => [
    0x03,
    NO_RESULT,
    ...body.flat(),
    ...condition,
    0x0d,
    0,
    0x0b,
  ],
  isLess: (a: Code, b: Code): Code => [...a, ...b, 0x49],
  storeI32: (address: Code, value: Code): Code => [...address, ...value, 0x36, ...memarg(0)],
  storeF32: (address: Code, value: Code): Code => [...address, ...value, 0x38, ...memarg(0)],
  f32Add: (a: Code, b: Code): Code => [...a, ...b, 0x92],
  /** Sixteen bytes of memory. */
  load: (address: Code, offset: number): Code => [...address, ...simd(0x00, ...memarg(offset))],
  zero: simd(0x0c, ...Array<number>(16).fill(0)),
  lane: (value: Code, lane: number): Code => [...value, ...simd(0x1f, lane)],
  /** The lower or upper eight of sixteen int8, as int16. */
  lowToInt16: (value: Code): Code => [...value, ...simd(0x87)],
  highToInt16: (value: Code): Code => [...value, ...simd(0x88)],
  /** Sums of pairs of eight products of int16, as int32. */
  dotInt16: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xba)],
  addInt32: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xae)],
  laneInt32: (value: Code, lane: number): Code => [...value, ...simd(0x1b, lane)],
  or: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x50)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)],
  multiply: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)],
};

export interface OneFunction {
  /** Number of i32 parameters, which are the first locals. */
  readonly parameters: number;
  /** Numbers of i32 locals, then of v128 locals; initially zero. */
  readonly locals: { readonly i32: number; readonly v128: number };
  readonly body: readonly Code[];
  /** Maximum number of pages of 64 KiB of the shared memory `env.memory`. */
  readonly maxPages: number;
}

/** The module's bytes; the function is exported as `run`. */
export function moduleOf({ parameters, locals, body, maxPages }: OneFunction): Uint8Array<ArrayBuffer> {
  const type: Code = [0x60, ...vector(Array<Code>(parameters).fill([I32])), 0];
  const memory: Code = [...name('env'), ...name('memory'), 0x02, 0x03, 0, ...unsigned(maxPages)];
  const declared = vector([
    [...unsigned(locals.i32), I32],
    [...unsigned(locals.v128), V128],
  ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [type]),
    ...section(2, [memory]),
    ...section(3, [[0]]),
    ...section(7, [[...name('run'), 0x00, 0]]),
    ...section(10, [sized([...declared, ...body.flat(), 0x0b])]),
  ]);
}
