import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addToGallery, dataOf, request, searchByImage, type ImageFields } from '../helpers/graphql.js';
import { jpeg, seededRandom } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { becomes } from '../helpers/wait-for.js';

let server: TestServer | null = null;

afterEach(async () => {
  await server?.dispose();
  server = null;
});

async function files(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function gallery(url: string): Promise<ImageFields[]> {
  const { galleryImages } = dataOf(
    await request<{ galleryImages: { edges: { node: ImageFields }[] } }>(
      url,
      '{ galleryImages(first: 500) { edges { node { id url sha256 } } } }',
    ),
  );
  return galleryImages.edges.map(({ node }) => node);
}

describe('kill -9 during 200 additions', () => {
  // Where the kill falls, by the number of additions acknowledged before it; the request under way then is cut anywhere.
  test.each([3, 40, 117])(
    'after %i acknowledged: every one of them is there, and nothing half-added',
    async (killAfter) => {
      const running = (server = await startServer({ tiny: true }));
      const pictures = await Promise.all(
        Array.from({ length: 200 }, (_, i) => jpeg(killAfter * 1000 + i, 96, 72)),
      );
      const acknowledged: { id: string; bytes: Buffer }[] = [];
      const random = seededRandom(killAfter);
      const killed: Promise<void>[] = [];
      let next = 0;
      const client = async (): Promise<void> => {
        for (let bytes; killed.length === 0 && (bytes = pictures[next++]) !== undefined;) {
          try {
            const { image } = await addToGallery(running.url, bytes);
            acknowledged.push({ id: image.id, bytes });
          } catch {
            return; // the server is gone
          }
          if (acknowledged.length >= killAfter && killed.length === 0 && random() < 0.5)
            killed.push(running.kill9());
        }
      };
      await Promise.all([client(), client(), client(), client()]);
      expect(killed).toHaveLength(1);
      await killed[0];

      await running.restart();
      const rows = await gallery(running.url);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const { id, bytes } of acknowledged) {
        expect(byId.get(id)?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
        const onDisk = Buffer.from(await (await fetch(`${running.url}/media/${id}`)).arrayBuffer());
        expect(onDisk.equals(bytes)).toBe(true);
        const best = dataOf(await searchByImage(running.url, bytes, { topK: 1 })).searchByImage.matches[0];
        expect(best?.similarity).toBeGreaterThan(0.9999);
      }
      // A picture that was committed but not yet acknowledged may be there, whole; nothing else may.
      const originals = (await files(join(running.dir, 'media'))).filter((name) => !name.endsWith('.webp'));
      expect(originals.map((name) => name.split('.')[0]).sort()).toEqual(
        rows.map(({ sha256 }) => sha256).sort(),
      );
      const { status } = dataOf(
        await request<{ status: { gallerySize: number; index: { size: number } } }>(
          running.url,
          '{ status { gallerySize index { size } } }',
        ),
      );
      expect(status).toEqual({ gallerySize: rows.length, index: { size: rows.length } });
      // One that the server is writing now (its index, say) goes by itself; one that the kill left would stay.
      await becomes(async () => (await files(running.dir)).filter((name) => name.endsWith('.tmp')), []);
    },
  );
});

describe('the worker is killed', () => {
  test('requests in it fail with a retryable code, the next succeed', async () => {
    const running = (server = await startServer({ tiny: true }));
    const bytes = await jpeg(1);
    await addToGallery(running.url, bytes);
    const [worker] = await running.childProcesses('embed-worker');
    const searches = Array.from({ length: 24 }, () => searchByImage(running.url, bytes));
    process.kill(worker!, 'SIGKILL');
    const answers = await Promise.all(searches);
    for (const { errors } of answers) {
      for (const { extensions } of errors)
        expect(extensions).toMatchObject({
          code: 'SERVER_BUSY',
          retryable: true,
          details: { retryAfterMs: expect.any(Number) },
        });
    }
    expect((await searchByImage(running.url, bytes)).errors).toEqual([]);
    const { status } = dataOf(
      await request<{ status: { embedder: { restarts: number } } }>(
        running.url,
        '{ status { embedder { restarts } } }',
      ),
    );
    expect(status.embedder.restarts).toBeGreaterThanOrEqual(1);
  });

  test('no process outlives a server that was killed', async () => {
    const running = (server = await startServer({ tiny: true }));
    await searchByImage(running.url, await jpeg(1));
    const children = await running.childProcesses();
    expect(children.length).toBeGreaterThan(0);
    await running.kill9();
    await running.goneProcesses(children);
  });
});

describe('SIGTERM', () => {
  test('finishes what is running, saves, and exits with 0', async () => {
    const running = (server = await startServer({ tiny: true }));
    const pictures = await Promise.all(Array.from({ length: 8 }, (_, i) => jpeg(i)));
    await addToGallery(running.url, pictures[0]!);
    const additions = pictures.slice(1).map((bytes) =>
      addToGallery(running.url, bytes).then(
        ({ image }) => image.id,
        () => null,
      ),
    );
    const stopping = running.stop();
    const ids = await Promise.all(additions);
    expect(await stopping).toBe(0);
    const [space] = await readdir(join(running.dir, 'index'));
    const manifest = JSON.parse(
      await readFile(join(running.dir, 'index', space!, 'MANIFEST.json'), 'utf8'),
    ) as { live: number };
    const done = ids.filter((id) => id !== null).length + 1;
    expect(manifest.live).toBeGreaterThanOrEqual(done);
    await running.restart();
    expect((await gallery(running.url)).length).toBeGreaterThanOrEqual(done);
  });
});
