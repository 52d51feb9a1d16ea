import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  addToGallery,
  type Connection,
  dataOf,
  type ImageFields,
  nodesOf,
  removeFromGallery,
  request,
  searchById,
  searchByImage,
  upload,
} from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

let server: TestServer;
let folder: string;
const pictures: Buffer[] = [];
const images: ImageFields[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'likeness-import-'));
  server = await startServer({ env: { IMPORT_ROOTS: folder } });
  for (let i = 0; i < 12; i++) {
    pictures.push(await jpeg(i));
    const { image, created } = await addToGallery(server.url, pictures[i]!, {
      title: `Picture ${String.fromCharCode(65 + i)}`,
      tags: [i % 2 === 0 ? 'Even' : 'odd', ...(i % 3 === 0 ? ['三'] : [])],
    });
    expect(created).toBe(true);
    images.push(image);
  }
});

afterAll(async () => {
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
});

const page = async (args: string) =>
  dataOf(
    await request<{
      galleryImages: {
        totalCount: number;
        edges: { cursor: string; node: { id: string; title: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      };
    }>(
      server.url,
      `{ galleryImages(${args}) { totalCount edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    ),
  ).galleryImages;

describe('adding', () => {
  test('a picture is described and searchable as soon as addToGallery returns', async () => {
    expect(images[0]).toMatchObject({
      title: 'Picture A',
      tags: ['even', '三'],
      width: 320,
      height: 240,
      format: 'jpeg',
      bytes: pictures[0]!.length,
      sha256: createHash('sha256').update(pictures[0]!).digest('hex'),
    });
    const bytes = await jpeg(500);
    const { image } = await addToGallery(server.url, bytes);
    const { matches } = dataOf(await searchByImage(server.url, bytes, { topK: 1 })).searchByImage;
    expect(matches).toEqual([
      { rank: 1, similarity: expect.closeTo(1, 5), image: expect.objectContaining({ id: image.id }) },
    ]);
    await removeFromGallery(server.url, [image.id]);
  });

  test('the same bytes twice give the first image', async () => {
    expect(await addToGallery(server.url, pictures[3]!, { title: 'again' })).toEqual({
      created: false,
      repaired: false,
      image: images[3],
    });
  });

  test('the same new bytes at the same time make one image', async () => {
    const bytes = await jpeg(501);
    const added = await Promise.all(Array.from({ length: 6 }, () => addToGallery(server.url, bytes)));
    expect(new Set(added.map(({ image }) => image.id)).size).toBe(1);
    expect(added.filter(({ created }) => created)).toHaveLength(1);
    await removeFromGallery(server.url, [added[0]!.image.id]);
  });
});

describe('searching', () => {
  test('by upload and by id give the same answer', async () => {
    const uploaded = dataOf(await searchByImage(server.url, pictures[5]!, { topK: 5 })).searchByImage.matches;
    const byId = dataOf(await searchById(server.url, images[5]!.id, { topK: 5 })).searchByImage.matches;
    expect(byId.map(({ image }) => image.id)).toEqual(uploaded.map(({ image }) => image.id));
    expect(byId[0]).toMatchObject({
      rank: 1,
      similarity: expect.closeTo(1, 5),
      image: { id: images[5]!.id },
    });
    expect(byId.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    const similarities = byId.map(({ similarity }) => similarity);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
  });

  test('filters and minimum similarity hold', async () => {
    const odd = dataOf(await searchById(server.url, images[0]!.id, { filter: { tags: ['ODD'] } }))
      .searchByImage.matches;
    expect(odd.map(({ image }) => image.tags.includes('odd'))).toEqual(Array(6).fill(true));
    const close = dataOf(await searchById(server.url, images[0]!.id, { minSimilarity: 0.999 })).searchByImage
      .matches;
    expect(close.map(({ image }) => image.id)).toEqual([images[0]!.id]);
    const none = dataOf(await searchById(server.url, images[0]!.id, { filter: { tags: ['nowhere'] } }))
      .searchByImage.matches;
    expect(none).toEqual([]);
  });

  test('a null argument means its default', async () => {
    const answer = await request<{ searchByImage: { matches: unknown[] } }>(
      server.url,
      'query ($k: Int, $id: ID) { searchByImage(imageId: $id, topK: $k, minSimilarity: null, filter: null) { matches { rank } } }',
      { id: images[0]!.id, k: null },
    );
    expect(dataOf(answer).searchByImage.matches).toHaveLength(10);
  });

  test('a batch: one bad file fails its own item only', async () => {
    const files = [pictures[1]!, Buffer.from('no picture'), pictures[2]!].map((bytes, i) => ({
      paths: [`variables.images.${i}`],
      bytes,
    }));
    const answer = await upload<{ searchByImages: unknown[] }>(
      server.url,
      'query ($images: [Upload!]!) { searchByImages(images: $images, topK: 1) { index result { matches { image { id } } } error { code retryable message } } }',
      { images: [null, null, null] },
      files,
    );
    expect(dataOf(answer).searchByImages).toEqual([
      { index: 0, result: { matches: [{ image: { id: images[1]!.id } }] }, error: null },
      {
        index: 1,
        result: null,
        error: { code: 'IMAGE_UNSUPPORTED', retryable: false, message: expect.any(String) },
      },
      { index: 2, result: { matches: [{ image: { id: images[2]!.id } }] }, error: null },
    ]);
  });

  test('similar leaves the picture itself out', async () => {
    const answer = await request<{ galleryImage: { similar: { rank: number; image: { id: string } }[] } }>(
      server.url,
      `{ galleryImage(id: "${images[0]!.id}") { similar(topK: 4) { rank similarity image { id } } } }`,
    );
    const { similar } = dataOf(answer).galleryImage;
    expect(similar.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect(similar.map(({ image }) => image.id)).not.toContain(images[0]!.id);
  });
});

describe('analysis', () => {
  const FIELDS =
    'width height format bytes sha256 model { id dimension inputSize precision spaceId description } vector { dimension norm min max mean std histogram(bins: 8) values } matchCount(minSimilarity: 0.999) all: matchCount(minSimilarity: 0) dominantColors { hex share } timings { queueMs decodeMs embedMs searchMs totalMs }';

  test('of an upload and of a gallery picture agree', async () => {
    interface Analysis {
      readonly bytes: number;
      readonly vector: {
        readonly dimension: number;
        readonly norm: number;
        readonly histogram: number[];
        readonly values: number[];
      };
      readonly matchCount: number;
      readonly all: number;
      readonly dominantColors: { readonly hex: string; readonly share: number }[];
      readonly timings: Record<string, number>;
      readonly model: { readonly dimension: number };
    }
    const uploaded = dataOf(
      await upload<{ imageAnalysis: Analysis }>(
        server.url,
        `query ($image: Upload) { imageAnalysis(image: $image) { ${FIELDS} } }`,
        { image: null },
        [{ paths: ['variables.image'], bytes: pictures[4]! }],
      ),
    ).imageAnalysis;
    const stored = dataOf(
      await request<{ imageAnalysis: Analysis }>(
        server.url,
        `{ imageAnalysis(imageId: "${images[4]!.id}") { ${FIELDS} } }`,
      ),
    ).imageAnalysis;
    expect(uploaded.vector.values).toEqual(stored.vector.values);
    expect(uploaded.dominantColors).toEqual(stored.dominantColors);
    expect(uploaded.vector.norm).toBeCloseTo(1, 5);
    expect(uploaded.vector.values).toHaveLength(uploaded.vector.dimension);
    expect(uploaded.vector.dimension).toBe(uploaded.model.dimension);
    expect(uploaded.vector.histogram.reduce((a, b) => a + b)).toBe(uploaded.vector.dimension);
    expect(uploaded).toMatchObject({ bytes: pictures[4]!.length, matchCount: 1, all: 12 });
    expect(uploaded.dominantColors.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
    expect(uploaded.timings['decodeMs']).toBeGreaterThan(0);
    expect(uploaded.timings['embedMs']).toBeGreaterThan(0);
    expect(stored.timings).toMatchObject({ decodeMs: 0, embedMs: 0, searchMs: 0 });
  });
});

describe('listing', () => {
  test('pages forwards through everything once, in each order', async () => {
    for (const [order, expected] of [
      ['NEWEST', [...images].reverse()],
      ['OLDEST', images],
      ['TITLE', images],
    ] as const) {
      const seen: string[] = [];
      for (let after = ''; ;) {
        const { edges, pageInfo, totalCount } = await page(
          `first: 5, orderBy: ${order}${after && `, after: "${after}"`}`,
        );
        expect(totalCount).toBe(12);
        seen.push(...edges.map(({ node }) => node.id));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor!;
      }
      expect(seen).toEqual(expected.map(({ id }) => id));
    }
  });

  test('filters by tags, any of tags, text and dates', async () => {
    expect((await page('filter: { tags: ["even", "三"] }')).totalCount).toBe(2);
    expect((await page('filter: { anyTags: ["odd", "三"] }')).totalCount).toBe(8);
    expect((await page('filter: { text: "picture b" }')).edges.map(({ node }) => node.id)).toEqual([
      images[1]!.id,
    ]);
    expect((await page('filter: { text: "三" }')).totalCount).toBe(4);
    expect((await page('filter: { text: "%" }')).totalCount).toBe(0);
    expect((await page(`filter: { createdAfter: "${images[6]!.createdAt}" }`)).totalCount).toBe(6);
    expect((await page(`filter: { createdBefore: "${images[6]!.createdAt}" }`)).totalCount).toBe(6);
    expect((await page('filter: {}')).totalCount).toBe(12);
  });

  test('tags are counted', async () => {
    const { tags } = dataOf(
      await request<{ tags: Connection<object> }>(server.url, '{ tags { edges { node { tag count } } } }'),
    );
    expect(nodesOf(tags)).toEqual([
      { tag: 'even', count: 6 },
      { tag: 'odd', count: 6 },
      { tag: '三', count: 4 },
    ]);
  });
});

describe('pages by either end', () => {
  const PAGE_INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
  interface Paged extends Connection<{ id?: string; tag?: string }> {
    readonly totalCount: number;
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly startCursor: string;
      readonly endCursor: string;
    };
  }
  const list = async (field: string, args: string, node: 'id' | 'tag'): Promise<Paged> =>
    dataOf(
      await request<Record<string, Paged>>(
        server.url,
        `{ ${field}${args} { totalCount ${PAGE_INFO} edges { node { ${node} } } } }`,
      ),
    )[field] as Paged;

  test('the last pictures, and those before them', async () => {
    const ids = nodesOf(await list('galleryImages', '(first: 12)', 'id'));
    const end = await list('galleryImages', '(last: 5)', 'id');
    expect(nodesOf(end)).toEqual(ids.slice(7));
    expect(end).toMatchObject({ totalCount: 12, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    const before = await list('galleryImages', `(last: 7, before: "${end.pageInfo.startCursor}")`, 'id');
    expect(nodesOf(before)).toEqual(ids.slice(0, 7));
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const again = await list('galleryImages', `(after: "${before.pageInfo.endCursor}", first: 9)`, 'id');
    expect(again.pageInfo).toEqual({ ...end.pageInfo, hasNextPage: false });
  });

  test('tags, most used first', async () => {
    const all = nodesOf(await list('tags', '', 'tag')).map(({ tag }) => tag);
    const first = await list('tags', '(first: 2)', 'tag');
    expect(nodesOf(first).map(({ tag }) => tag)).toEqual(all.slice(0, 2));
    const rest = await list('tags', `(after: "${first.pageInfo.endCursor}")`, 'tag');
    expect(nodesOf(rest).map(({ tag }) => tag)).toEqual(all.slice(2));
    expect(rest).toMatchObject({
      totalCount: all.length,
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
  });

  test.each([
    ['galleryImages(first: 1, last: 1)', 'first'],
    ['galleryImages(last: 0)', 'last'],
    ['searchHistory(last: 501)', 'last'],
    ['tags(first: 501)', 'first'],
    ['tags(before: "x")', 'before'],
    ['searchHistory(after: "x", last: 1)', 'after'],
  ])('%s names what is wrong', async (field, path) => {
    const { errors } = await request(server.url, `{ ${field} { totalCount } }`);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { path } });
  });

  test('a null is no argument', async () => {
    const page = await list('galleryImages', '(first: null, after: null, last: 3, before: null)', 'id');
    expect(page.edges).toHaveLength(3);
  });
});

describe('changing', () => {
  test('tags are added and removed, all or none', async () => {
    const change = (ids: string[]) =>
      request<{ tagImages: { images: { tags: string[] }[] } }>(
        server.url,
        'mutation ($ids: [ID!]!) { tagImages(ids: $ids, add: ["New"], remove: ["even"]) { images { tags } } }',
        { ids },
      );
    expect((await change([images[0]!.id, '999999'])).errors[0]?.extensions.code).toBe('IMAGE_NOT_FOUND');
    expect((await page('filter: { tags: ["new"] }')).totalCount).toBe(0);
    expect(dataOf(await change([images[0]!.id])).tagImages.images).toEqual([{ tags: ['new', '三'] }]);
    await request(
      server.url,
      'mutation ($ids: [ID!]!) { tagImages(ids: $ids, add: ["even"], remove: ["new"]) { images { id } } }',
      { ids: [images[0]!.id] },
    );
  });

  test('a picture gets another title and other tags, and keeps what is left out', async () => {
    const { image } = await addToGallery(server.url, await jpeg(601), { title: 'before', tags: ['old'] });
    const update = (more: string) =>
      request<{ updateImage: { image: { title: string; tags: string[] } } }>(
        server.url,
        `mutation { updateImage(id: "${image.id}"${more}) { image { title tags } } }`,
      );
    const words = async (more: string) => dataOf(await update(more)).updateImage.image;
    expect(await words(', title: " After all "')).toEqual({ title: 'After all', tags: ['old'] });
    expect(await words(', tags: ["Two", "one"]')).toEqual({ title: 'After all', tags: ['one', 'two'] });
    expect(await words('')).toEqual({ title: 'After all', tags: ['one', 'two'] });
    expect((await page('filter: { text: "after", tags: ["two"] }')).totalCount).toBe(1);
    expect(await words(', title: "", tags: []')).toEqual({ title: '', tags: [] });
    expect((await page('filter: { text: "after" }')).totalCount).toBe(0);
    const bad = await update(`, title: "${'x'.repeat(201)}"`);
    expect(bad.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const none = await request(
      server.url,
      'mutation { updateImage(id: "999999", title: "x") { image { id } } }',
    );
    expect(none.errors[0]?.extensions.code).toBe('IMAGE_NOT_FOUND');
    await removeFromGallery(server.url, [image.id]);
  });

  test('a removed picture is gone everywhere, and its id is not given again', async () => {
    const bytes = await jpeg(600);
    const { image } = await addToGallery(server.url, bytes);
    expect(await removeFromGallery(server.url, [image.id, '999999'])).toEqual([image.id]);
    expect(await removeFromGallery(server.url, [image.id, '999999'])).toEqual([]);
    expect((await fetch(`${server.url}${image.url}`)).status).toBe(404);
    expect((await searchById(server.url, image.id)).errors[0]?.extensions.code).toBe('IMAGE_NOT_FOUND');
    const { matches } = dataOf(await searchByImage(server.url, bytes)).searchByImage;
    expect(matches.map((match) => match.image.id)).not.toContain(image.id);
    const again = await addToGallery(server.url, bytes);
    expect(Number(again.image.id)).toBeGreaterThan(Number(image.id));
    await removeFromGallery(server.url, [again.image.id]);
  });
});

describe('media', () => {
  test('the original comes back byte for byte, under a strong ETag, for good', async () => {
    const response = await fetch(`${server.url}${images[0]!.url}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(pictures[0]!)).toBe(true);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const etag = response.headers.get('etag')!;
    expect(etag).toBe(`"${images[0]!.sha256}"`);
    const again = await fetch(`${server.url}${images[0]!.url}`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const part = await fetch(`${server.url}${images[0]!.url}`, { headers: { range: 'bytes=0-9' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });

  test('thumbnails are cached as firmly; a width out of bounds is refused', async () => {
    const url = `${server.url}/media/${images[0]!.id}/thumbnail`;
    const response = await fetch(`${url}?width=160`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const etag = response.headers.get('etag')!;
    expect(etag).toMatch(/^"[^"]+"$/);
    expect((await fetch(`${url}?width=160`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    for (const width of ['0', '99999', 'x']) expect((await fetch(`${url}?width=${width}`)).status).toBe(400);
  });
});

describe('history', () => {
  const HISTORY =
    '{ searchHistory(first: 10) { totalCount edges { node { id thumbnailUrl totalMs queryImage { id } matches { rank similarity image { id } } } } } }';
  interface History {
    readonly searchHistory: {
      readonly totalCount: number;
      readonly edges: {
        readonly node: {
          readonly id: string;
          readonly thumbnailUrl: string | null;
          readonly queryImage: { id: string } | null;
          readonly matches: unknown[];
        };
      }[];
    };
  }

  test('every visitor has their own, at once, and can clear it', async () => {
    const [ann, bob] = [{ 'x-visitor-id': 'ann-12345678' }, { 'x-visitor-id': 'bob-12345678' }];
    const first = dataOf(await searchByImage(server.url, pictures[0]!, { topK: 2 }, ann)).searchByImage;
    const second = dataOf(await searchById(server.url, images[1]!.id, { topK: 2 }, ann)).searchByImage;
    const { searchHistory } = dataOf(await request<History>(server.url, HISTORY, {}, ann));
    expect(searchHistory.edges.map(({ node }) => node.id)).toEqual([second.id, first.id]);
    expect(searchHistory.edges[0]?.node.queryImage).toEqual({ id: images[1]!.id });
    expect(searchHistory.edges[1]?.node.matches).toHaveLength(2);
    const thumbnail = `${server.url}${searchHistory.edges[1]!.node.thumbnailUrl}`;
    const shown = await fetch(thumbnail, { headers: ann });
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    // The address of a search may be given to others, who then see its picture; they find no address by themselves.
    expect((await fetch(thumbnail, { headers: bob })).status).toBe(200);
    expect((await fetch(`${server.url}/media/history/${randomUUID()}`)).status).toBe(404);
    expect(dataOf(await request<History>(server.url, HISTORY, {}, bob)).searchHistory.totalCount).toBe(0);
    expect(
      dataOf(await request(server.url, 'mutation { clearSearchHistory { removedCount } }', {}, ann)),
    ).toEqual({
      clearSearchHistory: { removedCount: 2 },
    });
    expect(dataOf(await request<History>(server.url, HISTORY, {}, ann)).searchHistory.totalCount).toBe(0);
  });

  test('a browser is known by a cookie that is set once', async () => {
    const first = await searchById(server.url, images[0]!.id);
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
    const second = await request<History>(server.url, HISTORY, {}, { cookie });
    expect(second.headers.get('set-cookie')).toBeNull();
    // With the page, so that its first requests, sent side by side, are one visitor's.
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(page.headers.get('set-cookie')).toMatch(/^likeness_visitor=/);
    const known = await fetch(server.url, { headers: { accept: 'text/html', cookie } });
    expect(known.headers.get('set-cookie')).toBeNull();
    expect(dataOf(second).searchHistory.totalCount).toBe(1);
  });
});

describe('subscriptions', () => {
  const client = () =>
    createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });

  test('an import reports its progress to the end, and the gallery its changes', async () => {
    await mkdir(join(folder, 'trip'), { recursive: true });
    for (let i = 0; i < 4; i++) await writeFile(join(folder, 'trip', `${i}.jpg`), await jpeg(700 + i));
    await writeFile(join(folder, 'trip', 'broken.jpg'), 'broken');
    const ws = client();
    const changes = ws.iterate<{ galleryChanged: { kind: string; images: { title: string }[] } }>({
      query: 'subscription { galleryChanged { kind ids images { title } } }',
    });
    const firstChange = changes.next();
    // The subscription is in place once another operation on the same socket has been answered.
    for await (const result of ws.iterate({ query: '{ status { version } }' }))
      expect(result.errors).toBeUndefined();
    const started = dataOf(
      await request<{ importFolder: { job: { id: string } } }>(
        server.url,
        'mutation ($path: String!) { importFolder(path: $path, tags: ["Trip"]) { job { id state } } }',
        { path: join(folder, 'trip') },
      ),
    );
    const steps: Record<string, unknown>[] = [];
    for await (const { data } of ws.iterate<{ jobProgress: Record<string, unknown> }>({
      query:
        'subscription ($id: ID!) { jobProgress(id: $id) { state total done added skipped failed failures { path code } rate secondsLeft } }',
      variables: { id: started.importFolder.job.id },
    }))
      steps.push(data!.jobProgress);
    expect(steps.at(-1)).toMatchObject({
      state: 'DONE',
      total: 5,
      done: 5,
      added: 4,
      skipped: 0,
      failed: 1,
      failures: [{ code: 'IMAGE_UNSUPPORTED' }],
    });
    const change = (await firstChange).value as {
      data: { galleryChanged: { kind: string; images: { title: string }[] } };
    };
    expect(change.data.galleryChanged).toMatchObject({
      kind: 'ADDED',
      images: [{ title: expect.stringMatching(/^[0-3]$/) }],
    });
    await changes.return?.();
    const tagged = await page('filter: { tags: ["trip"] }, first: 10');
    expect(tagged.totalCount).toBe(4);
    await removeFromGallery(
      server.url,
      tagged.edges.map(({ node }) => node.id),
    );
    await ws.dispose();
  });

  test('a subscription since the revision of a list tells whether something was missed between the two', async () => {
    const ws = client();
    const revision = async (): Promise<string> =>
      dataOf(
        await request<{ galleryImages: { revision: string } }>(
          server.url,
          '{ galleryImages(first: 1) { revision } }',
        ),
      ).galleryImages.revision;
    const firstSince = async (since: string): Promise<unknown> => {
      const changes = ws.iterate<{ galleryChanged: Record<string, unknown> }>({
        query:
          'subscription ($since: ID) { galleryChanged(since: $since) { kind ids images { title } revision } }',
        variables: { since },
      });
      const first = changes.next();
      for await (const result of ws.iterate({ query: '{ status { version } }' }))
        expect(result.errors).toBeUndefined();
      const { image } = await addToGallery(server.url, await jpeg(721), { title: 'Seen' });
      await removeFromGallery(server.url, [image.id]);
      const { data } = (await first).value as { data: { galleryChanged: unknown } };
      await changes.return?.();
      return data.galleryChanged;
    };
    const before = await revision();
    expect(await firstSince(before)).toMatchObject({ kind: 'ADDED', images: [{ title: 'Seen' }] });
    const now = await revision();
    expect(now > before).toBe(true);
    expect(await firstSince(before)).toEqual({ kind: 'MISSED', ids: [], images: [], revision: now });
    expect(await firstSince('of another server')).toMatchObject({ kind: 'MISSED' });
    await ws.dispose();
  });

  test('errors and limits are the same as over HTTP', async () => {
    const ws = client();
    const codes = async (query: string): Promise<unknown> => {
      try {
        for await (const { errors } of ws.iterate({ query }))
          return (errors as unknown as { extensions: { code: string } }[] | undefined)?.[0]?.extensions.code;
      } catch (errors) {
        return (errors as { extensions: { code: string } }[])[0]?.extensions.code;
      }
      return undefined;
    };
    expect(await codes('subscription { jobProgress(id: "nope") { state } }')).toBe('BAD_USER_INPUT');
    expect(
      await codes(`{ ${Array.from({ length: 200 }, (_, i) => `a${i}: tags { totalCount }`).join(' ')} }`),
    ).toBe('QUERY_TOO_COMPLEX');
    await ws.dispose();
  });

  test('a page of another origin gets no socket', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'http://evil.example',
    });
    const message = await new Promise((resolve) => socket.once('error', (error) => resolve(error.message)));
    expect(message).toContain('401');
  });
});

describe('around GraphQL', () => {
  test('health, readiness, metrics, status', async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${server.url}/ready`)).json()).toMatchObject({ ready: true });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('likeness_index_vectors 12');
    expect(metrics).toMatch(/likeness_search_stage_seconds_count\{stage="embed"\} [1-9]/);
    const { status } = dataOf(
      await request<{ status: Record<string, unknown> }>(
        server.url,
        '{ status { gallerySize model { id description } index { size mode problem } embedder { workers alive capacity } limits { maxTopK } jobs { edges { node { state } } } } }',
      ),
    );
    expect(status).toMatchObject({
      gallerySize: 12,
      index: { size: 12, problem: null },
      limits: { maxTopK: 1000 },
    });
  });

  test('a browser at /graphql is sent to the playground, which is served from here', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      headers: { accept: 'text/html,application/xhtml+xml' },
      redirect: 'manual',
    });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/playground']);
    const html = await (await fetch(`${server.url}/playground/`)).text();
    expect(html).toContain('Altair');
    expect(html).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//);
  });

  test('introspection is on on loopback', async () => {
    expect((await request(server.url, '{ __schema { queryType { name } } }')).errors).toEqual([]);
  });

  test('operational failures do not show paths', async () => {
    const victim = images[11]!;
    const path = join(server.dir, 'media', victim.sha256.slice(0, 2), `${victim.sha256}.jpg`);
    await rename(path, join(folder, 'backup.jpg'));
    await mkdir(path); // there, and not to be read
    const response = await fetch(`${server.url}${victim.url}`);
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({
      errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) } }],
    });
    expect(body).not.toContain(server.dir);
    await rmdir(path);
    await rename(join(folder, 'backup.jpg'), path);
    expect((await fetch(`${server.url}${victim.url}`)).status).toBe(200);
  });
});
