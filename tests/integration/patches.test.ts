import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { silentLogger, type Logger } from '../../src/logger.js';
import { openEmbedder, type EmbedderOptions } from '../../src/services/embedding/embedder.js';
import type { Preprocess } from '../../src/services/embedding/model-file.js';
import { loadModel } from '../../src/services/embedding/model.js';
import type { Embedder, PatchPicture } from '../../src/services/embedding/types.js';
import { addToGallery, dataOf, request, upload, type GraphqlError } from '../helpers/graphql.js';
import { LIMITS } from '../helpers/limits.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writePatchModel, writeTinyModel } from '../helpers/tiny-model.js';

type Color = readonly [number, number, number];
const RED: Color = [220, 20, 30];
const GREEN: Color = [20, 200, 40];
const BLUE: Color = [30, 40, 220];
const YELLOW: Color = [230, 220, 10];
const CYAN: Color = [0, 210, 230];

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly color: Color;
}

const css = ([r, g, b]: Color): string => `rgb(${r} ${g} ${b})`;

/** Rectangles on a ground of one colour. */
const scene = (width: number, height: number, ground: Color, rectangles: readonly Rectangle[]) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${css(ground)}"/>${rectangles
        .map(
          ({ left, top, color, ...size }) =>
            `<rect x="${left}" y="${top}" width="${size.width}" height="${size.height}" fill="${css(color)}"/>`,
        )
        .join('')}</svg>`,
    ),
  ).flatten();

/** Shades of red on the left, of blue on the right, a green bar at the top. */
const threeParts = (width = 240, height = 160) =>
  scene(width, height, RED, [
    { left: width / 2, top: 0, width: width / 2, height, color: BLUE },
    { left: 0, top: 0, width, height: height / 4, color: GREEN },
  ]);

interface Decoded {
  readonly width: number;
  readonly height: number;
  /** At fractions of width and height. */
  at(x: number, y: number): readonly number[];
}

async function decode(png: Uint8Array): Promise<Decoded> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    at(x, y) {
      const from = (Math.floor(y * height) * width + Math.floor(x * width)) * channels;
      return [...data.subarray(from, from + channels)];
    },
  };
}

/** The third component of three colours is rounding and noise; the first two tell them apart. */
const firstTwo = (color: readonly number[]): readonly number[] => color.slice(0, 2);

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));

let dir: string;
const embedders: Embedder[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-patches-'));
});
afterEach(async () => {
  await Promise.all(embedders.splice(0).map((embedder) => embedder.close()));
  await rm(dir, { recursive: true, force: true });
});

async function openFolder(folder: string, options: Partial<EmbedderOptions> = {}): Promise<Embedder> {
  const embedder = await openEmbedder({
    model: await loadModel(folder),
    workers: 1,
    threads: 1,
    maxQueue: 16,
    timeoutMs: LIMITS.productMs,
    maxPixels: 1e7,
    logger: silentLogger,
    workerUrl: new URL('../../dist/workers/embed-worker.js', import.meta.url),
    ...options,
  });
  embedders.push(embedder);
  return embedder;
}

const SHORT_SIDE: Preprocess = { mode: 'short-side', shortSide: 112, multipleOf: 14 };
const openPatches = async (preprocess: Preprocess = SHORT_SIDE): Promise<Embedder> =>
  openFolder(await writePatchModel(dir, preprocess));

async function mapOf(embedder: Embedder, bytes: Uint8Array): Promise<PatchPicture & Decoded> {
  const map = await embedder.patchMap(bytes);
  if (map === null) throw new Error('Expected a patch map');
  expect(await sharp(map.png).metadata()).toMatchObject({ format: 'png', channels: 3 });
  return { ...map, ...(await decode(map.png)) };
}

describe('a patch map', () => {
  test('has the aspect of the picture, like colours for like patches and others for others', async () => {
    const embedder = await openPatches();
    expect(embedder.model.hasPatchTokens).toBe(true);
    const map = await mapOf(embedder, await threeParts().png().toBuffer());
    expect(map.grid).toEqual({ rows: 8, columns: 12, left: 0, top: 0, width: 1, height: 1 });
    expect([map.width, map.height]).toEqual([256, 171]);
    const [green, red, blue] = [map.at(0.3, 0.05), map.at(0.1, 0.9), map.at(0.9, 0.9)];
    for (const [one, other] of [
      [green, red],
      [red, blue],
      [blue, green],
    ] as const)
      expect(distance(one, other)).toBeGreaterThan(150);
    expect(distance(map.at(0.9, 0.05), green)).toBeLessThan(12);
    expect(distance(map.at(0.35, 0.45), red)).toBeLessThan(12);
    expect(distance(map.at(0.65, 0.45), blue)).toBeLessThan(12);
  });

  test('is the same every time, and does not change what embed gives', async () => {
    const embedder = await openPatches();
    const bytes = await threeParts().jpeg().toBuffer();
    const before = await embedder.embed(bytes);
    const one = await mapOf(embedder, bytes);
    await embedder.patchMap(await scene(90, 90, CYAN, []).png().toBuffer());
    expect((await mapOf(embedder, bytes)).png).toEqual(one.png);
    expect((await embedder.embed(bytes)).vector).toEqual(before.vector);
  });

  test('of a picture that is turned by its EXIF is upright', async () => {
    const embedder = await openPatches();
    const upright = await mapOf(embedder, await threeParts().png().toBuffer());
    const turned = await threeParts()
      .rotate(-90)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();
    expect(await sharp(turned).metadata()).toMatchObject({ width: 160, height: 240, orientation: 6 });
    const map = await mapOf(embedder, turned);
    expect([map.width, map.height]).toEqual([upright.width, upright.height]);
    for (const [x, y] of [
      [0.2, 0.05],
      [0.2, 0.8],
      [0.8, 0.8],
    ] as const)
      expect(distance(firstTwo(map.at(x, y)), firstTwo(upright.at(x, y)))).toBeLessThan(30);
  });

  test('with margins shows the picture alone', async () => {
    const embedder = await openPatches({ mode: 'pad', width: 112, height: 112, color: '#000000' });
    const map = await mapOf(embedder, await threeParts(240, 120).png().toBuffer());
    expect(map.grid).toEqual({ rows: 4, columns: 8, left: 0, top: 0, width: 1, height: 1 });
    expect([map.width, map.height]).toEqual([256, 128]);
    expect(distance(firstTwo(map.at(0.05, 0.05)), firstTwo(map.at(0.95, 0.05)))).toBeLessThan(12);
    expect(distance(firstTwo(map.at(0.05, 0.98)), firstTwo(map.at(0.95, 0.98)))).toBeGreaterThan(150);
  });

  test('of a model that is shown the middle says which part that is', async () => {
    const embedder = await openPatches({ mode: 'center-crop', resize: 128, crop: 112 });
    const map = await mapOf(embedder, await threeParts(256, 128).png().toBuffer());
    expect(map.grid).toEqual({
      rows: 8,
      columns: 8,
      left: 72 / 256,
      top: 8 / 128,
      width: 112 / 256,
      height: 112 / 128,
    });
    expect([map.width, map.height]).toEqual([256, 256]);
    expect(distance(map.at(0.05, 0.9), map.at(0.95, 0.9))).toBeGreaterThan(150);
  });

  test('of a plain picture is grey', async () => {
    const map = await mapOf(await openPatches(), await scene(100, 100, CYAN, []).png().toBuffer());
    expect(distance(map.at(0.1, 0.2), [128, 128, 128])).toBeLessThan(2);
    expect(distance(map.at(0.9, 0.8), [128, 128, 128])).toBeLessThan(2);
  });

  test('of a bad picture fails as embedding it does', async () => {
    const embedder = await openPatches();
    await expect(embedder.patchMap(Buffer.from('no picture'))).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
    });
    const good = await threeParts().png().toBuffer();
    await expect(embedder.explain(good, good.subarray(0, 200))).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
    expect((await embedder.explain(good, good))?.agreement).toBeCloseTo(1, 3);
  });

  test('is null for a model without patch tokens, and so is an explanation', async () => {
    const embedder = await openFolder(await writeTinyModel(dir));
    const bytes = await threeParts().png().toBuffer();
    expect(embedder.model.hasPatchTokens).toBe(false);
    expect(await embedder.patchMap(bytes)).toBeNull();
    expect(await embedder.explain(bytes, bytes)).toBeNull();
  });

  test.each([
    ['the output is not there', { output: 'tokens', prefix: 2, patchSize: 14 }, /no output tokens/],
    ['the prefix is another', { output: 'last_hidden_state', prefix: 1, patchSize: 14 }, /1 \+ 64 rows/],
    ['it is no list of tokens', { output: 'embedding', prefix: 2, patchSize: 14 }, /shape \[1, 3\]/],
  ])('a model is refused at the start when %s', async (_, patchTokens, message) => {
    const opened = openFolder(await writePatchModel(dir, SHORT_SIDE, { patchTokens }));
    await expect(opened).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringMatching(message),
    });
  });
});

/** A yellow thing, at another place and on another ground in each. */
const onRed = () => scene(224, 112, RED, [{ left: 28, top: 28, width: 56, height: 56, color: YELLOW }]);
const onBlue = () => scene(112, 224, BLUE, [{ left: 42, top: 140, width: 56, height: 56, color: YELLOW }]);

describe('an explanation', () => {
  test('lights up what two pictures share, and not the rest', async () => {
    const embedder = await openPatches();
    const [query, match] = await Promise.all([onRed().png().toBuffer(), onBlue().png().toBuffer()]);
    const explanation = await embedder.explain(query, match);
    if (explanation === null) throw new Error('Expected an explanation');
    const { pairs, agreement } = explanation;
    expect(explanation.query.grid).toEqual({ rows: 8, columns: 16, left: 0, top: 0, width: 1, height: 1 });
    expect(explanation.match.grid).toMatchObject({ rows: 16, columns: 8 });

    const [overQuery, overMatch] = [await decode(explanation.query.png), await decode(explanation.match.png)];
    expect([overQuery.width, overQuery.height, overMatch.width, overMatch.height]).toEqual([
      256, 128, 128, 256,
    ]);
    const alpha = (picture: Decoded, x: number, y: number): number => picture.at(x, y)[3] as number;
    expect(alpha(overQuery, 56 / 224, 56 / 112)).toBeGreaterThan(160);
    expect(alpha(overMatch, 70 / 112, 168 / 224)).toBeGreaterThan(160);
    for (const [x, y] of [
      [0.02, 0.02],
      [0.6, 0.5],
      [0.98, 0.9],
      [0.25, 0.02],
    ] as const)
      expect(alpha(overQuery, x, y)).toBe(0);
    for (const [x, y] of [
      [0.02, 0.02],
      [0.5, 0.4],
      [0.1, 0.8],
      [0.6, 0.98],
    ] as const)
      expect(alpha(overMatch, x, y)).toBe(0);

    // 16 patches of 128 in each.
    expect(agreement).toBeCloseTo(16 / 128, 1);
    expect(pairs.length).toBeGreaterThanOrEqual(4);
    for (const pair of pairs) {
      expect(pair.similarity).toBeGreaterThan(0.9);
      expect([
        pair.query.x > 28 / 224 && pair.query.x < 84 / 224,
        pair.query.y > 0.25 && pair.query.y < 0.75,
      ]).toEqual([true, true]);
      expect([
        pair.match.x > 42 / 112 && pair.match.x < 98 / 112,
        pair.match.y > 140 / 224 && pair.match.y < 196 / 224,
      ]).toEqual([true, true]);
    }
  });

  test('of several matches at once is what each alone would be', async () => {
    const embedder = await openPatches();
    const query = await onRed().png().toBuffer();
    const matches = await Promise.all(
      [onBlue(), threeParts(), onRed().flop()].map((one) => one.png().toBuffer()),
    );
    const together = await Promise.all(matches.map((match) => embedder.explain(query, match)));
    expect(together.map((one) => (one?.agreement ?? NaN) > 0.05)).toEqual([true, true, true]);
    expect(together[2]?.agreement).toBeCloseTo(1, 1);
    const fresh = await openFolder(await writePatchModel(dir, SHORT_SIDE, { id: 'again' }));
    expect(await fresh.explain(query, matches[1] as Buffer)).toEqual(together[1]);
  });

  test('that nobody waits for any more harms nobody', async () => {
    const embedder = await openPatches();
    const [query, match] = await Promise.all([onRed().png().toBuffer(), onBlue().png().toBuffer()]);
    const gone = new AbortController();
    const givenUp = embedder.explain(query, match, { signal: gone.signal });
    const wanted = embedder.explain(query, match);
    gone.abort();
    await expect(givenUp).rejects.toBeDefined();
    expect((await wanted)?.pairs.length).toBeGreaterThan(0);
  });
});

describe('what runs the model', () => {
  test.each(['cuda', 'coreml', 'dml'] as const)(
    '%s that cannot be had: the CPU, and one warning however often a worker is replaced',
    async (executionProvider) => {
      const warnings: object[] = [];
      const logger: Logger = {
        ...silentLogger,
        warn: (fields, message) => void warnings.push({ ...fields, message }),
      };
      const folder = await writePatchModel(dir, SHORT_SIDE);
      const embedder = await openFolder(folder, { executionProvider, logger });
      expect(embedder.status().executionProvider).toBe('cpu');
      expect(warnings).toEqual([
        {
          model: 'tiny-patches',
          wanted: executionProvider,
          problem: expect.stringMatching(executionProvider === 'cuda' ? /cuda/i : /built without/),
          message: `EXECUTION_PROVIDER=${executionProvider} is not available on this machine; the model runs on the CPU`,
        },
      ]);
      const bytes = await onRed().png().toBuffer();
      for (const pid of embedder.status().pids ?? []) process.kill(pid, 'SIGKILL');
      const again = async (): Promise<Float32Array> =>
        (await embedder.embed(bytes).catch(() => embedder.embed(bytes))).vector;
      expect(await again()).toEqual((await (await openFolder(folder)).embed(bytes)).vector);
      expect(embedder.status()).toMatchObject({ executionProvider: 'cpu', restarts: 1 });
      expect(warnings.filter((one) => 'wanted' in one)).toHaveLength(1);
    },
  );

  test('a model that is broken is told as such, not as a lack of a GPU', async () => {
    const folder = await writePatchModel(dir, SHORT_SIDE, { dimension: 4 });
    await expect(openFolder(folder, { executionProvider: 'cuda' })).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringMatching(/shape \[1, 3\].*4/),
    });
  });
});

interface Grid {
  readonly rows: number;
  readonly columns: number;
}

interface Match {
  readonly image: { readonly id: string };
  readonly explanation: {
    readonly query: string;
    readonly match: string;
    readonly agreement: number;
    readonly pairs: readonly { readonly similarity: number }[];
    readonly queryGrid: Grid;
    readonly matchGrid: Grid;
  } | null;
}

describe('over HTTP', () => {
  let models: string;
  let server: TestServer;
  let ids: string[];

  const EXPLANATION =
    'explanation { query match agreement pairs { query { x y } match { x y } similarity } queryGrid { rows columns left top width height } matchGrid { rows columns } }';
  const pngOf = (url: string): Promise<Decoded> => {
    expect(url).toMatch(/^data:image\/png;base64,/);
    return decode(Buffer.from(url.slice('data:image/png;base64,'.length), 'base64'));
  };

  beforeAll(async () => {
    models = await mkdtemp(join(tmpdir(), 'likeness-models-'));
    await writePatchModel(models, SHORT_SIDE);
    server = await startServer({
      env: { MODELS_DIR: models, MODEL: 'tiny-patches', EXECUTION_PROVIDER: 'cuda' },
    });
    ids = [];
    for (const picture of [onRed(), onBlue(), threeParts()])
      ids.push((await addToGallery(server.url, await picture.png().toBuffer())).image.id);
  });
  afterAll(async () => {
    await server.dispose();
    await rm(models, { recursive: true, force: true });
  });

  test('EXECUTION_PROVIDER=cuda without CUDA: one warning in the log, and status says cpu', async () => {
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('EXECUTION_PROVIDER=cuda'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 40, wanted: 'cuda' });
    const { status } = dataOf(
      await request<{ status: unknown }>(
        server.url,
        '{ status { model { hasPatchTokens } embedder { executionProvider } } }',
      ),
    );
    expect(status).toEqual({ model: { hasPatchTokens: true }, embedder: { executionProvider: 'cpu' } });
  });

  test('imageAnalysis.patchMap is a data URL, of an upload and of a gallery picture alike', async () => {
    interface Analysis {
      readonly patchMap: string;
      readonly patchGrid: Grid;
    }
    const fields = 'patchMap patchGrid { rows columns left top width height }';
    const uploaded = dataOf(
      await upload<{ imageAnalysis: Analysis }>(
        server.url,
        `query ($image: Upload) { imageAnalysis(image: $image) { ${fields} } }`,
        { image: null },
        [{ paths: ['variables.image'], bytes: await threeParts().png().toBuffer() }],
      ),
    ).imageAnalysis;
    const { width, height } = await pngOf(uploaded.patchMap);
    expect(width / height).toBeCloseTo(1.5, 1);
    expect(uploaded.patchGrid).toEqual({ rows: 8, columns: 12, left: 0, top: 0, width: 1, height: 1 });
    const stored = dataOf(
      await request<{ imageAnalysis: Analysis }>(
        server.url,
        `query ($id: ID) { imageAnalysis(imageId: $id) { ${fields} } }`,
        { id: ids[2] },
      ),
    ).imageAnalysis;
    expect(stored).toEqual(uploaded);
  });

  test('matches of an upload, of a gallery picture and of `similar` are explained; those of the history are not', async () => {
    const explain = async (match: Match): Promise<void> => {
      if (match.explanation === null) throw new Error('Expected an explanation');
      const { query, match: over, agreement, pairs, queryGrid, matchGrid } = match.explanation;
      const [overQuery, overMatch] = await Promise.all([pngOf(query), pngOf(over)]);
      expect([queryGrid.columns > queryGrid.rows, matchGrid.columns < matchGrid.rows]).toEqual([true, true]);
      expect(overQuery.width).toBeGreaterThan(overQuery.height);
      expect(overMatch.width).toBeLessThan(overMatch.height);
      expect(overQuery.at(0.25, 0.5)[3]).toBeGreaterThan(160);
      expect(overQuery.at(0.7, 0.5)[3]).toBe(0);
      expect(agreement).toBeCloseTo(16 / 128, 1);
      expect(pairs[0]?.similarity).toBeGreaterThan(0.9);
    };
    const search = `($image: Upload, $id: ID) { searchByImage(image: $image, imageId: $id, topK: 10) { matches { image { id } ${EXPLANATION} } } }`;
    interface Answer {
      readonly searchByImage: { readonly matches: readonly Match[] };
    }
    const uploaded = dataOf(
      await upload<Answer>(server.url, `query ${search}`, { image: null }, [
        { paths: ['variables.image'], bytes: await onRed().png().toBuffer() },
      ]),
    ).searchByImage.matches;
    expect(uploaded).toHaveLength(3);
    await explain(uploaded.find(({ image }) => image.id === ids[1]) as Match);

    const stored = dataOf(await request<Answer>(server.url, `query ${search}`, { id: ids[0] })).searchByImage;
    await explain(stored.matches.find(({ image }) => image.id === ids[1]) as Match);

    const { galleryImage } = dataOf(
      await request<{ galleryImage: { similar: readonly Match[] } }>(
        server.url,
        `query ($id: ID!) { galleryImage(id: $id) { similar { image { id } ${EXPLANATION} } } }`,
        { id: ids[0] },
      ),
    );
    await explain(galleryImage.similar.find(({ image }) => image.id === ids[1]) as Match);

    const { searchHistory } = dataOf(
      await request<{ searchHistory: { edges: readonly { node: { matches: readonly Match[] } }[] } }>(
        server.url,
        '{ searchHistory(first: 2) { edges { node { matches { image { id } explanation { query } } } } } }',
      ),
    );
    for (const { node } of searchHistory.edges)
      expect(node.matches.map(({ explanation }) => explanation)).toEqual(node.matches.map(() => null));
  });

  test('a page of explanations is affordable, a thousand are not', async () => {
    const errorsFor = async (topK: number): Promise<readonly GraphqlError[]> => {
      const query = `query ($id: ID) { searchByImage(imageId: $id, topK: ${topK}) { matches { ${EXPLANATION} } } }`;
      return (await request(server.url, query, { id: ids[0] })).errors;
    };
    expect(await errorsFor(24)).toEqual([]);
    expect(await errorsFor(1000)).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' }) }),
    ]);
  });

  test('with the built-in model all of it is null', async () => {
    const other = await startServer();
    try {
      const { image } = await addToGallery(other.url, await onRed().png().toBuffer());
      const answer = await request(
        other.url,
        `query ($id: ID) { imageAnalysis(imageId: $id) { patchMap patchGrid { rows } model { hasPatchTokens } } searchByImage(imageId: $id) { matches { ${EXPLANATION} } } }`,
        { id: image.id },
      );
      expect(dataOf(answer)).toEqual({
        imageAnalysis: { patchMap: null, patchGrid: null, model: { hasPatchTokens: false } },
        searchByImage: { matches: [{ explanation: null }] },
      });
    } finally {
      await other.dispose();
    }
  });
});
