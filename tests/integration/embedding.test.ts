import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import type { AppError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import { openEmbedder, type EmbedderOptions } from '../../src/services/embedding/embedder.js';
import { measureWorker } from '../../src/model-tools/measure.js';
import { loadModel, type Model } from '../../src/services/embedding/model.js';
import type { Embedder } from '../../src/services/embedding/types.js';
import { GIVES_UP_AT_ONCE_MS, GIVES_UP_MS, LIMITS } from '../helpers/limits.js';
import { untilGone } from '../helpers/processes.js';
import { TINY_DIMENSION, TINY_SIDE, writeTinyModel, type TinyModel } from '../helpers/tiny-model.js';

const workerUrl = new URL('../../dist/workers/embed-worker.js', import.meta.url);
const embedders: Embedder[] = [];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-embed-'));
});

afterEach(async () => {
  await Promise.all(embedders.splice(0).map((embedder) => embedder.close()));
  await rm(dir, { recursive: true, force: true });
});

const optionsFor = (model: Model): EmbedderOptions => ({
  model,
  workers: 1,
  threads: 1,
  maxQueue: 8,
  timeoutMs: LIMITS.productMs,
  maxPixels: 1e6,
  logger: silentLogger,
  workerUrl,
});

async function open(model: TinyModel = {}, options: Partial<EmbedderOptions> = {}): Promise<Embedder> {
  const loaded = await loadModel(await writeTinyModel(dir, model));
  const embedder = await openEmbedder({ ...optionsFor(loaded), ...options });
  embedders.push(embedder);
  return embedder;
}

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('Expected a failure');
    },
    (error: unknown) => error as AppError,
  );

const kill = (embedder: Embedder): void => {
  for (const pid of embedder.status().pids ?? []) process.kill(pid, 'SIGKILL');
};

/** Left half red, right half blue. */
const halves = (width = 80, height = 40) => {
  const raw = { width, height, channels: 3 } as const;
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  return sharp(pixels, { raw });
};

test('a picture becomes a unit vector, a size, a swatch and times', async () => {
  const embedder = await open();
  const bytes = await halves().png().toBuffer();
  const result = await embedder.embed(bytes, { thumbnail: true });
  expect(result).toMatchObject({ width: 80, height: 40, format: 'png', swatchSize: 32 });
  expect(result.vector).toHaveLength(TINY_DIMENSION);
  expect(Math.hypot(...result.vector)).toBeCloseTo(1, 6);
  // Red plane: two tiles of +1, two of -1 a row; all 48 values are 1 in size.
  const unit = 1 / Math.sqrt(48);
  expect([...result.vector.subarray(0, 4)].map((value) => value / unit)).toEqual(
    [1, 1, -1, -1].map((value) => expect.closeTo(value, 0)),
  );
  expect([...result.swatch.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...result.swatch.subarray(93, 96)]).toEqual([0, 0, 255]);
  expect(await sharp(result.thumbnail ?? Buffer.alloc(0)).metadata()).toMatchObject({
    format: 'jpeg',
    width: 80,
    height: 40,
  });
  for (const ms of Object.values(result.timings)) expect(ms).toBeGreaterThanOrEqual(0);
  expect(await embedder.embed(bytes)).toMatchObject({ thumbnail: null, facts: null, incomplete: false });

  // The last marker is missing; what the camera wrote is there.
  const photo = await halves()
    .withExif({ IFD0: { Model: 'Pixel' }, IFD2: { DateTimeOriginal: '2021:04:11 15:47:53' } })
    .jpeg()
    .toBuffer();
  const taken = { local: '2021-04-11T15:47:53', offsetMinutes: null };
  expect(await embedder.embed(photo.subarray(0, -2), { facts: {} })).toMatchObject({
    incomplete: true,
    facts: { camera: 'Pixel', taken },
  });
});

