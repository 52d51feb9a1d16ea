import { afterAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { AppError } from '../../src/errors.js';
import { decodeImage, makeThumbnail } from '../../src/services/media/decode.js';
import { sniffFormat } from '../../src/services/media/format.js';
import { MagickDecoder } from '../../src/services/media/magick-decoder.js';
import { useMagickThread } from '../../src/services/media/open-picture.js';
import { heic } from '../helpers/heic.js';
import { bmp, ico, psd, rawFiles } from '../helpers/picture-files.js';
import { drawing } from '../helpers/pictures.js';

const MAX_PIXELS = 1e7;
const WIDTH = 64;
const HEIGHT = 32;
const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];

type Color = readonly [number, number, number];
const color = (x: number, y: number): Color =>
  (y < HEIGHT / 2 ? (x < WIDTH / 2 ? RED : GREEN) : x < WIDTH / 2 ? BLUE : WHITE) as unknown as Color;

const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) pixels.set(color(x, y), (y * WIDTH + x) * 3);
const picture = { pixels, width: WIDTH, height: HEIGHT };
const quarters = sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** JPEG XL of the same four quarters, lossless, and stored as a camera held on its side would (EXIF 6). */
const JXL = '/wrHQSQIAAEAuABLOGmYyoP3KygIgBo/H4PuAkEAEBISEvsvEvb7e1b1+7tl9/cHRvoDlMp0CZAz';
const JXL_TURNED = '/wrHLRATCAABALgASzhpmMqD9ysoCIAaPx+D7gJBABASEhL7LxL2+3tW9fu7Zff3B0b6A5TKdAmQMw==';

const threadUrl = new URL('../../dist/workers/magick-thread.js', import.meta.url);
const endThread = useMagickThread(threadUrl);
afterAll(endThread);

const decode = (bytes: Uint8Array, maxPixels = MAX_PIXELS) =>
  decodeImage(bytes, {
    maxPixels,
    plan: ({ width, height }) => ({ resize: { width: width / 2, height: height / 2 } }),
  });

const failure = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

/** Colours of the four corners, row by row. */
function corners({
  pixels,
  width,
  height,
}: {
  pixels: Uint8Array;
  width: number;
  height: number;
}): number[][] {
  return [2, height - 3].flatMap((y) =>
    [2, width - 3].map((x) => [...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]),
  );
}

const near = (colors: readonly (readonly number[])[], tolerance = 6) =>
  colors.map((one) => one.map((value) => expect.closeTo(value, Math.log10(1 / (2 * tolerance)))));

const AS_DRAWN = [RED, GREEN, BLUE, WHITE];

describe('formats that sharp does not read', () => {
  test.each<[string, Buffer]>([
    ['heic', heic({ width: WIDTH, height: HEIGHT, color })],
    ['jxl', Buffer.from(JXL, 'base64')],
    ['bmp', bmp(picture)],
    ['psd', psd(picture)],
    ['ico', ico([{ pixels: Buffer.alloc(12), width: 2, height: 2 }, picture])],
  ])('%s', async (format, bytes) => {
    const image = await decode(bytes);
    expect(image).toMatchObject({ format, upright: { width: WIDTH, height: HEIGHT }, incomplete: false });
    expect(corners(image)).toEqual(near(AS_DRAWN));
    const thumbnail = sharp(await makeThumbnail(bytes, 20, { maxPixels: MAX_PIXELS }));
    expect(await thumbnail.metadata()).toMatchObject({ format: 'webp', width: 20, height: 10 });
  });

  test('the largest picture of an icon may be a PNG', async () => {
    const png = await quarters.clone().resize(256, 256, { fit: 'fill' }).png().toBuffer();
    const image = await decode(ico([picture, { png, side: 256 }]));
    expect(image).toMatchObject({ format: 'ico', upright: { width: 256, height: 256 } });
    expect(corners(image)).toEqual(near(AS_DRAWN));
  });

  test('HEIC is turned and mirrored as it says, whatever EXIF says', async () => {
    const one = { width: WIDTH, height: HEIGHT, color };
    const exif = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0', 'latin1');
    for (const [bytes, upright, expected] of [
      [heic({ ...one, turns: 1, exif }), { width: HEIGHT, height: WIDTH }, [GREEN, WHITE, RED, BLUE]],
      [heic({ ...one, turns: 3 }), { width: HEIGHT, height: WIDTH }, [BLUE, RED, WHITE, GREEN]],
      [heic({ ...one, mirror: 0 }), { width: WIDTH, height: HEIGHT }, [BLUE, WHITE, RED, GREEN]],
      [heic({ ...one, mirror: 1 }), { width: WIDTH, height: HEIGHT }, [GREEN, RED, WHITE, BLUE]],
    ] as const) {
      const image = await decode(bytes);
      expect(image.upright).toEqual(upright);
      expect(corners(image)).toEqual(near(expected));
    }
  });

  test('JPEG XL is turned upright', async () => {
    const image = await decode(Buffer.from(JXL_TURNED, 'base64'));
    expect(image.upright).toEqual({ width: HEIGHT, height: WIDTH });
    expect(corners(image)).toEqual(near([BLUE, RED, WHITE, GREEN]));
  });

  test('Display P3 becomes sRGB, by profile and by the numbers of the container', async () => {
    const inP3 = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#ff8040' } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { icc } = await sharp(inP3).metadata();
    const raw = [...(await sharp(inP3, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)];
    expect(raw).not.toEqual(near([[255, 128, 64]])[0]);
    const one = { width: 32, height: 32, color: () => raw as unknown as Color };
    for (const bytes of [heic({ ...one, profile: icc! }), heic({ ...one, primaries: 12 })])
      expect(corners(await decode(bytes))[0]).toEqual(near([[255, 128, 64]], 3)[0]);
    expect(corners(await decode(heic(one)))[0]).toEqual(near([raw], 3)[0]);
  });

  test('a shrunk picture has the colours of the whole', async () => {
    const large = { ...(await drawing(3, 301, 203).raw().toBuffer({ resolveWithObject: true })) };
    const bytes = bmp({ pixels: large.data, width: 301, height: 203 });
    const plan = { resize: { width: 60, height: 40 } };
    const [image, expected] = await Promise.all(
      [bytes, await drawing(3, 301, 203).png().toBuffer()].map((file) =>
        decodeImage(file, { maxPixels: MAX_PIXELS, plan: () => plan }),
      ),
    );
    const off = image!.pixels.map((value, i) => Math.abs(value - expected!.pixels[i]!));
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(3);
  });
});

test('of camera raw the largest preview, upright', async () => {
  const preview = await quarters.clone().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  const small = await quarters.clone().resize(16, 8).jpeg().toBuffer();
  for (const [format, bytes] of Object.entries(rawFiles(small, preview, 6))) {
    expect(sniffFormat(bytes)).toBe(format);
    const image = await decode(bytes);
    const isTurned = format !== 'raf'; // has no other EXIF than that of its preview
    expect([format, image]).toMatchObject([
      format,
      { format, upright: isTurned ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT } },
    ]);
    expect(corners(image)).toEqual(near(isTurned ? [BLUE, RED, WHITE, GREEN] : AS_DRAWN, 12));
  }
  // A preview with EXIF of its own is turned by that.
  const upright = await quarters.clone().withMetadata({ orientation: 3 }).jpeg().toBuffer();
  const image = await decode(rawFiles(small, upright, 6)['nef']!);
  expect(image.upright).toEqual({ width: WIDTH, height: HEIGHT });
  expect(corners(image)).toEqual(near([WHITE, BLUE, GREEN, RED], 12));
  expect((await failure(decode(rawFiles(Buffer.alloc(0), Buffer.alloc(0), 1)['arw']!))).code).toBe(
    'IMAGE_UNREADABLE',
  );
});

