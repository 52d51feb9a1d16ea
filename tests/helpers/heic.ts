/**
 * HEIC files as phones write them, small enough to be made here: HEVC (ITU-T H.265) of samples that are not compressed
 * (`pcm_flag`), each block of 16 x 16 in a slice of its own, in a HEIF container (ISO/IEC 23008-12).
 */

type Color = readonly [red: number, green: number, blue: number];

export interface HeicOptions {
  /** Multiples of 16. */
  readonly width: number;
  readonly height: number;
  /** The colour at a place, constant within blocks of 2 x 2. */
  readonly color: (x: number, y: number) => Color;
  /** What the container says of the size, where that is not true. */
  readonly declared?: { readonly width: number; readonly height: number };
  /** Quarter turns counter-clockwise (`irot`), then mirrored (`imir`): 0 top to bottom, 1 left to right. */
  readonly turns?: number;
  readonly mirror?: 0 | 1;
  /** Colour primaries of ITU-T H.273; 1 is sRGB's, 12 Display P3's. */
  readonly primaries?: number;
  readonly profile?: Uint8Array;
  /** A TIFF block. */
  readonly exif?: Uint8Array;
}

class Bits {
  readonly #bits: number[] = [];

  u(count: number, value: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) & 1);
    return this;
  }

  /** Exp-Golomb codes. */
  ue(...values: readonly number[]): this {
    for (const value of values) {
      const length = Math.floor(Math.log2(value + 1));
      this.u(length, 0).u(length + 1, value + 1);
    }
    return this;
  }

  text(bits: string): this {
    return this.u(bits.length, parseInt(bits, 2));
  }

  align(): this {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    return this;
  }

  bytes(): Buffer {
    this.align();
    return Buffer.from(
      Array.from({ length: this.#bits.length / 8 }, (_, i) =>
        this.#bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => 2 * byte + bit, 0),
      ),
    );
  }
}

/** A NAL unit: header and payload with the bytes that keep start codes out of it. */
function nal(type: number, payload: Uint8Array): Buffer {
  const bytes = [type << 1, 1];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}

const PROFILE = (bits: Bits): Bits => bits.u(8, 1).u(32, 0x60000000).u(4, 0b1001).u(43, 0).u(1, 0).u(8, 120);

const vps = (): Buffer =>
  PROFILE(new Bits().u(4, 0).u(2, 3).u(6, 0).u(3, 0).u(1, 1).u(16, 0xffff))
    .u(1, 1)
    .ue(0, 0, 0)
    .u(6, 0)
    .ue(0)
    .u(2, 0)
    .u(1, 1)
    .bytes();

const sps = (width: number, height: number): Buffer =>
  PROFILE(new Bits().u(4, 0).u(3, 0).u(1, 1))
    .ue(0, 1, width, height)
    .u(1, 0)
    .ue(0, 0, 0)
    .u(1, 1)
    .ue(0, 0, 0)
    .ue(1, 0, 0, 2, 0, 0) // blocks of 16, transforms of 4 to 16
    .u(3, 0)
    .u(1, 1) // PCM of 8 bits, in blocks of 16, not filtered
    .u(4, 7)
    .u(4, 7)
    .ue(1, 0)
    .u(1, 1)
    .ue(0)
    .u(5, 0)
    .u(1, 1)
    .bytes();

const pps = (): Buffer =>
  new Bits()
    .ue(0, 0)
    .u(7, 0)
    .ue(0, 0, 0)
    .u(3, 0)
    .ue(0, 0)
    .u(7, 0)
    .u(3, 0b101) // deblocking is off
    .u(2, 0)
    .ue(0)
    .u(2, 0)
    .u(1, 1)
    .bytes();

/** BT.601, full range. */
function toYcc([red, green, blue]: Color): Color {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return [y, (blue - y) / 1.772 + 128, (red - y) / 1.402 + 128].map((value) =>
    Math.max(0, Math.min(255, Math.round(value))),
  ) as unknown as Color;
}

