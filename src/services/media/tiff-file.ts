/** Pixels from another decoder, 8 bit, row-major. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly kind: 'rgb' | 'rgba' | 'cmyk';
  /** ICC profile of their colours; null means sRGB. */
  readonly profile: Uint8Array | null;
}

type Entry = readonly [tag: number, type: number, count: number, value: number];

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const PHOTOMETRIC = { rgb: 2, rgba: 2, cmyk: 5 } as const;
const HEADER = 8;

/**
 * Wraps pixels in an uncompressed TIFF file (TIFF 6.0, sections 2 to 6), so that they are processed like all pictures,
 * with their profile: `raw` input of sharp cannot have one.
 * @param orientation as in EXIF, 1 to 8
 */
export function toTiff({ data, width, height, kind, profile }: Pixels, orientation: number): Buffer {
  const samples = kind === 'rgb' ? 3 : 4;
  if (data.length !== width * height * samples)
    throw new RangeError('The pixels do not match the given size.');
  const entries: Entry[] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, samples, 0], // where the bits of each sample stand is known below
    [259, SHORT, 1, 1],
    [262, SHORT, 1, PHOTOMETRIC[kind]],
    [273, LONG, 1, 0],
    [274, SHORT, 1, orientation],
    [277, SHORT, 1, samples],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    ...(kind === 'rgba' ? [[338, SHORT, 1, 2] as const] : []),
    ...(profile === null ? [] : [[34675, UNDEFINED, profile.length, 0] as const]),
  ];
  const bitsAt = HEADER + 2 + 12 * entries.length + 4;
  const profileAt = bitsAt + 2 * samples;
  const dataAt = profileAt + (profile?.length ?? 0);
  const places = new Map([
    [258, bitsAt],
    [273, dataAt],
    [34675, profileAt],
  ]);

  const head = Buffer.alloc(profileAt);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(HEADER, 4);
  head.writeUInt16LE(entries.length, HEADER);
  entries.forEach(([tag, type, count, value], i) => {
    const at = HEADER + 2 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(places.get(tag) ?? value, at + 8); // little-endian: a short is in the first bytes
  });
  for (let i = 0; i < samples; i++) head.writeUInt16LE(8, bitsAt + 2 * i);
  return Buffer.concat(profile === null ? [head, data] : [head, profile, data]);
}