describe('JPEGs whose end is missing', () => {
  const cut = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, Math.floor(bytes.length * share));

  test.each([
    ['baseline', false],
    ['progressive', true],
  ])('%s: accepted when little else is', async (_, progressive) => {
    const whole = await drawing(5, 640, 480).jpeg({ progressive, quality: 90 }).toBuffer();
    const { pixels: expected, incomplete } = await decode(whole);
    expect(incomplete).toBe(false);
    for (const bytes of [whole.subarray(0, -2), whole.subarray(0, -40), cut(whole, 0.97)]) {
      const image = await decode(bytes);
      expect(image).toMatchObject({ format: 'jpeg', incomplete: true, upright: { width: 640, height: 480 } });
      const off = image.pixels.map((value, i) => Math.abs(value - expected[i]!));
      expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(5);
      await makeThumbnail(bytes, 160, { maxPixels: MAX_PIXELS });
    }
    expect((await failure(decode(cut(whole, 0.4)))).code).toBe('IMAGE_UNREADABLE');
    expect((await decode(Buffer.concat([whole, Buffer.alloc(1000)]))).incomplete).toBe(false);
  });
});

describe('hostile files', () => {
  const one = { width: WIDTH, height: HEIGHT, color };

  test('over the pixel limit, from the header alone', async () => {
    const size = { width: 30_000, height: 30_000 };
    const wideBmp = bmp(picture);
    wideBmp.writeUInt32LE(30_000, 18);
    for (const bytes of [
      heic({ ...one, declared: size }),
      psd(picture, size),
      wideBmp,
      Buffer.from(JXL, 'base64'),
      ico([picture]),
    ]) {
      const error = await failure(decode(bytes, WIDTH * HEIGHT - 1));
      expect(error).toMatchObject({ code: 'IMAGE_TOO_LARGE', details: { limit: 2047, unit: 'pixels' } });
    }
  });

  test('memory is bounded by the pixel limit, whatever a decoder asks for', async () => {
    const decoder = new MagickDecoder({ threadUrl });
    const bytes = psd(picture, { width: 10_000, height: 10_000 });
    await expect(decoder.decode(bytes, 'psd', 1000, 1)).rejects.toThrow('CacheResourcesExhausted');
    expect(await decoder.decode(bmp(picture), 'bmp', 1000, 1)).toMatchObject({ width: WIDTH });
    await decoder.close();
  });

  test('another size inside than outside', async () => {
    const declared = { width: 16, height: 16 };
    const bytes = heic({ ...one, declared });
    const outcome = await decode(bytes).then(
      ({ upright }) => upright,
      (error: AppError) => error.code,
    );
    expect([declared, 'IMAGE_UNREADABLE']).toContainEqual(outcome);
  });

  test('cut off anywhere', async () => {
    const files = [heic(one), Buffer.from(JXL, 'base64'), psd(picture), bmp(picture), ico([picture])];
    for (const bytes of files) {
      for (const share of [0.05, 0.3, 0.6, 0.9]) {
        const part = bytes.subarray(0, Math.floor(bytes.length * share));
        expect(['IMAGE_UNREADABLE', 'IMAGE_UNSUPPORTED']).toContain((await failure(decode(part))).code);
      }
    }
  });
});
