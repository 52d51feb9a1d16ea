import { describe, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../../src/errors.js';
import {
  decodeImage,
  encodeThumbnail,
  makeThumbnail,
  type ResizePlan,
} from '../../src/services/media/decode.js';

const MAX_PIXELS = 1e8;

/** Red, green, blue, white quarters: no rotation or mirroring leaves them in place. */
function quarters(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const quarter = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1);
      if (quarter === 3) pixels.fill(255, at, at + 3);
      else pixels[at + quarter] = 255;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const plain = (color: string, channels: 3 | 4 = 3): Sharp =>
  sharp({ create: { width: 20, height: 10, channels, background: color } });

const decode = (
  bytes: Uint8Array,
  plan: ResizePlan = { resize: { width: 40, height: 20 } },
  maxPixels = MAX_PIXELS,
) => decodeImage(bytes, { maxPixels, plan: () => plan });

function pixel({ pixels, width }: { pixels: Uint8Array; width: number }, x: number, y: number): number[] {
  const at = (y * width + x) * 3;
  return [...pixels.subarray(at, at + 3)];
}

const meanDifference = (a: Uint8Array, b: Uint8Array): number => {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
};

const failure = async (promise: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

const near = (color: readonly number[], tolerance = 3) =>
  color.map((value) => expect.closeTo(value, Math.log10(1 / (2 * tolerance))));

describe('orientation', () => {
  const [width, height] = [160, 80];
  /** Which upright pixel a camera held that way stores at (x, y), by EXIF 2.3, tag 274: where row 0 and column 0 are. */
  const stored: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y], // top, left
    2: (x, y) => [width - 1 - x, y], // top, right
    3: (x, y) => [width - 1 - x, height - 1 - y], // bottom, right
    4: (x, y) => [x, height - 1 - y], // bottom, left
    5: (x, y) => [y, x], // left, top
    6: (x, y) => [width - 1 - y, x], // right, top
    7: (x, y) => [width - 1 - y, height - 1 - x], // right, bottom
    8: (x, y) => [y, height - 1 - x], // left, bottom
  };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF %i is turned upright', async (orientation) => {
    const upright = await quarters(width, height).png().toBuffer();
    const raw = await quarters(width, height).raw().toBuffer();
    const turned = Buffer.alloc(raw.length);
    const [columns, rows] = orientation < 5 ? [width, height] : [height, width];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = (stored[orientation] as (x: number, y: number) => [number, number])(column, row);
        raw.copy(turned, (row * columns + column) * 3, (y * width + x) * 3, (y * width + x) * 3 + 3);
      }
    }
    const bytes = await sharp(turned, { raw: { width: columns, height: rows, channels: 3 } })
      .withMetadata({ orientation })
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(bytes).metadata()).orientation).toBe(orientation);

    const expected = await decode(upright);
    const image = await decode(bytes);
    expect(image.upright).toEqual({ width: 160, height: 80 });
    expect(meanDifference(image.pixels, expected.pixels)).toBeLessThan(4);
    expect(pixel(image, 5, 5)).toEqual(near([255, 0, 0], 10));

    // The same for a plan that cuts before it resizes.
    const plan = { region: { left: 80, top: 0, width: 80, height: 40 }, resize: { width: 10, height: 5 } };
    expect(pixel(await decode(bytes, plan), 5, 2)).toEqual(near([0, 255, 0], 10));
    const thumbnail = await makeThumbnail(bytes, 80, { maxPixels: MAX_PIXELS });
    expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 80, height: 40, format: 'webp' });
  });
});

