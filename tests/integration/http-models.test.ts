import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDinov2Weights } from '../helpers/dinov2-weights.js';
import {
  addToGallery,
  type Answer,
  type Connection,
  dataOf,
  nodesOf,
  request,
  searchByImage,
  upload,
  type UploadFile,
} from '../helpers/graphql.js';
import { HubServer, type HubFile } from '../helpers/hub-server.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { TINY_DIMENSION, tinyModelBytes, writeTinyModel } from '../helpers/tiny-model.js';
import { writeSafetensors } from '../helpers/weights.js';

/** The id of the model before: what `auto` takes as long as no DINOv2 is there. */
const BEFORE = 'builtin-tiny';
const PULLED = 'dinov2-small';
const PATH = `/facebook/${PULLED}/resolve/main/model.safetensors`;
const INT8_PATH = `/Xenova/${PULLED}/resolve/main/onnx/model_quantized.onnx`;
const PICTURES = 6;

interface Offer {
  readonly precision: string;
  readonly modelId: string;
  readonly state: string;
  readonly downloadBytes: number;
  readonly downloadedBytes: number;
  readonly estimatedEmbedMs: number | null;
  readonly estimatedSecondsToSwitch: number | null;
  readonly jobId: string | null;
}

interface ModelFields {
  readonly id: string;
  readonly state: string;
  readonly purpose: string;
  readonly licence: string | null;
  readonly dimension: number | null;
  readonly precision: string | null;
  readonly bytesOnDisk: number | null;
  readonly embedMs: number | null;
  readonly pictures: number | null;
  readonly secondsToSwitch: number | null;
  readonly removable: boolean;
  readonly problem: string | null;
  readonly offers: readonly Offer[];
}

interface JobFields {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly model: {
    readonly modelId: string | null;
    readonly precision: string | null;
    readonly stage: string;
    readonly done: number;
    readonly total: number | null;
    readonly bytesPerSecond: number | null;
    readonly switchJobId: string | null;
  } | null;
}

const MODELS = `{ models {
  id state purpose licence dimension precision bytesOnDisk embedMs pictures secondsToSwitch removable problem
  offers {
    precision modelId state downloadBytes downloadedBytes estimatedEmbedMs estimatedSecondsToSwitch jobId
  }
} }`;
const JOB =
  'id kind state code message model { modelId precision stage done total bytesPerSecond switchJobId }';

let hub: HubServer;
let dir: string;
let server: TestServer;
let weights: Uint8Array;

beforeAll(async () => {
  const file = join(await temporaryDir(), 'weights.safetensors');
  await writeSafetensors(file, makeDinov2Weights({ dimension: 384, depth: 1, grid: 4 }));
  weights = await readFile(file);
});

beforeEach(async () => {
  hub = await HubServer.start();
  dir = await mkdtemp(join(tmpdir(), 'likeness-models-'));
  await writeTinyModel(modelsDir(), { id: BEFORE });
});

afterEach(async () => {
  await server?.stop();
  await hub.close();
  await rm(dir, { recursive: true, force: true });
});

const modelsDir = (): string => join(dir, 'models');

async function start(env: Record<string, string> = {}): Promise<void> {
  server = await startServer({
    dir,
    env: { MODELS_DIR: modelsDir(), MODEL: 'auto', MODEL_HUB: hub.url, ...env },
  });
}

async function fill(): Promise<void> {
  for (let i = 0; i < PICTURES; i++) await addToGallery(server.url, await jpeg(i, 96, 72));
}

const serve = (file: Partial<HubFile> = {}): void =>
  void hub.files.set(PATH, { bytes: weights, redirect: 'absolute', ...file });

const models = async (): Promise<readonly ModelFields[]> =>
  dataOf(await request<{ models: ModelFields[] }>(server.url, MODELS)).models;