describe('any export of a model gives the same vector', () => {
  let expected: Float32Array;
  let bytes: Buffer;
  beforeEach(async () => {
    bytes = await halves().png().toBuffer();
    expected = (await (await open()).embed(bytes)).vector;
  });

  test.each<[string, TinyModel]>([
    ['last_hidden_state: the first row', { output: 'last_hidden_state' }],
    ['pooler_output, with another output beside it', { output: 'pooler_output' }],
    ['pooler_output, named', { output: 'pooler_output', definition: { output: { name: 'pooler_output' } } }],
    ['an embedding, by kind', { definition: { output: { kind: 'embedding' } } }],
    ['channels last', { layout: 'nhwc' }],
    ['bytes, channels first', { type: 'uint8' }],
    ['bytes, channels last', { type: 'uint8', layout: 'nhwc' }],
  ])('%s', async (_, model) => {
    const { vector } = await (await open({ id: 'other', ...model })).embed(bytes);
    for (let i = 0; i < vector.length; i++) expect(vector[i]).toBeCloseTo(expected[i] ?? NaN, 4);
  });

  test('a named output is the one taken', async () => {
    const model: TinyModel = {
      id: 'other',
      output: 'pooler_output',
      definition: { output: { name: 'last_hidden_state' } },
    };
    const { vector } = await (await open(model)).embed(bytes);
    expect([...vector]).not.toEqual([...expected]); // the tiny model puts something else into that row
  });
});

describe('a model that is not what it should be is refused at the start', () => {
  test.each<[string, TinyModel, RegExp]>([
    ['dimension', { definition: { dimension: 47 } }, /shape \[1, 48\].*47/],
    [
      'input type',
      { type: 'uint8', definition: { input: { layout: 'nchw', type: 'float32' } } },
      /uint8.*float32/,
    ],
    ['layout', { layout: 'nhwc', definition: { input: { layout: 'nchw', type: 'float32' } } }, /nchw/],
    [
      'input size',
      { definition: { preprocess: { mode: 'stretch', width: 28, height: 28 } } },
      /cannot be run/,
    ],
    [
      'input name',
      { definition: { input: { name: 'image', layout: 'nchw', type: 'float32' } } },
      /pixel_values.*image/,
    ],
    ['output name', { definition: { output: { name: 'logits' } } }, /embedding.*logits/],
    ['values that are not finite', { gives: 'nans' }, /not finite/],
  ])('%s', async (_, model, message) => {
    const error = await failure(open(model));
    expect(error).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path: join(dir, 'tiny', 'model.onnx') },
    });
    expect(error.message).toMatch(message);
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['truncated', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['another kind of file', () => Buffer.from('<!doctype html><title>404</title>')],
    ['empty', () => new Uint8Array(0)],
  ])('file: %s', async (_, damage) => {
    const path = join(await writeTinyModel(dir), 'model.onnx');
    await writeFile(path, damage(await readFile(path)));
    const error = await failure(openEmbedder(optionsFor(await loadModel(join(dir, 'tiny')))));
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
    expect(error.message).toContain(path);
  });
});

test('a vector of zeros is a failure of the model', async () => {
  const embedder = await open({ gives: 'zeros' });
  expect((await failure(embedder.embed(await halves().png().toBuffer()))).code).toBe('EMBEDDING_FAILED');
});

test('a bad picture fails alone, with a code of its own', async () => {
  const embedder = await open({}, { maxPixels: 5000 });
  const good = await halves().png().toBuffer();
  const [svg, cut, large, fine] = await Promise.all([
    failure(embedder.embed(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))),
    failure(embedder.embed(good.subarray(0, 100))),
    failure(embedder.embed(await halves(200, 100).jpeg().toBuffer())),
    embedder.embed(good),
  ]);
  expect([svg.code, cut.code, large.code]).toEqual([
    'IMAGE_UNSUPPORTED',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_LARGE',
  ]);
  expect(large.details).toEqual({ limit: 5000, actual: 20_000, unit: 'pixels' });
  expect(fine.width).toBe(80);
  expect(embedder.status().restarts).toBe(0);
});