function slices({ width, height, color }: HeicOptions): Buffer {
  const [columns, rows] = [width / 16, height / 16];
  const addressBits = Math.ceil(Math.log2(columns * rows));
  const units: Buffer[] = [];
  for (let address = 0; address < columns * rows; address++) {
    const [left, top] = [(address % columns) * 16, Math.floor(address / columns) * 16];
    const bits = new Bits()
      .u(1, address === 0 ? 1 : 0)
      .u(1, 0)
      .ue(0);
    if (address > 0) bits.u(addressBits, address);
    bits.ue(2, 0).u(1, 1).align();
    // CABAC from its start: part_mode 2Nx2N, pcm_flag, and its end.
    bits.text('100001101').align();
    const samples: number[][] = [[], [], []];
    for (let y = top; y < top + 16; y++) {
      for (let x = left; x < left + 16; x++) {
        const ycc = toYcc(color(x, y));
        samples[0]!.push(ycc[0]);
        if (x % 2 === 0 && y % 2 === 0) for (const i of [1, 2]) samples[i]!.push(ycc[i]!);
      }
    }
    // CABAC anew: end_of_slice_segment_flag, whose last bit is the stop bit.
    const end = new Bits().text('111111101').bytes();
    units.push(nal(20, Buffer.concat([bits.bytes(), Buffer.from(samples.flat()), end])));
  }
  return Buffer.concat(units.map((unit) => Buffer.concat([uint(4, unit.length), unit])));
}

const uint = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};

function box(type: string, ...content: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  return Buffer.concat([uint(4, body.length + 8), Buffer.from(type, 'latin1'), body]);
}

const full = (type: string, version: number, ...content: readonly (Uint8Array | string)[]): Buffer =>
  box(type, uint(1, version), uint(3, 0), ...content);

function decoderConfiguration(width: number, height: number): Buffer {
  const units = [
    [32, vps()],
    [33, sps(width, height)],
    [34, pps()],
  ] as const;
  const arrays = units.map(([type, payload]) => {
    const unit = nal(type, payload);
    return Buffer.concat([uint(1, 0x80 | type), uint(2, 1), uint(2, unit.length), unit]);
  });
  const head = Buffer.from([
    1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 120, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f,
  ]);
  return box('hvcC', head, uint(1, arrays.length), ...arrays);
}

function properties(options: HeicOptions): Buffer[] {
  const { width, height, declared = options, turns, mirror, primaries = 1, profile } = options;
  return [
    decoderConfiguration(width, height),
    full('ispe', 0, uint(4, declared.width), uint(4, declared.height)),
    box('colr', 'nclx', uint(2, primaries), uint(2, 13), uint(2, 6), uint(1, 0x80)),
    ...(profile === undefined ? [] : [box('colr', 'prof', profile)]),
    ...(turns === undefined ? [] : [box('irot', uint(1, turns))]),
    ...(mirror === undefined ? [] : [box('imir', uint(1, mirror))]),
  ];
}

/** @param options of the picture */
export function heic(options: HeicOptions): Buffer {
  const ftyp = box('ftyp', 'heic', uint(4, 0), 'mif1heic');
  const items = [{ type: 'hvc1', data: slices(options) }];
  if (options.exif !== undefined)
    items.push({ type: 'Exif', data: Buffer.concat([uint(4, 0), options.exif]) });
  const known = properties(options);
  const metaAt = (dataAt: number): Buffer => {
    let at = dataAt;
    const places = items.map(({ data }, i) => {
      const place = Buffer.concat([
        uint(2, i + 1),
        uint(2, 0),
        uint(2, 1),
        uint(4, at),
        uint(4, data.length),
      ]);
      at += data.length;
      return place;
    });
    return full(
      'meta',
      0,
      full('hdlr', 0, uint(4, 0), 'pict', Buffer.alloc(13)),
      full('pitm', 0, uint(2, 1)),
      full('iloc', 0, uint(1, 0x44), uint(1, 0), uint(2, items.length), ...places),
      full(
        'iinf',
        0,
        uint(2, items.length),
        ...items.map(({ type }, i) => full('infe', 2, uint(2, i + 1), uint(2, 0), type, '\0')),
      ),
      ...(items.length > 1 ? [full('iref', 0, box('cdsc', uint(2, 2), uint(2, 1), uint(2, 1)))] : []),
      box(
        'iprp',
        box('ipco', ...known),
        full(
          'ipma',
          0,
          uint(4, 1),
          uint(2, 1),
          uint(1, known.length),
          Buffer.from(known.map((_, i) => i + 1)),
        ),
      ),
    );
  };
  const meta = metaAt(ftyp.length + metaAt(0).length + 8);
  return Buffer.concat([ftyp, meta, box('mdat', ...items.map(({ data }) => data))]);
}