async function model(id: string): Promise<ModelFields> {
  const found = (await models()).find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no ${id}.`);
  return found;
}

const pullModel = (variables: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  request<{ pullModel: { job: JobFields } }>(
    server.url,
    `mutation ($id: ID!, $precision: ModelPrecision, $calibrate: Boolean, $use: Boolean) {
      pullModel(id: $id, precision: $precision, calibrate: $calibrate, use: $use) { job { ${JOB} } }
    }`,
    { id: PULLED, ...variables },
    headers,
  );

const uploadModel = (
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) =>
  upload<{ uploadModel: { job: JobFields } }>(
    server.url,
    `mutation ($files: [Upload!]!, $id: ID, $precision: ModelPrecision, $use: Boolean) {
      uploadModel(files: $files, id: $id, precision: $precision, use: $use) { job { ${JOB} } }
    }`,
    { files: files.map(() => null), ...variables },
    files.map((file, i): UploadFile => ({ paths: [`variables.files.${i}`], ...file })),
    headers,
  );

const useModel = (id: string) =>
  request<{ useModel: { job: { id: string } } }>(
    server.url,
    'mutation ($id: ID!) { useModel(id: $id) { job { id } } }',
    {
      id,
    },
  );

const removeModel = (id: string, vectors = false) =>
  request<{ removeModel: { freedBytes: number; spaces: string[] } }>(
    server.url,
    'mutation ($id: ID!, $vectors: Boolean) { removeModel(id: $id, vectors: $vectors) { freedBytes spaces } }',
    { id, vectors },
  );

/** Once nothing that began with it is answered any more. */
async function removed(id: string, vectors = false) {
  let answer = await removeModel(id, vectors);
  await server.until(async () => {
    if (codes(answer)[0] !== 'SERVER_BUSY') return true;
    answer = await removeModel(id, vectors);
    return false;
  });
  return dataOf(answer).removeModel;
}

const cancelJob = (id: string) =>
  request<{ cancelJob: { job: { id: string } } }>(
    server.url,
    'mutation ($id: ID!) { cancelJob(id: $id) { job { id } } }',
    {
      id,
    },
  );

async function job(id: string): Promise<JobFields> {
  const answer = await request<{ job: JobFields }>(
    server.url,
    `query ($id: ID!) { job(id: $id) { ${JOB} } }`,
    {
      id,
    },
  );
  return dataOf(answer).job;
}

/** The job in its last state. */
async function ended(id: string): Promise<JobFields> {
  let last = await job(id);
  await server.until(async () => {
    last = await job(id);
    return ['DONE', 'FAILED', 'CANCELLED'].includes(last.state);
  }, 'the end of the job');
  return last;
}

async function pulled(variables: Record<string, unknown> = {}): Promise<JobFields> {
  return ended(dataOf(await pullModel(variables)).pullModel.job.id);
}

const serves = (id: string): Promise<void> =>
  server.until(
    async () => (await models())[0]?.id === id && (await models())[0]?.state === 'SERVING',
    `${id} to serve`,
  );

const codes = ({ errors }: Answer<unknown>): string[] => errors.map(({ extensions }) => extensions.code);
const installed = async (): Promise<string[]> => (await readdir(modelsDir())).sort();
const nothingWaits = async (): Promise<void> =>
  server.until(
    async () => (await readdir(join(dir, 'data', 'uploads'))).length === 0,
    'uploads to be removed',
  );

describe('models', () => {
  test('lists what serves, what is installed and what can be had', async () => {
    await writeTinyModel(modelsDir(), { id: 'another' });
    await start();
    await fill();
    await server.until(
      async () => (await model(BEFORE)).embedMs !== null,
      'the serving model to be measured',
    );
    const all = await models();
    expect(all.map(({ id, state, removable }) => [id, state, removable])).toEqual([
      [BEFORE, 'SERVING', false],
      ['another', 'INSTALLED', true],
      ...[PULLED, 'dinov2-base', 'dinov2-large', 'dinov2-giant'].map((id) => [id, 'AVAILABLE', false]),
      ...['small', 'base', 'large', 'giant'].map((size) => [`dinov2-${size}-registers`, 'AVAILABLE', false]),
    ]);
    expect(all[0]).toMatchObject({
      purpose: 'UNKNOWN',
      dimension: TINY_DIMENSION,
      precision: 'fp32',
      pictures: PICTURES,
      secondsToSwitch: 0,
      problem: null,
      offers: [],
    });
    const known = all.find(({ id }) => id === PULLED)!;
    expect(known).toMatchObject({ purpose: 'THINGS_AND_SCENES', licence: 'Apache-2.0', dimension: 384 });
    expect(known.offers.map(({ precision, modelId, state }) => [precision, modelId, state])).toEqual([
      ['fp32', PULLED, 'AVAILABLE'],
      ['fp16', `${PULLED}-fp16`, 'AVAILABLE'],
      ['int8', `${PULLED}-int8`, 'AVAILABLE'],
    ]);
  });

  test('no request leaves the machine before a person asks for a model', async () => {
    await writeTinyModel(modelsDir(), { id: 'another' });
    await start();
    await fill();
    await models();
    await searchByImage(server.url, await jpeg(1, 96, 72));
    dataOf(await useModel('another'));
    await serves('another');
    expect((await removed(BEFORE, true)).spaces).toEqual([expect.stringContaining(BEFORE)]);
    await uploadModel([{ name: 'no.safetensors', bytes: Buffer.from('no') }]);
    await pullModel({ id: 'dinov3' });
    await server.stop();
    await server.restart();
    await models();
    expect(hub.requests).toEqual([]);
  });

  test('are changed by administrators only, and nobody else sees what is wrong with one', async () => {
    await writeTinyModel(modelsDir(), { id: 'broken', definition: { bytes: 1 } });
    await start({ ADMIN_TOKEN: 'secret' });
    for (const answer of [
      await pullModel(),
      await pullModel({}, { authorization: 'Bearer wrong' }),
      await removeModel('broken'),
      await uploadModel([{ name: 'a.safetensors', bytes: new Uint8Array(100_000) }]),
    ])
      expect(codes(answer)).toHaveLength(1);
    expect(codes(await pullModel())).toEqual(['UNAUTHENTICATED']);
    expect(codes(await pullModel({}, { authorization: 'Bearer wrong' }))).toEqual(['FORBIDDEN']);
    expect(codes(await uploadModel([{ name: 'a', bytes: new Uint8Array(9) }]))).toEqual(['UNAUTHENTICATED']);
    expect((await model('broken')).problem).toBe('Something went wrong on the server; its log says more.');
    const told = await request<{ models: ModelFields[] }>(
      server.url,
      MODELS,
      {},
      { authorization: 'Bearer secret' },
    );
    expect(dataOf(told).models.find(({ id }) => id === 'broken')).toMatchObject({
      state: 'BROKEN',
      problem: expect.stringContaining('instead of 1'),
    });
    expect(hub.requests).toEqual([]);
  });
});

describe('a pull', () => {
  test('gets the model and changes over to it while searches go on; going back is at once; then it is removed', async () => {
    serve();
    await start();
    await fill();
    const started = dataOf(await pullModel()).pullModel.job;
    expect(started).toMatchObject({
      kind: 'MODEL_PULL',
      model: { modelId: PULLED, precision: 'fp32', stage: 'DOWNLOADING', done: 0, switchJobId: null },
    });
    const done = await ended(started.id);
    expect(done).toMatchObject({
      state: 'DONE',
      code: null,
      model: { modelId: PULLED, stage: 'DONE', switchJobId: expect.any(String) },
    });
    const found = dataOf(await searchByImage(server.url, await jpeg(2, 96, 72), { topK: 1 }));
    expect(found.searchByImage.matches).toHaveLength(1);
    expect(await ended(done.model!.switchJobId!)).toMatchObject({ state: 'DONE', model: null });
    await serves(PULLED);
    expect(await model(PULLED)).toMatchObject({
      state: 'SERVING',
      pictures: PICTURES,
      secondsToSwitch: 0,
      embedMs: expect.any(Number),
      removable: false,
    });
    expect(await installed()).toEqual([BEFORE, PULLED]);

    // Six pictures say little of what a similarity means; what it learned of the samples does.
    const known = await request<{ searchByImage: { matches: { strength: string | null }[] } }>(
      server.url,
      'query ($id: ID!) { searchByImage(imageId: $id, topK: 1) { matches { strength } } }',
      { id: found.searchByImage.matches[0]!.image.id },
    );
    expect(dataOf(known).searchByImage.matches).toEqual([{ strength: 'COPY' }]);

    // What the others would take is known by it now.
    const time = (await model(PULLED)).embedMs!;
    const [fp32, fp16, int8] = (await model('dinov2-base')).offers;
    expect(fp32!.estimatedEmbedMs! / time).toBeCloseTo(3.7, 0); // their multiply-adds
    expect(fp16!.estimatedEmbedMs).toBeCloseTo(fp32!.estimatedEmbedMs!);
    expect(int8!.estimatedEmbedMs).toBeLessThan(fp32!.estimatedEmbedMs!);
    // Of six pictures, on all cores, with some time for decoding.
    expect(fp32!.estimatedSecondsToSwitch).toBeGreaterThan((PICTURES * fp32!.estimatedEmbedMs!) / 1000);
    // Of what is here its own time is known.
    expect((await model(PULLED)).offers[0]).toMatchObject({
      state: 'INSTALLED',
      estimatedEmbedMs: null,
      estimatedSecondsToSwitch: null,
    });

    // Everything has its vector of the model before: going back is one step.
    expect(await model(BEFORE)).toMatchObject({ state: 'INSTALLED', pictures: PICTURES, secondsToSwitch: 0 });
    expect(codes(await removeModel(PULLED))).toEqual(['BAD_USER_INPUT']);
    const back = dataOf(await useModel(BEFORE)).useModel.job;
    expect(await ended(back.id)).toMatchObject({ state: 'DONE' });
    await serves(BEFORE);

    const { bytesOnDisk } = await model(PULLED);
    expect(bytesOnDisk).toBeGreaterThan(0);
    expect(await removed(PULLED, true)).toMatchObject({
      freedBytes: bytesOnDisk,
      spaces: [expect.stringContaining(PULLED)],
    });
    expect(await installed()).toEqual([BEFORE]);
    expect(await model(PULLED)).toMatchObject({ state: 'AVAILABLE' });
    expect(codes(await removeModel(PULLED))).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a pull that does not come to its end', () => {
  const downloads = (): Promise<string[]> => readdir(join(modelsDir(), '.downloads')).catch(() => []);

  test('without a network says so by its code', async () => {
    await start();
    await hub.close();
    const { id } = dataOf(await pullModel({ precision: 'fp16' })).pullModel.job;
    const failed = await ended(id);
    // Nothing came, and yet it says what it was to be: a page that is opened later has to know.
    expect(failed).toMatchObject({
      state: 'FAILED',
      code: 'HUB_UNREACHABLE',
      model: { modelId: `${PULLED}-fp16`, precision: 'fp16', stage: 'DOWNLOADING', done: 0 },
    });
    const listed = await request<{ status: { jobs: Connection<JobFields> } }>(
      server.url,
      `{ status { jobs { edges { node { ${JOB} } } } } }`,
    );
    expect(nodesOf(dataOf(listed).status.jobs).find((one) => one.id === id)).toEqual(failed);
    hub = await HubServer.start();
    expect(await model(PULLED)).toMatchObject({ state: 'AVAILABLE' });
    expect(await installed()).toEqual([BEFORE]);
  });

  test('of another file than was announced leaves nothing of it', async () => {
    serve({ sha256: '0'.repeat(64) });
    await start();
    expect(await pulled()).toMatchObject({ state: 'FAILED', code: 'MODEL_MISMATCH' });
    expect(await model(PULLED)).toMatchObject({ state: 'AVAILABLE' });
    expect(await installed()).toEqual([BEFORE]);
  });

  test('cancelled keeps what is there, shows how much, and the next one goes on; or it is given up', async () => {
    serve({ trouble: ['stall', 'stall'] });
    await start();
    const standstill = hub.stalled();
    const { id } = dataOf(await pullModel()).pullModel.job;
    await standstill;
    await server.until(async () => ((await job(id)).model?.done ?? 0) > 0, 'the first bytes');
    const under = await job(id);
    expect(under).toMatchObject({
      state: 'RUNNING',
      model: { modelId: PULLED, stage: 'DOWNLOADING', total: weights.byteLength },
    });
    // Sent again, it is the same; and others need not wait for it.
    expect(dataOf(await pullModel()).pullModel.job.id).toBe(id);
    expect(await model(PULLED)).toMatchObject({ state: 'PULLING', removable: false });
    expect((await model(PULLED)).offers[0]).toMatchObject({ state: 'PULLING', jobId: id });
    expect(codes(await removeModel(PULLED))).toEqual(['SERVER_BUSY']);
    await fill();
    dataOf(await cancelJob(id));
    expect(await ended(id)).toMatchObject({ state: 'CANCELLED', code: null });
    const partial = await model(PULLED);
    expect(partial).toMatchObject({ state: 'PARTIAL', removable: true });
    expect(partial.offers[0]!.downloadedBytes).toBeGreaterThan(0);

    // Given up, and begun anew, up to where it stalls again.
    expect(dataOf(await removeModel(PULLED)).removeModel.freedBytes).toBe(partial.offers[0]!.downloadedBytes);
    expect(await model(PULLED)).toMatchObject({ state: 'AVAILABLE' });
    const again = hub.stalled();
    const second = dataOf(await pullModel({ use: false })).pullModel.job;
    await again;
    await server.until(async () => ((await job(second.id)).model?.done ?? 0) > 0, 'the first bytes');
    await server.kill9();
    await server.restart();

    // After a crash it is partly there, and goes on.
    expect(await model(PULLED)).toMatchObject({ state: 'PARTIAL' });
    hub.requests.length = 0;
    expect(await pulled({ use: false })).toMatchObject({ state: 'DONE', model: { switchJobId: null } });
    expect(hub.requests.map(({ range }) => range)).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(await downloads()).toEqual([]);
    // It was only to be there: it does not serve by itself, not even after a start.
    await server.stop();
    await server.restart();
    expect(await model(BEFORE)).toMatchObject({ state: 'SERVING' });
    expect(await model(PULLED)).toMatchObject({ state: 'INSTALLED', pictures: 0 });
    expect((await model(PULLED)).secondsToSwitch).toBeGreaterThan(0);
  });

  test('is refused before anything is asked of the hub', async () => {
    await writeTinyModel(modelsDir(), { id: PULLED });
    await start();
    const rules = async (answer: Promise<Answer<unknown>>): Promise<unknown> => {
      const [error] = (await answer).errors;
      return [error?.extensions.code, error?.extensions.details?.['path']];
    };
    expect(await rules(pullModel({ id: 'dinov3' }))).toEqual(['BAD_USER_INPUT', 'id']);
    expect(await rules(pullModel())).toEqual(['BAD_USER_INPUT', 'id']);
    expect(await rules(pullModel({ precision: 'int4' }))).toEqual(['BAD_USER_INPUT', 'precision']);
    expect(await rules(pullModel({ precision: 'fp16', calibrate: true }))).toEqual([
      'BAD_USER_INPUT',
      'calibrate',
    ]);
    expect(await rules(pullModel({ precision: 'int8', calibrate: true }))).toEqual([
      'BAD_USER_INPUT',
      'calibrate',
    ]);
    expect(hub.requests).toEqual([]);
  });

  test('with MODEL set every way to another model says so, a page can know it, and getting one goes on', async () => {
    const pinned = async (): Promise<unknown> =>
      dataOf(await request<{ status: { pinnedModel: unknown } }>(server.url, '{ status { pinnedModel } }'))
        .status.pinnedModel;
    await writeTinyModel(modelsDir(), { id: 'another' });
    serve();
    await start();
    expect(await pinned()).toBeNull();
    await server.stop();
    await start({ MODEL: BEFORE });
    expect(await pinned()).toBe(BEFORE);
    const bytes = new Uint8Array(1000);
    for (const answer of [
      await useModel('another'),
      await pullModel(),
      await uploadModel([{ name: 'a.safetensors', bytes }], { id: 'mine' }),
    ]) {
      const [error] = answer.errors;
      expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: 'MODEL' } });
      expect(error?.message).toContain(`The setting MODEL is ${BEFORE}`);
    }
    await nothingWaits();
    expect(hub.requests).toEqual([]);
    dataOf(await useModel(BEFORE)); // is what the setting says
    expect(await pulled({ use: false })).toMatchObject({ state: 'DONE', model: { switchJobId: null } });
    expect(await model(BEFORE)).toMatchObject({ state: 'SERVING' });
    expect(await model(PULLED)).toMatchObject({ state: 'INSTALLED', removable: true });
  });
});

describe('precisions', () => {
  test('int8 is the published export; calibrated, it is made of the weights with pictures of the gallery', async () => {
    serve();
    hub.files.set(INT8_PATH, {
      bytes: tinyModelBytes({ output: 'last_hidden_state' }),
      redirect: 'relative',
    });
    await start();
    await fill();
    expect(await pulled({ precision: 'int8', use: false })).toMatchObject({
      state: 'DONE',
      model: { modelId: `${PULLED}-int8` },
    });
    expect(hub.requests.map(({ url }) => url)).not.toContain(PATH);
    expect(await model(PULLED)).toMatchObject({ state: 'AVAILABLE' });
    expect((await model(PULLED)).offers[2]).toMatchObject({ precision: 'int8', state: 'INSTALLED' });

    dataOf(await removeModel(`${PULLED}-int8`));
    expect(await pulled({ precision: 'int8', calibrate: true, use: false })).toMatchObject({ state: 'DONE' });
    expect(hub.requests.map(({ url }) => url)).toContain(PATH);
    expect(await model(`${PULLED}-int8`)).toMatchObject({ precision: 'int8', dimension: 384 });
  });
});

describe('an upload', () => {
  test('of weights becomes a model and serves', async () => {
    await start();
    await fill();
    const { id } = dataOf(await uploadModel([{ name: 'model.safetensors', bytes: weights }], { id: 'mine' }))
      .uploadModel.job;
    const done = await ended(id);
    expect(done).toMatchObject({
      kind: 'MODEL_UPLOAD',
      state: 'DONE',
      model: { modelId: 'mine', precision: 'fp32', stage: 'DONE' },
    });
    expect(await ended(done.model!.switchJobId!)).toMatchObject({ state: 'DONE' });
    await serves('mine');
    await nothingWaits();
    expect(hub.requests).toEqual([]);
  });

  test('of an ONNX export becomes a model, by the name of its file', async () => {
    await start();
    const file = { name: 'My export.onnx', bytes: tinyModelBytes() };
    const { id } = dataOf(await uploadModel([file], { use: false })).uploadModel.job;
    expect(await ended(id)).toMatchObject({
      state: 'DONE',
      model: { modelId: 'my-export', precision: null, switchJobId: null },
    });
    expect(await model('my-export')).toMatchObject({ state: 'INSTALLED', purpose: 'UNKNOWN', licence: null });
    await nothingWaits();
  });

  test.each([
    ['a picture', 'photo.safetensors', () => jpeg(1, 96, 72)],
    ['half of the weights', 'half.safetensors', () => weights.subarray(0, weights.byteLength >> 1)],
    ['no ONNX model', 'nonsense.onnx', () => Buffer.from('nonsense')],
    ['a model that gives no finite numbers', 'nans.onnx', () => tinyModelBytes({ gives: 'nans' })],
  ])('of a wrong file is refused by a code, and nothing is left: %s', async (_, name, bytes) => {
    await start();
    const { id } = dataOf(await uploadModel([{ name, bytes: await bytes() }], { id: 'wrong' })).uploadModel
      .job;
    const failed = await ended(id);
    expect(failed).toMatchObject({ state: 'FAILED', code: 'MODEL_MISMATCH' });
    expect(failed.message).not.toContain(dir);
    expect(await installed()).toEqual([BEFORE]);
    await nothingWaits();
  });

  test('that cannot be anything is refused at once', async () => {
    await start({ MAX_MODEL_BYTES: '50000' });
    const bytes = new Uint8Array(1000);
    const wrong = async (names: readonly string[], variables = {}): Promise<string[]> =>
      codes(
        await uploadModel(
          names.map((name) => ({ name, bytes })),
          variables,
        ),
      );
    expect(await wrong([])).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['a.safetensors', 'b.safetensors'])).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['a.onnx', 'A.onnx'])).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['model.onnx'])).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['a.onnx'], { precision: 'int8' })).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['a.safetensors'], { id: '../a' })).toEqual(['BAD_USER_INPUT']);
    expect(await wrong(['a.safetensors'], { id: BEFORE })).toEqual(['BAD_USER_INPUT']);
    expect(codes(await uploadModel([{ name: 'a.safetensors', bytes: new Uint8Array(50_001) }]))).toEqual([
      'FILE_TOO_LARGE',
    ]);
    await nothingWaits();
  });

  test('may be larger than a picture, and a picture may not be as large as a model', async () => {
    await start({ MAX_UPLOAD_BYTES: '20000' });
    expect(weights.byteLength).toBeGreaterThan(20_000 * 64 + 2_100_000);
    const { id } = dataOf(
      await uploadModel([{ name: 'w.safetensors', bytes: weights }], { id: 'mine', use: false }),
    ).uploadModel.job;
    expect(await ended(id)).toMatchObject({ state: 'DONE' });
    expect(codes(await searchByImage(server.url, new Uint8Array(20_001)))).toEqual(['IMAGE_TOO_LARGE']);
  });
});
