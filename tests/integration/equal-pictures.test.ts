import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { addToGallery, dataOf, request, searchByImage } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

const TWINS = 1_000;
let server: TestServer;

beforeAll(async () => {
  const folder = await temporaryDir();
  server = await startServer({ tiny: true, env: { IMPORT_ROOTS: folder } });
  const plain = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#888' } })
    .png()
    .toBuffer();
  for (let i = 0; i < TWINS; i++)
    await writeFile(join(folder, `${i}.png`), withComment(plain, `number ${i}`));
  dataOf(
    await request(server.url, 'mutation ($path: String!) { importFolder(path: $path) { job { id } } }', {
      path: folder,
    }),
  );
  await server.until(async () => (await gallerySize()) === TWINS, 'the import of the placeholders');
});

afterAll(() => server.dispose());

/** The same pixels in another file: a tEXt chunk before the end. */
function withComment(png: Buffer, text: string): Buffer {
  const data = Buffer.from(`tEXtComment\0${text}`, 'latin1');
  const chunk = Buffer.alloc(data.length + 8);
  chunk.writeUInt32BE(data.length - 4, 0);
  data.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(data), data.length + 4);
  const end = png.length - 12;
  return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)]);
}

interface IndexFields {
  readonly mode: string;
  readonly problem: string | null;
  readonly recall: { readonly value: number; readonly sampleSize: number; readonly strays: number } | null;
}

async function gallerySize(): Promise<number> {
  const query = '{ status { gallerySize } }';
  return dataOf(await request<{ status: { gallerySize: number } }>(server.url, query)).status.gallerySize;
}

async function indexStatus(): Promise<IndexFields> {
  const query =
    '{ status { index { mode problem recall { value sampleSize strays measuredAt durationMs } } } }';
  return dataOf(await request<{ status: { index: IndexFields } }>(server.url, query)).status.index;
}

test('photos added after 1,000 equal pictures find themselves, and the index says that it finds all', async () => {
  const photos = await Promise.all([1, 2, 3, 4, 5].map((seed) => jpeg(seed)));
  const ids: string[] = [];
  for (const photo of photos) ids.push((await addToGallery(server.url, photo)).image.id);
  for (const [i, photo] of photos.entries()) {
    const { matches } = dataOf(await searchByImage(server.url, photo, { topK: 3 })).searchByImage;
    expect(matches[0]).toMatchObject({ similarity: expect.closeTo(1, 5), image: { id: ids[i] } });
    const near = dataOf(
      await searchByImage(server.url, photo, { topK: 3, minSimilarity: 0.9 }),
    ).searchByImage;
    expect(near.matches[0]?.image.id).toBe(ids[i]);
  }
  expect(await indexStatus()).toEqual({
    mode: 'exact',
    problem: null,
    recall: { value: 1, sampleSize: 0, strays: 0, measuredAt: null, durationMs: null },
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('likeness_index_recall 1\n');
  expect(metrics).toContain('likeness_index_strays 0\n');
});