describe('kinds of picture', () => {
  test.each<[string, () => Promise<Buffer>, string, number[]]>([
    [
      'transparent PNG over white',
      () => plain('rgba(255, 0, 0, 0.5)', 4).png().toBuffer(),
      'png',
      [255, 127, 127],
    ],
    [
      'transparent WebP over white',
      () => plain('rgba(0, 0, 0, 0)', 4).webp({ lossless: true }).toBuffer(),
      'webp',
      [255, 255, 255],
    ],
    ['grey JPEG', () => plain('#808080').toColourspace('b-w').jpeg().toBuffer(), 'jpeg', [128, 128, 128]],
    [
      'grey PNG of 16 bits',
      () => plain('#808080').toColourspace('grey16').png().toBuffer(),
      'png',
      [128, 128, 128],
    ],
    [
      'colour PNG of 16 bits',
      () => plain('#ff8000').toColourspace('rgb16').png().toBuffer(),
      'png',
      [255, 128, 0],
    ],
    [
      'PNG with a palette',
      () => plain('#ff8000').png({ palette: true, colours: 4 }).toBuffer(),
      'png',
      [255, 128, 0],
    ],
    ['GIF', () => plain('#ff8000').gif().toBuffer(), 'gif', [255, 128, 0]],
    ['AVIF', () => plain('#ff8000').avif({ quality: 90, effort: 0 }).toBuffer(), 'avif', [255, 128, 0]],
    ['TIFF', () => plain('#ff8000').tiff({ compression: 'lzw' }).toBuffer(), 'tiff', [255, 128, 0]],
    [
      'progressive JPEG',
      () => plain('#ff8000').jpeg({ progressive: true, quality: 100 }).toBuffer(),
      'jpeg',
      [255, 128, 0],
    ],
    [
      'JPEG with an sRGB profile',
      () => plain('#ff8000').withIccProfile('srgb').jpeg({ quality: 100 }).toBuffer(),
      'jpeg',
      [255, 128, 0],
    ],
    [
      'JPEG in Display P3',
      () => plain('#ff8000').withIccProfile('p3').jpeg({ quality: 100 }).toBuffer(),
      'jpeg',
      [255, 128, 0],
    ],
  ])('%s', async (_, make, format, color) => {
    const image = await decode(await make());
    expect(image).toMatchObject({ format, width: 40, height: 20, upright: { width: 20, height: 10 } });
    expect(image.pixels).toHaveLength(40 * 20 * 3);
    expect(pixel(image, 20, 10)).toEqual(near(color));
  });

  test('CMYK JPEG', async () => {
    const image = await decode(
      await plain('#ff8000').toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    );
    expect(image.format).toBe('jpeg');
    expect(pixel(image, 20, 10)).toEqual(near([245, 130, 30], 40));
  });

  test('of an animation the first frame', async () => {
    const frames = [plain('#ff0000'), plain('#0000ff')].map((frame) => frame.png().toBuffer());
    const joined = sharp(await Promise.all(frames), { join: { animated: true } });
    for (const bytes of [
      await joined.clone().gif().toBuffer(),
      await joined.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).pages).toBe(2);
      const image = await decode(bytes);
      expect(image.upright).toEqual({ width: 20, height: 10 });
      expect(pixel(image, 20, 10)).toEqual(near([255, 0, 0]));
    }
  });

  test.each([
    [1, 1],
    [1, 5000],
    [5000, 1],
  ])('%i x %i', async (width, height) => {
    const bytes = await sharp({ create: { width, height, channels: 3, background: '#ff8000' } })
      .png()
      .toBuffer();
    const image = await decode(bytes);
    expect(image.upright).toEqual({ width, height });
    expect(pixel(image, 39, 19)).toEqual([255, 128, 0]);
    const small = await sharp(await encodeThumbnail(image, 16)).metadata();
    expect(Math.max(small.width, small.height)).toBe(Math.min(16, Math.max(width, height)));
    await makeThumbnail(bytes, 320, { maxPixels: MAX_PIXELS });
  });
});