describe('a worker that is killed', () => {
  test('while the model runs costs only the pictures in it', async () => {
    const embedder = await open({ slowness: 1500 });
    const bytes = await halves().png().toBuffer();
    const first = embedder.embed(bytes);
    const second = failure(embedder.embed(bytes));
    await first; // the second is decoded by now and next in the model
    kill(embedder);
    expect(await second).toMatchObject({
      code: 'SERVER_BUSY',
      details: { retryAfterMs: 500 },
      cause: { code: 'EMBEDDING_FAILED' },
    });
    expect((await embedder.embed(bytes)).vector).toHaveLength(TINY_DIMENSION);
    expect(embedder.status()).toMatchObject({ restarts: 1, alive: 1 });
  });

  test('while it decodes costs only the pictures in it', async () => {
    const embedder = await open({}, { maxPixels: 1e8 });
    const large = await halves(6000, 4000).png({ compressionLevel: 1 }).toBuffer(); // a second or so of work
    const dying = failure(embedder.embed(large));
    await failure(embedder.embed(Buffer.from('no picture'))); // answered: so the one before has arrived, too
    kill(embedder);
    expect((await dying).code).toBe('SERVER_BUSY');
    expect((await embedder.embed(await halves().png().toBuffer())).width).toBe(80);
  });
});

test('a worker that starts again does not take files that were put in the place of its model’s', async () => {
  const embedder = await open();
  const bytes = await halves().png().toBuffer();
  await embedder.embed(bytes);
  await rm(join(dir, 'tiny'), { recursive: true });
  await writeTinyModel(dir, { output: 'pooler_output' });
  kill(embedder);
  const errors = [];
  // The first may be in the dying worker.
  for (let i = 0; i < 2; i++) errors.push(await failure(embedder.embed(bytes)));
  expect(errors.at(-1)).toMatchObject({
    code: 'MODEL_MISMATCH',
    message: expect.stringMatching(/has changed since it was first read/),
  });
});

test('a run that takes too long is stopped, and the picture behind it gets its turn', async () => {
  const embedder = await open({ slowness: 3000 }, { timeoutMs: GIVES_UP_AT_ONCE_MS });
  const bytes = await halves().png().toBuffer();
  const [slow, behind] = await Promise.all([failure(embedder.embed(bytes)), failure(embedder.embed(bytes))]);
  expect([slow.code, behind.code]).toEqual(['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT']);
  expect(embedder.status().restarts).toBe(2);
});

test('the queue is bounded, and waiting can be given up', async () => {
  const embedder = await open({ slowness: 100 }, { maxQueue: 1 });
  const bytes = await halves().png().toBuffer();
  const inWorker = [embedder.embed(bytes), embedder.embed(bytes), embedder.embed(bytes)];
  const controller = new AbortController();
  const queued = failure(embedder.embed(bytes, { signal: controller.signal }));
  expect(embedder.status()).toMatchObject({ running: 3, queued: 1, capacity: 4 });
  expect((await failure(embedder.embed(bytes))).code).toBe('SERVER_BUSY');
  controller.abort();
  expect((await queued).name).toBe('AbortError');
  expect(await Promise.all(inWorker)).toHaveLength(3);
});

test('close() in the middle settles everything', async () => {
  const embedder = await open({ slowness: 100 });
  const bytes = await halves().png().toBuffer();
  const all = Array.from({ length: 6 }, () =>
    embedder.embed(bytes).then(
      () => 'done',
      (error: AppError) => error.code,
    ),
  );
  await embedder.close();
  expect(await Promise.all(all)).toEqual([...Array(3).fill('done'), ...Array(3).fill('SHUTTING_DOWN')]);
  expect(embedder.status()).toMatchObject({ alive: 0, running: 0, queued: 0, pids: [] });
  expect((await failure(embedder.embed(bytes))).code).toBe('SHUTTING_DOWN');
});

