import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { Sqlite } from '../../src/lib/sqlite.js';
import { CliGallery } from '../helpers/cli.js';
import { addToGallery, dataOf, nodesOf, request, type Connection } from '../helpers/graphql.js';
import { drawing } from '../helpers/pictures.js';
import { startServer, TestServer } from '../helpers/server.js';

interface Image {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly takenAt: string;
  readonly takenLocal: string | null;
  readonly rating: number | null;
}
const IMAGE = `id title tags takenAt takenLocal takenOffset takenFrom camera lens
  exposure { time fNumber iso focalLength } coordinates { latitude longitude altitude } rating favorite`;

const EXIF = {
  IFD0: { Make: 'Canon', Model: 'Canon EOS R5' },
  IFD2: {
    ...{ DateTimeOriginal: '2021:05:31 23:30:00', OffsetTimeOriginal: '+09:00', ExposureTime: '1/250' },
    ...{ FNumber: '28/10', ISOSpeedRatings: '200', FocalLength: '50/1', LensModel: 'RF50mm F1.8 STM' },
  },
  IFD3: {
    ...{ GPSLatitudeRef: 'N', GPSLatitude: '35/1 30/1 0/1' },
    ...{ GPSLongitudeRef: 'E', GPSLongitude: '139/1 30/1 0/1' },
  },
};
const xmp = (attributes: string, title: string, keywords: readonly string[]): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
  `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
  ` xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ${attributes}>` +
  `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${title}</rdf:li></rdf:Alt></dc:title>` +
  `<dc:subject><rdf:Bag>${keywords.map((word) => `<rdf:li>${word}</rdf:li>`).join('')}</rdf:Bag></dc:subject>` +
  `</rdf:Description></rdf:RDF></x:xmpmeta>`;
const photo = (seed: number, text: string): Promise<Buffer> =>
  drawing(seed, 120, 90).withExif(EXIF).withXmp(text).jpeg().toBuffer();

let gallery: CliGallery;
let server: TestServer;

beforeAll(async () => {
  gallery = await CliGallery.create();
  await writeFile(gallery.picture('IMG_10.jpg'), await photo(1, xmp('xmp:Rating="4"', 'Tokyo', ['Sea'])));
  await gallery.draw(['beside', 'plain'], 10);
  const beside = 'photoshop:DateCreated="2020-12-31T10:00:00"';
  await writeFile(gallery.picture('beside.jpg.xmp'), xmp(beside, 'Fireworks', ['Night', 'night']));
  await utimes(gallery.picture('plain.jpg'), 0, new Date('2019-03-04T05:06:07Z'));
  server = await startServer({ dir: gallery.dir, env: { ...gallery.env, KEEP_LOCATION: 'on' } });
});

afterAll(async () => {
  await server.dispose();
  await gallery.remove();
});

const ask = async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  dataOf(await request<Data>(server.url, query, variables));

async function images(variables: Record<string, unknown> = {}): Promise<Image[]> {
  const { galleryImages } = await ask<{ galleryImages: Connection<Image> }>(
    `query ($filter: GalleryFilter, $orderBy: GalleryOrder, $after: String, $first: Int) {
       galleryImages(first: $first, after: $after, orderBy: $orderBy, filter: $filter) { edges { node { ${IMAGE} } } } }`,
    { orderBy: 'TAKEN_NEWEST', first: 50, ...variables },
  );
  return nodesOf(galleryImages);
}
const titles = async (variables = {}): Promise<string[]> =>
  (await images(variables)).map(({ title }) => title);

const TOKYO = {
  takenAt: '2021-05-31T14:30:00.000Z',
  takenLocal: '2021-05-31T23:30:00',
  takenOffset: 540,
  takenFrom: 'PICTURE',
  camera: 'Canon EOS R5',
  lens: 'RF50mm F1.8 STM',
  exposure: { time: 0.004, fNumber: 2.8, iso: 200, focalLength: 50 },
  coordinates: { latitude: 35.5, longitude: 139.5, altitude: null },
};

test('a library shows what is in its pictures, beside them, and when their files were changed', async () => {
  await server.stop();
  const added = await gallery.run(['library', 'add', gallery.pictures, '--tag', 'trip'], {
    env: { KEEP_LOCATION: 'on' },
  });
  expect(added.code).toBe(0);
  await server.restart();
  const [tokyo, fireworks, plain] = await images();
  expect(tokyo).toMatchObject({
    ...TOKYO,
    title: 'Tokyo',
    tags: ['sea', 'trip'],
    rating: 4,
    favorite: false,
  });
  expect(fireworks).toMatchObject({ title: 'Fireworks', tags: ['night', 'trip'], takenOffset: null });
  expect(fireworks).toMatchObject({ takenAt: '2020-12-31T10:00:00.000Z', camera: null, exposure: null });
  expect(plain).toMatchObject({ title: 'plain', takenLocal: null, takenFrom: 'FILE', coordinates: null });
  expect(plain?.takenAt).toBe('2019-03-04T05:06:07.000Z');
});

test('an upload has the title of the picture unless it is given one, and keywords unless there are many', async () => {
  const many = Array.from({ length: 21 }, (_, i) => `word ${i}`);
  const first = await addToGallery(server.url, await photo(20, xmp('', 'Own', ['x'])), { tags: ['y'] });
  expect(first.image).toMatchObject({ title: 'Own', tags: ['x', 'y'] });
  const second = await addToGallery(server.url, await photo(21, xmp('', 'Own', many)), { title: 'Given' });
  expect(second.image).toMatchObject({ title: 'Given', tags: [] });
  await ask('mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }', {
    ids: [first.image.id, second.image.id],
  });
});

test('the timeline leads to each month, and filters and ratings go with it', async () => {
  const { galleryMonths, cameras } = await ask<{
    galleryMonths: { month: string; count: number; cursor: string }[];
    cameras: unknown;
  }>('{ galleryMonths { month count cursor } cameras { camera count } }');
  expect(galleryMonths.map(({ month, count }) => [month, count])).toEqual([
    ['2021-05', 1],
    ['2020-12', 1],
    ['2019-03', 1],
  ]);
  expect(cameras).toEqual([{ camera: 'Canon EOS R5', count: 1 }]);
  expect(await titles({ first: 1, after: galleryMonths[1]?.cursor })).toEqual(['Fireworks']);
  expect(await titles({ filter: { takenAfter: '2020-01-01T00:00:00Z', minPixels: 100 } })).toHaveLength(2);
  expect(
    await titles({ filter: { orientation: 'LANDSCAPE', camera: 'Canon EOS R5', tagged: true } }),
  ).toEqual(['Tokyo']);

  const [, { id } = { id: '' }] = await images();
  const update = `mutation ($id: ID!, $rating: Int, $favorite: Boolean) {
    updateImage(id: $id, rating: $rating, favorite: $favorite) { image { title rating favorite } } }`;
  expect(await ask(update, { id, rating: 5, favorite: true })).toEqual({
    updateImage: { image: { title: 'Fireworks', rating: 5, favorite: true } },
  });
  expect(await titles({ filter: { favorite: true, minRating: 5 } })).toEqual(['Fireworks']);
  expect(await ask(update, { id, rating: 0 })).toMatchObject({ updateImage: { image: { rating: null } } });
  for (const [query, path] of [
    ['{ galleryMonths(orderBy: NEWEST) { month } }', 'orderBy'],
    ['{ galleryImages(filter: { minRating: 6 }) { totalCount } }', 'filter.minRating'],
    ['{ galleryImages(filter: { minPixels: -1 }) { totalCount } }', 'filter.minPixels'],
    [`mutation { updateImage(id: "${id}", rating: 6) { image { id } } }`, 'rating'],
  ] as const)
    expect((await request(server.url, query)).errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path },
    });
});

test('a download without metadata has the same pixels; of a format that cannot be taken apart it is a WebP', async () => {
  const [{ id } = { id: '' }] = await images();
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const { bytes: original } = await get(`/media/${id}`);
  const { response, bytes } = await get(`/media/${id}?strip=1&download`);
  expect(response.headers.get('content-disposition')).toContain('Tokyo.jpg');
  expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
  expect(response.headers.get('etag')).toContain('-stripped"');
  expect(original.includes('Canon')).toBe(true);
  expect(bytes.includes('Canon')).toBe(false);
  const pixels = (file: Buffer): Promise<Buffer> => sharp(file).raw().toBuffer();
  expect((await pixels(bytes)).equals(await pixels(original))).toBe(true);
  const archive = await get(`/media/archive?ids=${id}&strip=1`);
  expect(archive.bytes.includes(bytes.subarray(0, 200))).toBe(true);
  expect(archive.bytes.includes('Canon')).toBe(false);

  const tiff = await drawing(22, 40, 30).withExif(EXIF).tiff().toBuffer();
  const added = await addToGallery(server.url, tiff, { title: 'scan' });
  const copy = await get(`/media/${added.image.id}?strip=1&download`);
  expect(copy.response.headers.get('content-disposition')).toContain('scan.webp');
  expect(await sharp(copy.bytes).metadata()).toMatchObject({ format: 'webp', width: 40 });
  await ask(`mutation { removeFromGallery(ids: ["${added.image.id}"]) { removedIds } }`);
});

test('a changed file brings its new facts and keywords; what people gave stays', async () => {
  const [{ id } = { id: '' }] = await images();
  await ask(`mutation { updateImage(id: "${id}", favorite: true, title: "Mine") { image { id } } }`);
  await writeFile(gallery.picture('IMG_10.jpg'), await photo(2, xmp('', 'Other', ['shore'])));
  // The watcher has noticed it, or will.
  await server.until(async () => (await images())[0]?.tags.includes('shore') === true, 'the scan');
  expect((await images())[0]).toMatchObject({
    ...{ ...TOKYO, id, title: 'Mine', tags: ['sea', 'shore', 'trip'], rating: 4, favorite: true },
  });
});

test('pictures of an earlier version are asked at a start; one whose file is gone waits', async () => {
  const before = await images();
  await server.stop();
  await rm(gallery.picture('plain.jpg'));
  const db = new Sqlite(join(gallery.dir, 'data', 'likeness.db'));
  db.write(
    `UPDATE images SET takenKey = createdAt, takenLocal = NULL, takenOffset = NULL, takenFrom = 'ADDED', camera = NULL,
       lens = NULL, exposureTime = NULL, rating = NULL, latitude = NULL, longitude = NULL, factsRead = 0`,
  );
  db.close();
  await server.restart();
  const asked = async () => (await images({ filter: { takenBefore: '2022-01-01T00:00:00Z' } })).length === 2;
  await server.until(asked, 'the facts');
  const now = await images({ orderBy: 'OLDEST' });
  const known = (id: string): Image | undefined => before.find((image) => image.id === id);
  for (const image of now) {
    if (image.title === 'plain') expect(image).toMatchObject({ takenFrom: 'ADDED' });
    else expect(image).toMatchObject({ takenAt: known(image.id)?.takenAt, tags: known(image.id)?.tags });
  }
  expect(now.find(({ title }) => title === 'Mine')).toMatchObject(TOKYO);
});

test('where places are not kept, those that were are forgotten', async () => {
  await server.stop();
  const off = new TestServer(server.dir, gallery.env, false);
  await off.restart();
  try {
    const answer = await request<{ galleryImages: Connection<{ coordinates: unknown; camera: string }> }>(
      off.url,
      '{ galleryImages(filter: { camera: "Canon EOS R5" }) { edges { node { coordinates { latitude } camera } } } }',
    );
    expect(nodesOf(dataOf(answer).galleryImages)).toEqual([{ coordinates: null, camera: 'Canon EOS R5' }]);
  } finally {
    await off.stop();
  }
});
