import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { NO_FACTS, readFacts } from '../../src/services/media/facts/read-facts.js';
import { lengthOf, strippedPieces } from '../../src/services/media/strip.js';
import { bmp, ico } from '../helpers/picture-files.js';
import { drawing } from '../helpers/pictures.js';

const EXIF = {
  IFD0: { Make: 'Canon', Model: 'Secret', Copyright: 'Somebody' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '35/1 30/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '1/1 0/1 0/1',
  },
};
const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';

function strip(bytes: Uint8Array, format: string): Buffer | null {
  const pieces = strippedPieces(bytes, format);
  if (pieces === null) return null;
  const stripped = Buffer.concat(
    pieces.map((piece) => (piece instanceof Uint8Array ? piece : bytes.subarray(piece.from, piece.to))),
  );
  expect(lengthOf(pieces)).toBe(stripped.length);
  return stripped;
}
const pixels = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes, { animated: true }).raw().toBuffer();

describe.each(['jpeg', 'png', 'webp'] as const)('%s', (format) => {
  test.each([1, 6])('keeps pixels, colours and orientation %d, and nothing else', async (orientation) => {
    const bytes = await drawing(1, 60, 40)
      .withExif(EXIF)
      .withXmp(XMP)
      .withMetadata({ orientation })
      .withIccProfile('p3')
      .toFormat(format)
      .toBuffer();
    expect(bytes.includes('Secret')).toBe(true);
    const stripped = strip(Buffer.concat([bytes, Buffer.from('Secret trailer')]), format) as Buffer;
    for (const word of ['Secret', 'Somebody', 'xmpmeta']) expect(stripped.includes(word)).toBe(false);
    expect((await pixels(stripped)).equals(await pixels(bytes))).toBe(true);
    const [before, after] = [await sharp(bytes).metadata(), await sharp(stripped).metadata()];
    expect(after.icc).toEqual(before.icc);
    expect(after.xmp).toBeUndefined();
    expect(after.orientation ?? 1).toBe(orientation);
    expect(after.exif === undefined).toBe(orientation === 1);
    expect({ ...readFacts(stripped), orientation: null }).toEqual(NO_FACTS);
    // Once more there is nothing to take out.
    expect(strip(stripped, format)).toEqual(stripped);
  });

  test('cut off anywhere, it is never read beyond its end', async () => {
    const bytes = await drawing(2, 24, 16).withExif(EXIF).toFormat(format).toBuffer();
    for (let end = 0; end < bytes.length; end += 7) {
      const stripped = strip(bytes.subarray(0, end), format);
      if (stripped !== null) expect(stripped.length).toBeLessThanOrEqual(end + 8);
    }
  });
});

test('a progressive JPEG with comments, restarts and a small picture in its head', async () => {
  const plain = await drawing(3, 64, 64).jpeg({ progressive: true }).toBuffer();
  const segment = (marker: number, content: Buffer): Buffer => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  };
  const jfif = Buffer.concat([
    Buffer.from('JFIF\0\x01\x02\0\0\x48\0\x48\x01\x01', 'latin1'),
    Buffer.alloc(3, 7),
  ]);
  const secret = [
    segment(0xe0, jfif),
    segment(0xfe, Buffer.from('Secret')),
    segment(0xed, Buffer.from('Secret')),
  ];
  const bytes = Buffer.concat([plain.subarray(0, 2), ...secret, Buffer.from([0xff]), plain.subarray(2)]);
  const stripped = strip(bytes, 'jpeg') as Buffer;
  expect(stripped.includes('Secret')).toBe(false);
  expect((await pixels(stripped)).equals(await pixels(plain))).toBe(true);
  expect(
    strip(Buffer.concat([plain.subarray(0, 2), Buffer.from('junk'), plain.subarray(2)]), 'jpeg'),
  ).toBeNull();
});

test('an animation goes on, and a comment in it goes', async () => {
  const frames = await Promise.all([1, 2, 3].map((seed) => drawing(seed, 20, 20).png().toBuffer()));
  for (const format of ['gif', 'webp'] as const) {
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { loop: 2 })
      .toBuffer();
    const comment = Buffer.from('\x21\xfe\x06Secret\0', 'latin1');
    const at = bytes.length - 1;
    const told =
      format === 'gif' ? Buffer.concat([bytes.subarray(0, at), comment, bytes.subarray(at)]) : bytes;
    const stripped = strip(told, format) as Buffer;
    expect(stripped.includes('Secret')).toBe(false);
    expect(await sharp(stripped, { animated: true }).metadata()).toMatchObject({ pages: 3, loop: 2 });
    expect((await pixels(stripped)).equals(await pixels(bytes))).toBe(true);
  }
});

test('other formats are left to a copy', () => {
  for (const format of ['heic', 'tiff', 'avif', 'psd', 'dng'])
    expect(strip(Buffer.alloc(100), format)).toBeNull();
});

test('a JPEG with a segment that no picture needs is not passed on, nor a file of countless parts', async () => {
  const bytes = await drawing(1, 16, 16).jpeg().toBuffer();
  const text = Buffer.from('GPS 48.8583N 2.2945E');
  const segment = Buffer.concat([Buffer.from([0xff, 0xf0, 0, text.length + 2]), text]);
  expect(strip(Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]), 'jpeg')).toBeNull();
  const head = Buffer.concat([Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1')]);
  const many = Buffer.alloc(3 * 150_000, Buffer.from([0x21, 0xf9, 0]));
  expect(strip(Buffer.concat([head, many, Buffer.from([0x3b])]), 'gif')).toBeNull();
});

test('metadata in the PNG of an icon, or behind a bitmap, is not passed on', async () => {
  const picture = { width: 8, height: 8, pixels: Buffer.alloc(8 * 8 * 3, 90) };
  const png = await drawing(1, 32, 32).withExif(EXIF).png().toBuffer();
  expect(strip(bmp(picture), 'bmp')).toEqual(bmp(picture));
  expect(strip(ico([picture]), 'ico')).toEqual(ico([picture]));
  expect(strip(ico([picture, { png, side: 32 }]), 'ico')).toBeNull();
  for (const [bytes, format] of [
    [bmp(picture), 'bmp'],
    [ico([picture]), 'ico'],
  ] as const)
    // prettier-ignore
    expect(strip(Buffer.concat([bytes, Buffer.from('Secret')]), format)).toBeNull();
});
