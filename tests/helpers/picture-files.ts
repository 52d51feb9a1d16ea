/** Files of formats that sharp cannot write, as small as they can be; pixels are RGB, 8 bit, row-major. */

interface Picture {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
}

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

function words(bytes: 2 | 4, order: 'LE' | 'BE', ...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(bytes * values.length);
  values.forEach((value, i) => {
    const at = bytes * i;
    if (order === 'LE') buffer.writeUIntLE(value, at, bytes);
    else buffer.writeUIntBE(value, at, bytes);
  });
  return buffer;
}

const bitmapHeader = (width: number, height: number, bits: number): Buffer =>
  Buffer.concat([
    words(4, 'LE', 40, width, height),
    words(2, 'LE', 1, bits),
    words(4, 'LE', 0, 0, 2835, 2835, 0, 0),
  ]);

/** Rows from the bottom up, blue first, `bytes` a pixel. */
function bitmapRows({ pixels, width, height }: Picture, bytes: 3 | 4): Buffer {
  const stride = Math.ceil((width * bytes) / 4) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + x);
      const to = stride * (height - 1 - y) + bytes * x;
      [rows[to], rows[to + 1], rows[to + 2]] = [pixels[from + 2]!, pixels[from + 1]!, pixels[from]!];
      if (bytes === 4) rows[to + 3] = 255;
    }
  }
  return rows;
}

export function bmp(picture: Picture): Buffer {
  const rows = bitmapRows(picture, 3);
  const size = 54 + rows.length;
  const header = bitmapHeader(picture.width, picture.height, 24);
  return Buffer.concat([ascii('BM'), words(4, 'LE', size, 0, 54), header, rows]);
}

/** @param pictures PNG files, or pixels of at most 256 a side */
export function ico(
  pictures: readonly (Picture | { readonly png: Buffer; readonly side: number })[],
): Buffer {
  const parts = pictures.map((picture) => {
    if ('png' in picture) return { width: picture.side, height: picture.side, data: picture.png };
    const { width, height } = picture;
    const mask = Buffer.alloc(Math.ceil(width / 32) * 4 * height);
    const data = Buffer.concat([bitmapHeader(width, 2 * height, 32), bitmapRows(picture, 4), mask]);
    return { width, height, data };
  });
  let at = 6 + 16 * parts.length;
  const entries = parts.map(({ width, height, data }) => {
    const entry = Buffer.concat([
      Buffer.from([width & 255, height & 255, 0, 0]),
      words(2, 'LE', 1, 32),
      words(4, 'LE', data.length, at),
    ]);
    at += data.length;
    return entry;
  });
  return Buffer.concat([words(2, 'LE', 0, 1, parts.length), ...entries, ...parts.map(({ data }) => data)]);
}

/** Of the merged picture alone, not compressed. */
export function psd({ pixels, width, height }: Picture, declared = { width, height }): Buffer {
  const planes = [0, 1, 2].map((channel) => pixels.filter((_, i) => i % 3 === channel));
  return Buffer.concat([
    ascii('8BPS'),
    words(2, 'BE', 1, 0, 0, 0, 3),
    words(4, 'BE', declared.height, declared.width),
    words(2, 'BE', 8, 3),
    words(4, 'BE', 0, 0, 0),
    words(2, 'BE', 0),
    ...planes,
  ]);
}

interface RawOptions {
  readonly make?: string;
  readonly orientation?: number;
  readonly subIfds?: boolean;
  readonly dng?: boolean;
  /** What stands at the start. */
  readonly magic?: string;
}

/** The first directory of a camera's raw file, little-endian. */
function tiffHeader({ make = '', orientation = 1, subIfds, dng, magic = 'II*\0' }: RawOptions): Buffer {
  const text = ascii(`${make.padEnd(7)}\0`);
  const entry = (tag: number, type: number, count: number, value: number): Buffer =>
    Buffer.concat([words(2, 'LE', tag, type), words(4, 'LE', count, value)]);
  const count = 2 + (subIfds === true ? 1 : 0) + (dng === true ? 1 : 0);
  const textAt = 16 + 2 + 12 * count + 4;
  return Buffer.concat([
    ascii(magic),
    words(4, 'LE', 16),
    Buffer.alloc(8),
    words(2, 'LE', count),
    entry(0x010f, 2, text.length, textAt),
    entry(0x0112, 3, 1, orientation),
    ...(subIfds === true ? [entry(0x014a, 4, 1, 0)] : []),
    ...(dng === true ? [entry(0xc612, 1, 4, 0x00000401)] : []),
    words(4, 'LE', 0),
    text,
  ]);
}

/** Of a lossless JPEG, in which cameras keep what the sensor saw, the header: larger than any preview. */
const SENSOR = Buffer.from([0xff, 0xd8, 0xff, 0xc3, 0, 11, 14, 0x20, 0, 0x20, 0, 1, 1, 0x11, 0, 0, 0, 0]);

/** Files as cameras write them, of a directory, a small and a large JPEG, and what the sensor saw. */
export function rawFiles(small: Buffer, preview: Buffer, orientation: number): Record<string, Buffer> {
  const rest = Buffer.concat([
    small,
    Buffer.alloc(100),
    SENSOR,
    Buffer.alloc(100),
    preview,
    Buffer.alloc(50, 0xff),
  ]);
  const tiff = (options: RawOptions): Buffer =>
    Buffer.concat([tiffHeader({ orientation, ...options }), rest]);
  const cr2 = tiff({ make: 'Canon' });
  cr2.write('CR\x02\0', 8, 'latin1');
  const cmt1 = tiffHeader({ make: 'Canon', orientation });
  return {
    dng: tiff({ make: 'Pixel', dng: true, subIfds: true }),
    cr2,
    cr3: Buffer.concat([
      words(4, 'BE', 24),
      ascii('ftypcrx \0\0\0\x01crx isom'),
      words(4, 'BE', cmt1.length + 8),
      ascii('CMT1'),
      cmt1,
      rest,
    ]),
    nef: tiff({ make: 'NIKON', subIfds: true }),
    arw: tiff({ make: 'SONY', subIfds: true }),
    orf: tiff({ make: 'OLYMPUS', magic: 'IIRO' }),
    raf: Buffer.concat([ascii('FUJIFILMCCD-RAW 0201'.padEnd(160, '\0')), rest]),
  };
}
