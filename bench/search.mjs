/** Searches by image id over HTTP, without embedding: measures HTTP, GraphQL, the index and the rows. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillGallery } from './lib/gallery.mjs';
import { load, machine, round } from './lib/measure.mjs';
import { graphql, startServer } from './lib/server.mjs';

const COUNT = Number(process.argv[2] ?? 10_000);
const QUERY =
  'query ($id: ID!, $filter: GalleryFilter) { searchByImage(imageId: $id, topK: 10, filter: $filter) { id matches { rank similarity image { id title url thumbnailUrl width height tags } } } }';

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  await fillGallery(dir, COUNT);
  const server = await startServer(dir);
  for (;;) {
    const { status } = await graphql(
      server.url,
      '{ status { index { generation rebuilding recall { measuredAt } } } }',
    );
    const { rebuilding, generation, recall } = status.index;
    if (!rebuilding && generation > 0 && recall?.measuredAt) break; // the breadth of searches is then known
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const search = (filter) => async (i) => {
    const id = String(1 + ((i * 7919) % COUNT));
    const { searchByImage } = await graphql(server.url, QUERY, { id, filter });
    if (!filter && searchByImage.matches[0].image.id !== id)
      throw new Error(`image ${id} did not find itself`);
  };
  console.log(machine());
  const rows = [];
  const report = async (what, run, options) => {
    const { p50, p99, perSecond } = await load(run, options);
    rows.push({ what, 'p50 ms': round(p50), 'p99 ms': round(p99), 'per second': round(perSecond, 0) });
  };
  await report('health (HTTP alone)', async () => (await fetch(`${server.url}/health`)).text(), {
    count: 2000,
    warmup: 200,
  });
  await report('{ __typename } (GraphQL alone)', () => graphql(server.url, '{ __typename }'), {
    count: 2000,
    warmup: 200,
  });
  await report('by id', search(), { count: 2000, warmup: 300 });
  await report('by id, 8 clients', search(), { count: 4000, clients: 8 });
  await report('by id, filter 50 %', search({ tags: ['odd'] }), { count: 300 });
  await report('by id, filter 1 %', search({ tags: ['group 7'] }), { count: 500 });
  await report(
    'gallery page of 24',
    () =>
      graphql(
        server.url,
        '{ galleryImages(first: 24) { totalCount edges { node { id title url thumbnailUrl tags } } pageInfo { hasNextPage endCursor } } }',
      ),
    { count: 500 },
  );
  console.table(rows);
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
