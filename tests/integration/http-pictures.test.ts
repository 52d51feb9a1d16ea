import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { addToGallery, dataOf, searchByImage } from '../helpers/graphql.js';
import { heic } from '../helpers/heic.js';
import { drawing, jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

let server: TestServer;
let upright: Buffer;
let uprightId: string;

beforeAll(async () => {
  server = await startServer();
  upright = await drawing(7, 480, 320).png().toBuffer();
  uprightId = (await addToGallery(server.url, await sharp(upright).jpeg({ quality: 92 }).toBuffer())).image
    .id;
  for (let seed = 100; seed < 110; seed++) await addToGallery(server.url, await jpeg(seed));
});

afterAll(() => server.dispose());

/** What a camera stores for each EXIF orientation (TIFF 6.0, tag 274) of an upright picture: the inverse turn of its pixels. */
function stored(orientation: number): Sharp {
  const pixels = sharp(upright);
  switch (orientation) {
    case 2:
      return pixels.flop();
    case 3:
      return pixels.rotate(180);
    case 4:
      return pixels.flip();
    case 5:
      return pixels.rotate(270).flop();
    case 6:
      return pixels.rotate(270);
    case 7:
      return pixels.rotate(90).flop();
    case 8:
      return pixels.rotate(90);
    default:
      return pixels;
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i finds the upright picture', async (orientation) => {
  const turned = await stored(orientation).png().toBuffer();
  const bytes = await sharp(turned).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
  const best = dataOf(await searchByImage(server.url, bytes)).searchByImage.matches[0];
  expect(best?.image.id).toBe(uprightId);
  expect(best?.similarity).toBeGreaterThan(0.98);
});

const noise = (width: number, height: number, channels: 3 | 4): Sharp =>
  sharp(Buffer.from(Array.from({ length: width * height * channels }, (_, i) => (i * 2654435761) % 251)), {
    raw: { width, height, channels },
  });

const phonePicture = (): Buffer =>
  heic({ width: 64, height: 48, color: (x, y) => [4 * x, 5 * y, (x * y) % 256] });

const animated = (format: 'gif' | 'webp'): Promise<Buffer> =>
  sharp(
    [
      Buffer.from('<svg width="64" height="48"><rect width="64" height="48" fill="red"/></svg>'),
      Buffer.from('<svg width="64" height="48"><rect width="64" height="48" fill="blue"/></svg>'),
    ],
    { join: { animated: true } },
  )
    [format]()
    .toBuffer();

test.each<[string, () => Promise<Buffer>, { width: number; height: number; format: string }]>([
  ['RGBA PNG', () => noise(60, 40, 4).png().toBuffer(), { width: 60, height: 40, format: 'png' }],
  ['grey JPEG', () => drawing(3).greyscale().jpeg().toBuffer(), { width: 320, height: 240, format: 'jpeg' }],
  [
    'CMYK JPEG',
    () => drawing(4).toColourspace('cmyk').jpeg().toBuffer(),
    { width: 320, height: 240, format: 'jpeg' },
  ],
  [
    '16-bit PNG',
    () => drawing(5).toColourspace('rgb16').png().toBuffer(),
    { width: 320, height: 240, format: 'png' },
  ],
  ['animated GIF', () => animated('gif'), { width: 64, height: 48, format: 'gif' }],
  ['animated WebP', () => animated('webp'), { width: 64, height: 48, format: 'webp' }],
  [
    'palette PNG',
    () => drawing(6).png({ palette: true, colours: 16 }).toBuffer(),
    { width: 320, height: 240, format: 'png' },
  ],
  ['TIFF', () => drawing(8).tiff().toBuffer(), { width: 320, height: 240, format: 'tiff' }],
  ['AVIF', () => drawing(9).avif({ effort: 0 }).toBuffer(), { width: 320, height: 240, format: 'avif' }],
  ['HEIC', async () => phonePicture(), { width: 64, height: 48, format: 'heic' }],
  ['a 1x1 picture', () => noise(1, 1, 3).png().toBuffer(), { width: 1, height: 1, format: 'png' }],
  ['a 1x5000 picture', () => noise(1, 5000, 3).png().toBuffer(), { width: 1, height: 5000, format: 'png' }],
  ['a 5000x1 picture', () => noise(5000, 1, 3).png().toBuffer(), { width: 5000, height: 1, format: 'png' }],
  [
    'a flat black picture',
    () =>
      sharp({ create: { width: 32, height: 32, channels: 3, background: 'black' } })
        .png()
        .toBuffer(),
    { width: 32, height: 32, format: 'png' },
  ],
])('%s is accepted and found', async (_what, make, expected) => {
  const bytes = await make();
  const { image, created } = await addToGallery(server.url, bytes);
  expect(created).toBe(true);
  expect(image).toMatchObject(expected);
  const best = dataOf(await searchByImage(server.url, bytes)).searchByImage.matches[0];
  expect(best?.similarity).toBeCloseTo(1, 4);
  const thumbnail = await fetch(`${server.url}${image.thumbnailUrl}`);
  expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);
});

test('a browser that does not show HEIC gets a WebP in its place, whoever asks for the file the file', async () => {
  const bytes = phonePicture();
  const { image } = await addToGallery(server.url, bytes);
  expect(image.title).toBe('file-0'); // as the file is called
  const get = (accept: string) => fetch(`${server.url}${image.url}`, { headers: { accept } });
  const shown = await get('image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8');
  expect([shown.status, shown.headers.get('content-type'), shown.headers.get('vary')]).toEqual([
    200,
    'image/webp',
    expect.stringMatching(/accept/i),
  ]);
  expect(await sharp(Buffer.from(await shown.arrayBuffer())).metadata()).toMatchObject({
    format: 'webp',
    width: 64,
  });
  for (const accept of [
    '*/*',
    'text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8',
    'image/webp,image/heic,image/*;q=0.8',
  ]) {
    const original = await get(accept);
    expect(original.headers.get('content-type')).toBe('image/heic');
    expect(Buffer.from(await original.arrayBuffer()).equals(bytes)).toBe(true);
  }
});

test('an animation is judged by its first frame', async () => {
  const red = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { image } = await addToGallery(server.url, red);
  const best = dataOf(await searchByImage(server.url, await animated('gif'), { topK: 3 })).searchByImage
    .matches;
  expect(best.find((match) => match.image.id === image.id)?.similarity).toBeGreaterThan(0.98);
});