describe('refusals', () => {
  test('over the pixel limit, from the header alone', async () => {
    const bytes = await quarters(20, 10).png().toBuffer();
    const cut = bytes.subarray(0, bytes.length - 20); // cannot be decoded
    expect((await failure(decode(cut))).code).toBe('IMAGE_UNREADABLE');
    for (const work of [decode(cut, undefined, 199), makeThumbnail(cut, 10, { maxPixels: 199 })]) {
      expect(await failure(work)).toMatchObject({
        code: 'IMAGE_TOO_LARGE',
        details: { limit: 199, actual: 200, unit: 'pixels' },
      });
    }
    const upright = { width: 20, height: 10 };
    expect(await decode(bytes, undefined, 200)).toMatchObject({ format: 'png', upright });
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['SVG', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', /^SVG /],
    ['PDF', '%PDF-1.7\n', /^PDF /],
    ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), /^JPEG 2000 /],
    ['video', Buffer.from('\0\0\0\x14ftypisom\0\0\0\0mp41', 'latin1'), /^video /],
    ['text', 'hello', /not a picture/],
  ])('%s is not supported', async (_, content, message) => {
    const error = await failure(decode(Buffer.from(content)));
    expect(error).toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      details: { supported: expect.arrayContaining(['jpeg', 'avif']) },
    });
    expect(error.message).toMatch(message);
  });

  test('truncated and corrupt files are unreadable', async () => {
    for (const bytes of [
      await quarters(400, 300).jpeg().toBuffer(),
      await quarters(400, 300).png().toBuffer(),
      await quarters(400, 300).webp().toBuffer(),
      await quarters(400, 300).avif({ effort: 0 }).toBuffer(),
    ]) {
      expect((await failure(decode(bytes.subarray(0, bytes.length * 0.6)))).code).toBe('IMAGE_UNREADABLE');
      expect((await failure(decode(bytes.subarray(0, 20)))).code).toBe('IMAGE_UNREADABLE');
    }
    expect((await failure(decode(new Uint8Array(0)))).code).toBe('IMAGE_UNREADABLE');
  });

  test('bytes that do not belong there are forgiven', async () => {
    const bytes = await quarters(400, 300).jpeg().toBuffer();
    const place = 4 + bytes.readUInt16BE(4); // after the first segment
    const image = await decode(
      Buffer.concat([
        bytes.subarray(0, place),
        Buffer.from('junk'),
        bytes.subarray(place),
        Buffer.alloc(1000),
      ]),
    );
    expect(image.upright).toEqual({ width: 400, height: 300 });
  });
});

test('a plan is followed: region, size, crop', async () => {
  const image = await decode(await quarters(400, 200).png().toBuffer(), {
    region: { left: 100, top: 0, width: 200, height: 200 },
    resize: { width: 50, height: 50 },
    crop: { left: 5, top: 5, width: 40, height: 20 },
  });
  expect(image).toMatchObject({
    width: 40,
    height: 20,
    content: { left: 0, top: 0, width: 40, height: 20 },
    shown: { width: 160, height: 80 },
    upright: { width: 400, height: 200 },
  });
  expect(pixel(image, 15, 10)).toEqual([255, 0, 0]);
  expect(pixel(image, 25, 10)).toEqual([0, 255, 0]);
});

test('a plan is followed: margins', async () => {
  const image = await decode(await quarters(400, 200).png().toBuffer(), {
    resize: { width: 40, height: 20 },
    pad: { left: 0, right: 0, top: 8, bottom: 12, color: '#102030' },
  });
  expect(image).toMatchObject({ width: 40, height: 40, content: { left: 0, top: 8, width: 40, height: 20 } });
  expect([pixel(image, 20, 7), pixel(image, 0, 28)]).toEqual([
    [0x10, 0x20, 0x30],
    [0x10, 0x20, 0x30],
  ]);
  expect([pixel(image, 0, 8), pixel(image, 39, 27)]).toEqual([
    [255, 0, 0],
    [255, 255, 255],
  ]);
  const thumbnail = await encodeThumbnail(image, 32);
  expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 32, height: 16, format: 'jpeg' });
});

test('a thumbnail of stretched pixels has the aspect of the picture, and is never larger than it', async () => {
  const image = await decode(await quarters(400, 100).png().toBuffer());
  expect(await sharp(await encodeThumbnail(image, 160)).metadata()).toMatchObject({ width: 160, height: 40 });
  expect(await sharp(await encodeThumbnail(image, 1000)).metadata()).toMatchObject({
    width: 400,
    height: 100,
  });
  const bytes = await quarters(400, 100).png().toBuffer();
  expect(await sharp(await makeThumbnail(bytes, 640, { maxPixels: MAX_PIXELS })).metadata()).toMatchObject({
    width: 400,
    height: 100,
  });
});