test('broken, odd and hostile files never cost more than themselves', async () => {
  const folder = new URL('../../../shared/hostile/', import.meta.url);
  if (!existsSync(folder)) return;
  const embedder = await open({}, { maxPixels: 2e7, maxQueue: 500 });
  const names = await readdir(folder);
  const outcomes = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(new URL(encodeURIComponent(name), folder));
      const outcome = await embedder.embed(bytes).then(
        ({ vector }) => (vector.length === TINY_DIMENSION ? 'ok' : 'bad'),
        (error: AppError) => String(error.code),
      );
      return [name, outcome] as const;
    }),
  );
  const allowed = ['ok', 'IMAGE_UNSUPPORTED', 'IMAGE_UNREADABLE', 'IMAGE_TOO_LARGE'];
  expect(outcomes.filter(([, outcome]) => !allowed.includes(outcome))).toEqual([]);
  expect(embedder.status().restarts).toBe(0);
  const of = new Map(outcomes);
  for (const name of names.filter((one) => one.startsWith('exif__') && one.endsWith('.jpg')))
    expect([name, of.get(name)]).toEqual([name, 'ok']);
  for (const name of ['sharp__truncated.png', 'pillow__truncated_image.png', 'sharp__corrupt-header.jpg'])
    expect([name, of.get(name)]).toEqual([name, 'IMAGE_UNREADABLE']);
  for (const name of [
    'pillow__truncated_jpeg.jpg', // all rows are there, the last marker is not
    'pillow__hopper_bad_exif.jpg',
    'pillow__broken_exif_dpi.jpg',
    'pillow__photoshop-200dpi-broken.jpg',
  ])
    expect([name, of.get(name)]).toEqual([name, 'ok']);
  expect(of.get('sharp__circle.svg')).toBe('IMAGE_UNSUPPORTED');
});

describe('models that share the workers', () => {
  const other = (options: TinyModel = {}): Promise<Model> =>
    writeTinyModel(dir, {
      id: 'other',
      ...options,
      definition: { normalize: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] }, ...options.definition },
    }).then(loadModel);
  const share = (embedder: Embedder, model: Model): Embedder => {
    const shared = embedder.share(model);
    embedders.push(shared);
    return shared;
  };

  test('two vectors of one decode are those that each gives alone', async () => {
    const model = await other();
    const first = await open();
    const bytes = await halves().png().toBuffer();
    const alone = await openEmbedder(optionsFor(model));
    embedders.push(alone);
    const second = share(first, model);
    const ids = [first.model.spaceId, second.model.spaceId];
    const { vectors, failures, ...picture } = await first.embedAll(bytes, ids, { thumbnail: true });
    expect([...vectors.keys()]).toEqual(ids);
    expect(failures.size).toBe(0);
    expect(vectors.get(ids[0] ?? '')).toEqual((await first.embed(bytes)).vector);
    expect(vectors.get(ids[1] ?? '')).toEqual((await alone.embed(bytes)).vector);
    expect(picture).toMatchObject({ width: 80, height: 40, format: 'png' });
    expect(second.status().pids).toEqual(first.status().pids);
  });

  test('what a model sees does not depend on which others run beside it', async () => {
    const model = await other({
      definition: { preprocess: { mode: 'center-crop', resize: 64, crop: TINY_SIDE } },
    });
    const first = await open();
    const bytes = await halves(640, 480).jpeg().toBuffer();
    const second = share(first, model);
    const { spaceId } = second.model;
    const { vectors } = await first.embedAll(bytes, [first.model.spaceId, spaceId]);
    expect(vectors.get(first.model.spaceId)).toEqual((await first.embed(bytes)).vector);
    expect(vectors.get(spaceId)).toEqual((await second.embed(bytes)).vector);
  });

  test('what one cannot do is its own failure', async () => {
    const first = await open();
    const bytes = await halves().png().toBuffer();
    const broken = share(first, await other({ definition: { dimension: 47 } }));
    const ids = [broken.model.spaceId, first.model.spaceId];
    for (let i = 0; i < 2; i++) {
      const { vectors, failures } = await first.embedAll(bytes, ids);
      expect([...vectors.keys()]).toEqual([first.model.spaceId]);
      expect(failures.get(broken.model.spaceId)).toMatchObject({ code: 'MODEL_MISMATCH' });
    }
    expect(await failure(broken.embed(bytes))).toMatchObject({ code: 'MODEL_MISMATCH' });
    expect(first.status().restarts).toBe(0);
  });

  test('a picture that cannot be read fails for all', async () => {
    const first = await open();
    const second = share(first, await other());
    const embedding = first.embedAll(Buffer.from('no'), [first.model.spaceId, second.model.spaceId]);
    expect(await failure(embedding)).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  });

  test('one goes and the others stay, whichever was first; the last one takes the processes along', async () => {
    const bytes = await halves().png().toBuffer();
    const first = await open();
    const { pids = [] } = first.status();
    const second = share(first, await other());
    const { vector } = await second.embed(bytes);
    await first.close();
    expect(await failure(first.embed(bytes))).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect((await second.embed(bytes)).vector).toEqual(vector);
    expect(second.status().pids).toEqual(pids);
    await second.close();
    await untilGone(pids);
    expect(await failure(second.embed(bytes))).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  test('one that was closed can be opened again', async () => {
    const bytes = await halves().png().toBuffer();
    const first = await open();
    const model = await other();
    const second = share(first, model);
    const { vector } = await second.embed(bytes);
    const underWay = second.embed(bytes);
    await second.close();
    expect((await underWay).vector).toEqual(vector); // what was under way is answered
    expect((await share(first, model).embed(bytes)).vector).toEqual(vector);
  });

  test('a worker that is replaced knows all of them', async () => {
    const bytes = await halves().png().toBuffer();
    const first = await open();
    const second = share(first, await other());
    const ids = [first.model.spaceId, second.model.spaceId];
    const before = await first.embedAll(bytes, ids);
    kill(first);
    await untilGone(first.status().pids ?? []);
    const again = async (): Promise<ReadonlyMap<string, Float32Array>> =>
      first.embedAll(bytes, ids).then(
        ({ vectors }) => vectors,
        (error: AppError) => {
          if (error.code !== 'SERVER_BUSY') throw error; // the pool had not heard of the death
          return again();
        },
      );
    expect(await again()).toEqual(before.vectors);
  });

  test('one that takes its worker along is left alone for a while, and the others go on', async () => {
    const bytes = await halves().png().toBuffer();
    const first = await open({}, { timeoutMs: GIVES_UP_MS });
    const endless = share(first, await other({ slowness: 20_000 }));
    const ids = [first.model.spaceId, endless.model.spaceId];
    // The pause doubles with every death, so that sooner or later a picture comes within it.
    let found: Awaited<ReturnType<Embedder['embedAll']>> | null = null;
    while (found === null)
      found = await first.embedAll(bytes, ids).catch((error: AppError) => {
        expect(['REQUEST_TIMEOUT', 'SERVER_BUSY']).toContain(error.code);
        return null;
      });
    expect([...found.vectors.keys()]).toEqual([first.model.spaceId]);
    const { code, details } = found.failures.get(endless.model.spaceId) ?? {};
    expect(code).toBe('SERVER_BUSY');
    expect(details?.['retryAfterMs']).toBeGreaterThan(0);
    expect((await first.embed(bytes)).vector).toEqual(found.vectors.get(first.model.spaceId));
  });
});

