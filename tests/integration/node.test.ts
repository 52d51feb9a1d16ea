import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addToGallery, dataOf, removeFromGallery, request, searchById } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

const ANN = { 'x-visitor-id': 'visitor-ann' };
const BOB = { 'x-visitor-id': 'visitor-bob' };

let dir: string;
let server: TestServer;
let image: string;
let job: string;
/** One of Ann's. */
let search: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-node-'));
  const folder = join(dir, 'pictures');
  await mkdir(folder);
  await writeFile(join(folder, 'broken.jpg'), 'no picture');
  server = await startServer({ dir, env: { IMPORT_ROOTS: folder } });
  image = (await addToGallery(server.url, await jpeg(1), { title: 'One' })).image.id;
  search = dataOf(await searchById(server.url, image, {}, ANN)).searchByImage.id;
  const started = await request<{ importFolder: { job: { id: string } } }>(
    server.url,
    'mutation ($path: String!) { importFolder(path: $path) { job { id } } }',
    { path: folder },
  );
  job = dataOf(started).importFolder.job.id;
});

afterAll(async () => {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

const FIELDS = `__typename id
  ... on GalleryImage { title }
  ... on Job { kind }
  ... on SearchRecord { queryImage { id } matches { image { title } } }`;

const nodes = async (ids: readonly string[], headers: Record<string, string> = {}): Promise<unknown[]> =>
  dataOf(
    await request<{ nodes: unknown[] }>(
      server.url,
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ${FIELDS} } }`,
      { ids },
      headers,
    ),
  ).nodes;

const node = async (id: string, headers: Record<string, string> = {}): Promise<unknown> =>
  dataOf(
    await request<{ node: unknown }>(
      server.url,
      `query ($id: ID!) { node(id: $id) { ${FIELDS} } }`,
      { id },
      headers,
    ),
  ).node;

test('a picture, a job and a search are found by id alone, each as its own type', async () => {
  expect(await node(image)).toEqual({ __typename: 'GalleryImage', id: image, title: 'One' });
  expect(await node(job)).toEqual({ __typename: 'Job', id: job, kind: 'IMPORT_FOLDER' });
  expect(await node(search, ANN)).toEqual({
    __typename: 'SearchRecord',
    id: search,
    queryImage: { id: image },
    matches: [{ image: { title: 'One' } }],
  });
});

test('several come in the order of the ids, also twice, with null for what is not there', async () => {
  const found = await nodes([job, '999999', image, search, 'no-such-id', image], ANN);
  expect(found).toMatchObject([{ id: job }, null, { id: image }, { id: search }, null, { id: image }]);
  expect(await nodes([])).toEqual([]);
});

test('a search is found by its own visitor only, and forgotten with the history', async () => {
  expect(await node(search, BOB)).toBeNull();
  expect(await node(search)).toBeNull();
  expect(await nodes([search, image], BOB)).toMatchObject([null, { id: image }]);
  const again = dataOf(await searchById(server.url, image, {}, BOB)).searchByImage.id;
  expect(await node(again, BOB)).toMatchObject({ id: again });
  dataOf(await request<object>(server.url, 'mutation { clearSearchHistory { removedCount } }', {}, BOB));
  expect(await node(again, BOB)).toBeNull();
  expect(await node(search, ANN)).toMatchObject({ id: search });
});

test('a removed picture is none', async () => {
  const { image: removed } = await addToGallery(server.url, await jpeg(2));
  await removeFromGallery(server.url, [removed.id]);
  expect(await node(removed.id)).toBeNull();
});

test.each(['', '0', '-1', '1.5', '01', '4294967296', '99999999999', '１', "' OR 1=1", 'x'.repeat(5000)])(
  'null for %j, which is nothing',
  async (id) => {
    expect(await node(id)).toBeNull();
  },
);

describe('limits', () => {
  const codesOf = async (query: string, variables: Record<string, unknown>): Promise<unknown[]> =>
    (await request(server.url, query, variables)).errors.map(({ extensions: { code, details } }) => [
      code,
      details?.['path'] ?? details?.['what'],
    ]);

  test('500 ids at most', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect(await codesOf(query, { ids: Array(500).fill(image) })).toEqual([]);
    expect(await codesOf(query, { ids: Array(501).fill(image) })).toEqual([['BAD_USER_INPUT', 'ids']]);
    expect(await codesOf('query ($id: ID!) { node(id: $id) { id } }', { id: '\ud800' })).toEqual([
      ['BAD_USER_INPUT', 'id'],
    ]);
  });

  test('each counts what is asked of it, as in a list', async () => {
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on GalleryImage { similar(topK: 1000) { similarity } } } }';
    expect(await codesOf(query, { ids: Array(50).fill(image) })).toEqual([]);
    expect(await codesOf(query, { ids: Array(100).fill(image) })).toEqual([['QUERY_TOO_COMPLEX', 'cost']]);
  });

  test('a job tells by node what it tells by job', async () => {
    const failures = '... on Job { failures { path code } }';
    const query = `query ($id: ID!) { node(id: $id) { ${failures} } job(id: $id) { failures { path code } } }`;
    await server.until(async () => {
      const { job: now } = dataOf(
        await request<{ job: { finishedAt: string | null } }>(
          server.url,
          'query ($id: ID!) { job(id: $id) { finishedAt } }',
          { id: job },
        ),
      );
      return now.finishedAt !== null;
    }, 'the end of the import');
    const { node: asNode, job: asJob } = dataOf(
      await request<{ node: object; job: object }>(server.url, query, { id: job }),
    );
    expect(asNode).toEqual(asJob);
  });
});
