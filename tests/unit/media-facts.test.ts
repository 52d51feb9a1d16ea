import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { withinTime } from '../../src/lib/within-time.js';
import { readDate } from '../../src/services/media/facts/dates.js';
import { NO_FACTS as NOTHING, readFacts } from '../../src/services/media/facts/read-facts.js';
import { GIVES_UP_AT_ONCE_MS, LIMITS } from '../helpers/limits.js';
import { heic } from '../helpers/heic.js';
import { seededRandom } from '../helpers/pictures.js';
import { psd, rawFiles } from '../helpers/picture-files.js';

const EXIF = {
  IFD0: { Make: 'Canon', Model: 'Canon EOS R5' },
  IFD2: {
    DateTimeOriginal: '2021:04:11 15:47:53',
    OffsetTimeOriginal: '-05:00',
    SubSecTimeOriginal: '05',
    ExposureTime: '1/250',
    FNumber: '28/10',
    ISOSpeedRatings: '200',
    FocalLength: '50/1',
    LensModel: 'RF50mm F1.8 STM',
  },
  IFD3: {
    GPSLatitudeRef: 'S',
    GPSLatitude: '39/1 3/1 484/100',
    GPSLongitudeRef: 'W',
    GPSLongitude: '94/1 30/1 0/1',
    GPSAltitudeRef: '0',
    GPSAltitude: '2605/10',
  },
} as const;

const CAMERA = {
  taken: { local: '2021-04-11T15:47:53.050', offsetMinutes: -300 },
  camera: 'Canon EOS R5',
  lens: 'RF50mm F1.8 STM',
  exposure: { time: 0.004, fNumber: 2.8, iso: 200, focalLength: 50 },
  place: { latitude: expect.closeTo(-39.0513), longitude: -94.5, altitude: 260.5 },
};