test('a worker can be timed by itself', async () => {
  const model = await loadModel(await writeTinyModel(dir));
  const pictures = [await halves().png().toBuffer(), await halves().jpeg().toBuffer()];
  const { threads, bootMs, loadMs, ...samples } = await measureWorker({
    model,
    pictures,
    repeat: 3,
    threads: 1,
    workerUrl,
  });
  expect(threads).toBe(1);
  expect(bootMs).toBeGreaterThan(loadMs);
  for (const values of Object.values(samples)) {
    expect(values).toHaveLength(6);
    expect(Math.min(...values)).toBeGreaterThan(0);
  }
});

test('a worker in the middle of a run is killed with its parent', async () => {
  const folder = await writeTinyModel(dir, { slowness: 3000 });
  const script = join(dir, 'parent.mjs');
  const dist = new URL('../../dist/', import.meta.url).href;
  await writeFile(join(dir, 'picture.png'), await halves().png().toBuffer());
  await writeFile(
    script,
    `import { readFile } from 'node:fs/promises';
     import { silentLogger } from '${dist}logger.js';
     import { openEmbedder } from '${dist}services/embedding/embedder.js';
     import { loadModel } from '${dist}services/embedding/model.js';
     const embedder = await openEmbedder({ model: await loadModel(${JSON.stringify(folder)}), workers: 1, threads: 1,
       maxQueue: 8, timeoutMs: 1e6, maxPixels: 1e6, logger: silentLogger });
     const bytes = await readFile(${JSON.stringify(join(dir, 'picture.png'))});
     const first = embedder.embed(bytes);
     void embedder.embed(bytes);
     await first; // the second is in the model now
     console.log(embedder.status().pids[0]);`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  parent.kill('SIGKILL');
  await once(parent, 'close');
  await untilGone([Number(line)]);
});