/** @param attributes and elements of the description */
const xmp = (attributes: string, elements = ''): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
  `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
  ` xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta>`;
const title = (text: string): string =>
  `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${text}</rdf:li></rdf:Alt></dc:title>`;
const subject = (...words: readonly string[]): string =>
  `<dc:subject><rdf:Bag>${words.map((word) => `<rdf:li>${word}</rdf:li>`).join('')}</rdf:Bag></dc:subject>`;

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff8000' } });

describe('what is read', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('%s', async (format) => {
    const bytes = await picture()
      .withExif(EXIF)
      .withXmp(xmp('xmp:Rating="4"', title('Am Meer') + subject('sea, side', 'Grüße', 'GRÜSSE')))
      .toFormat(format)
      .toBuffer();
    const facts = readFacts(bytes);
    const { taken, camera, lens, exposure, place } = facts;
    // sharp writes no EXIF into TIFF, and compresses XMP in PNG, which other programs do not.
    if (format !== 'tiff') expect({ taken, camera, lens, exposure, place }).toEqual(CAMERA);
    if (format !== 'png')
      expect(facts).toMatchObject({ title: 'Am Meer', keywords: ['sea, side', 'Grüße'], rating: 4 });
  });

  test('HEIC, Photoshop and camera raw', async () => {
    const jpeg = await picture().withExif(EXIF).jpeg().toBuffer();
    const { exif } = await sharp(jpeg).metadata();
    const tiff = exif!.subarray(6);
    const color = () => [255, 128, 0] as const;
    expect(readFacts(heic({ width: 16, height: 16, color, exif: tiff }))).toMatchObject(CAMERA);

    const flat = psd({ pixels: Buffer.alloc(12), width: 2, height: 2 });
    const resource = (id: number, content: Buffer): Buffer => {
      const head = Buffer.from([...Buffer.from('8BIM'), id >> 8, id & 255, 0, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(content.length, 8);
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
    };
    const resources = Buffer.concat([
      resource(1058, tiff),
      resource(1060, Buffer.from(xmp('', title('Layers')))),
    ]);
    flat.writeUInt32BE(resources.length, 30);
    const whole = Buffer.concat([flat.subarray(0, 34), resources, flat.subarray(34)]);
    expect(readFacts(whole)).toMatchObject({ ...CAMERA, title: 'Layers' });
    for (let end = 26; end < 120; end += 3)
      expect(readFacts(whole.subarray(0, end))).toMatchObject({ rating: null });

    const cameras = Object.entries(rawFiles(jpeg, jpeg, 6)).map(([format, bytes]) => [
      format,
      readFacts(bytes).camera,
    ]);
    expect(Object.fromEntries(cameras)).toEqual({
      dng: 'Pixel',
      cr2: 'Canon',
      cr3: 'Canon',
      nef: 'NIKON',
      arw: 'SONY',
      orf: 'OLYMPUS',
      raf: 'Canon EOS R5',
    });
  });

  test('a text beside a picture goes before what stands in it', async () => {
    const bytes = await picture()
      .withExif(EXIF)
      .withXmp(xmp('xmp:Rating="2"', title('Old') + subject('old')))
      .jpeg()
      .toBuffer();
    const beside = `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n${xmp(
      'xmp:Rating="5" photoshop:DateCreated="2020-05-06T07:08:09+02:00"',
      title('New') + subject('new'),
    )}`;
    expect(readFacts(bytes, { sidecar: beside })).toMatchObject({
      title: 'New',
      rating: 5,
      keywords: ['new', 'old'],
      camera: 'Canon EOS R5',
      taken: { local: '2020-05-06T07:08:09', offsetMinutes: 120 },
    });
    for (const sidecar of ['', 'no XML', '<x:xmpmeta', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
      expect(readFacts(bytes, { sidecar })).toMatchObject({ title: 'Old', rating: 2 });
  });

  test('makers that are part of the model, and others', async () => {
    const camera = async (Make: string, Model: string) =>
      readFacts(await picture().withExif({ IFD0: { Make, Model } }).jpeg().toBuffer()).camera;
    expect(await camera('NIKON CORPORATION', 'NIKON Z 6')).toBe('NIKON Z 6');
    expect(await camera('Apple', 'iPhone 15')).toBe('Apple iPhone 15');
    expect(await camera(' ', 'X100V')).toBe('X100V');
  });

  test('what has none', async () => {
    expect(readFacts(await picture().png().toBuffer())).toEqual(NOTHING);
    for (const text of ['', 'hello', '<svg/>', 'BM']) expect(readFacts(Buffer.from(text))).toEqual(NOTHING);
  });
});

test.each<[string | null, string | null, string | null, ReturnType<typeof readDate>]>([
  ['2021:04:11 15:47:53', null, null, { local: '2021-04-11T15:47:53', offsetMinutes: null }],
  ['2021:04:11 15:47:53', '+05:45', '7', { local: '2021-04-11T15:47:53.700', offsetMinutes: 345 }],
  ['2021-04-11T15:47:53.1234Z', null, null, { local: '2021-04-11T15:47:53.123', offsetMinutes: 0 }],
  ['2021-04-11T15:47-03:30', null, null, { local: '2021-04-11T15:47:00', offsetMinutes: -210 }],
  ['2024-02-29', null, null, { local: '2024-02-29T00:00:00', offsetMinutes: null }],
  ['2021:04:11 15:47:53', '+99:00', 'x', { local: '2021-04-11T15:47:53', offsetMinutes: null }],
  ['2023-02-29', null, null, null],
  ['0000:00:00 00:00:00', null, null, null],
  ['2021:13:01 00:00:00', null, null, null],
  ['2021:01:01 24:00:00', null, null, null],
  ['9999:01:01 00:00:00', null, null, null],
  ['    :  :     :  :  ', null, null, null],
  ['2021', null, null, null],
  [null, '+01:00', null, null],
])('the date %j with %j and %j', (text, offset, fraction, expected) => {
  expect(readDate(text, offset, fraction)).toEqual(expected);
});

describe('hostile metadata', () => {
  test('is bounded: long texts, many keywords, control characters, numbers that are none', async () => {
    const bytes = await picture()
      .withExif({
        IFD0: { Make: 'a\u0001\u0085b'.repeat(2000), Model: '\u202e ' },
        IFD2: {
          DateTimeOriginal: '2021:99:99 99:99:99',
          ExposureTime: '1/0',
          FNumber: '0/0',
          FocalLength: '-5/1',
        },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '0/0 1/0 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '999/1 0/1 0/1',
        },
      })
      .withXmp(
        xmp(
          'xmp:Rating="1e9"',
          title(`  ${'long '.repeat(1000)}`) +
            subject(...Array.from({ length: 3000 }, (_, i) => `${i}${'k'.repeat(9)}`)),
        ),
      )
      .webp() // a JPEG has no room for as much
      .toBuffer();
    const facts = readFacts(bytes);
    expect(facts).toMatchObject({ taken: null, exposure: NOTHING.exposure, place: null, rating: null });
    expect(facts.camera!.length).toBeLessThanOrEqual(100);
    expect(facts.camera).not.toMatch(/\p{Cc}/u);
    expect(facts.title!.length).toBeLessThanOrEqual(200);
    expect(facts.keywords).toHaveLength(50);
  });

  test('XMP of megabytes, and nested without end, is left unread', () => {
    for (const sidecar of [
      xmp('xmp:Rating="5"', title('x'.repeat(3 << 20))),
      xmp('xmp:Rating="5"', '<dc:a>'.repeat(20_000)),
      xmp('xmp:Rating="5"', Array.from({ length: 9000 }, (_, i) => `<a xmlns:n${i}="u${i}">`).join('')),
      xmp(`xmp:Rating="5" ${Array.from({ length: 40_000 }, (_, i) => `a${i}="1"`).join(' ')}`),
    ])
      expect(readFacts(Buffer.from('none'), { sidecar })).toEqual(NOTHING);
  });

  test('what takes too long is stopped', () => {
    const forever = () => {
      for (;;);
    };
    expect(() => withinTime(GIVES_UP_AT_ONCE_MS, forever)).toThrow(/timed out/);
    expect(withinTime(LIMITS.productMs, () => 7)).toBe(7);
  });

  test('damaged anywhere, it never throws', async () => {
    const whole = await picture()
      .withExif(EXIF)
      .withXmp(xmp('xmp:Rating="4"', title('x')))
      .jpeg()
      .toBuffer();
    const random = seededRandom(7);
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(whole);
      for (let k = 0; k < 4; k++) damaged[20 + Math.floor(random() * 600)] = [0, 255, 127, 1][k]!;
      const { keywords, exposure } = readFacts(i % 3 === 0 ? damaged.subarray(0, i * 2) : damaged);
      expect(keywords).toEqual([]);
      for (const value of Object.values(exposure)) expect(value === null || value > 0).toBe(true);
    }
  });

  test('broken files of others', async () => {
    const folder = new URL('../../../shared/hostile/', import.meta.url);
    if (!existsSync(folder)) return;
    for (const name of await readdir(folder)) {
      const { taken } = readFacts(await readFile(new URL(encodeURIComponent(name), folder)));
      expect(taken === null || /^\d{4}-/.test(taken.local)).toBe(true);
    }
  });
});
