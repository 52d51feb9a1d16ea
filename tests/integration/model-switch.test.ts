import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deferred } from '../../src/lib/deferred.js';
import { silentLogger } from '../../src/logger.js';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import type { Catalog } from '../../src/services/catalog/types.js';
import { loadModel } from '../../src/services/embedding/model.js';
import { META_SERVING, recordOf } from '../../src/services/spaces/space-choice.js';
import { runCli } from '../helpers/cli.js';
import {
  addToGallery,
  type Answer,
  type Connection,
  dataOf,
  nodesOf,
  removeFromGallery,
  request,
  upload,
  type UploadFile,
} from '../helpers/graphql.js';
import { jpeg, seededRandom } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { MIGRATIONS_DIR } from '../helpers/temp-catalog.js';
import { TINY_DIMENSION, writeTinyModel, type TinyModel } from '../helpers/tiny-model.js';

/** Both give 48 numbers, so that vectors of the two would compare without an error, and wrongly. */
const OLD = 'builtin-first';
const NEW = 'second';
const OTHER_NORMALIZATION = {
  normalize: { scale: 1 / 255, mean: [0.2, 0.3, 0.1] as const, std: [0.3, 0.4, 0.5] as const },
};

let dir: string;
let env: Record<string, string>;
let server: TestServer;

async function newFolder(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'likeness-switch-'));
  env = {
    MODELS_DIR: join(dir, 'models'),
    MODEL: 'auto',
    SAMPLE_GALLERY: 'off',
    DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
    INDEX_DIR: join(dir, 'index'),
    MEDIA_DIR: join(dir, 'media'),
  };
  await writeTinyModel(join(dir, 'models'), { id: OLD });
}

const install = (options: TinyModel = {}): Promise<string> =>
  writeTinyModel(join(dir, 'models'), { id: NEW, definition: OTHER_NORMALIZATION, ...options });

const openDataFolder = (options: { readOnly?: boolean } = {}): Promise<Catalog> =>
  openCatalog({
    databaseUrl: env['DATABASE_URL'] as string,
    migrationsDir: MIGRATIONS_DIR,
    logger: silentLogger,
    ...options,
  });

const start = (more: Record<string, string> = {}): Promise<TestServer> =>
  startServer({ dir, env: { ...env, ...more } });

async function addPictures(seeds: readonly number[]): Promise<{ id: string; sha256: string }[]> {
  const added: { id: string; sha256: string }[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i; (i = next++) < seeds.length;)
      added[i] = (await addToGallery(server.url, await jpeg(seeds[i] as number, 96, 72))).image;
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return added;
}

interface SwitchFields {
  readonly from: string;
  readonly to: string;
  readonly spaceId: string;
  readonly state: string;
  readonly total: number;
  readonly embedded: number;
  readonly failed: number;
  readonly jobId: string | null;
  readonly message: string | null;
}

interface SpaceFields {
  readonly id: string;
  readonly modelId: string;
  readonly vectors: number;
  readonly failed: number;
  readonly serving: boolean;
  readonly filling: boolean;
}

interface StatusFields {
  readonly gallerySize: number;
  readonly model: { readonly id: string; readonly spaceId: string };
  readonly index: { readonly size: number };
  readonly modelSwitch: SwitchFields | null;
  readonly spaces: readonly SpaceFields[];
  readonly jobs: Connection<{ readonly id: string; readonly kind: string; readonly state: string }>;
}

const STATUS = `{ status {
  gallerySize model { id spaceId } index { size }
  modelSwitch { from to spaceId state total embedded failed jobId message }
  spaces { id modelId vectors failed serving filling }
  jobs { edges { node { id kind state } } }
} }`;

const status = async (): Promise<StatusFields> =>
  dataOf(await request<{ status: StatusFields }>(server.url, STATUS)).status;

const serving = async (): Promise<string> => (await status()).model.id;
const serves = (id: string): Promise<void> =>
  server.until(async () => (await serving()) === id, `${id} to serve`);

const useModel = (id: string, headers: Record<string, string> = {}) =>
  request<{ useModel: { job: { id: string; kind: string } } }>(
    server.url,
    'mutation ($id: ID!) { useModel(id: $id) { job { id kind } } }',
    { id },
    headers,
  );

const codes = ({ errors }: Answer<unknown>): string[] => errors.map(({ extensions }) => extensions.code);

afterEach(async () => {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('a gallery in use', () => {
  interface Found {
    readonly matches: readonly { readonly similarity: number; readonly image: { readonly id: string } }[];
    readonly analysis: {
      readonly model: { readonly spaceId: string };
      readonly vector: { readonly values: readonly number[] };
      readonly matchCount: number;
    };
  }

  const SEARCH = `query ($image: Upload, $imageId: ID) { searchByImage(image: $image, imageId: $imageId, topK: 8) {
    matches { similarity image { id } }
    analysis { model { spaceId } vector { values } matchCount(minSimilarity: 0) }
  } }`;

  const search = (variables: { imageId?: string }, files: readonly UploadFile[] = []) =>
    files.length > 0
      ? upload<{ searchByImage: Found }>(server.url, SEARCH, { image: null }, files)
      : request<{ searchByImage: Found }>(server.url, SEARCH, variables);

  /** Every vector of the catalog: space, then picture. */
  async function allVectors(): Promise<Map<string, Map<string, Float32Array>>> {
    const catalog = await openDataFolder({ readOnly: true });
    const spaces = new Map<string, Map<string, Float32Array>>();
    for (const { id } of await catalog.vectors.spaces()) {
      const vectors = new Map<string, Float32Array>();
      for await (const page of catalog.vectors.pages(id))
        for (const { id: image, vector } of page) vectors.set(String(image), vector.slice());
      spaces.set(id, vectors);
    }
    await catalog.close();
    return spaces;
  }

  test('200 pictures, 4 clients, kill -9 in the middle: every answer is of one space, and none is left out', async () => {
    await newFolder();
    server = await start();
    const seeds = Array.from({ length: 200 }, (_, i) => i);
    const pictures = await addPictures(seeds);
    const oldSpace = (await status()).model.spaceId;
    const before = (await allVectors()).get(oldSpace)!;
    expect(before.size).toBe(200);

    // One whose file is lost: it can be found by the old model, and have no vector of the new one.
    const lost = pictures[17]!;
    await rm(join(dir, 'media', lost.sha256.slice(0, 2), `${lost.sha256}.jpg`));
    await install({ slowness: 20 });

    const answers: { query: string; found: Found }[] = [];
    let over = false;
    let back: Promise<void> | null = null;
    const client = async (seed: number): Promise<void> => {
      const random = seededRandom(seed);
      while (!over) {
        const place = 20 + Math.floor(random() * 180); // none of those that are removed, or lost
        const { id } = pictures[place]!;
        const file = { paths: ['variables.image'], bytes: await jpeg(seeds[place]!, 96, 72) };
        const byFile = random() < 0.5;
        let answer: Answer<{ searchByImage: Found }>;
        try {
          answer = await search({ imageId: id }, byFile ? [file] : []);
        } catch (error) {
          if (back === null) throw error; // only a server that was killed gives no answer
          await back;
          continue;
        }
        answers.push({ query: id, found: dataOf(answer).searchByImage });
      }
    };
    const clients = [1, 2, 3, 4].map(client);
    // A client that fails must not go unnoticed until the end.
    const failed = Promise.all(clients);
    failed.catch(() => {});

    expect(dataOf(await useModel(NEW)).useModel.job.kind).toBe('MODEL_SWITCH');
    await server.until(async () => ((await status()).modelSwitch?.embedded ?? 0) >= 40);
    // While it is filled: pictures that come, and pictures that go, some of them with their new vector.
    const added = await addPictures([1000, 1001, 1002]);
    const removed = [pictures[0]!.id, pictures[1]!.id, pictures[19]!.id];
    await removeFromGallery(server.url, removed);
    const middle = await status();
    expect(middle).toMatchObject({
      gallerySize: 200,
      model: { id: OLD },
      modelSwitch: { from: OLD, to: NEW, state: 'FILLING', total: 200 },
    });
    expect(middle.modelSwitch!.embedded).toBeLessThan(200);
    const here = (await allVectors()).get(middle.modelSwitch!.spaceId)!.size;

    const returned = new Deferred<void>();
    back = returned.promise;
    await server.kill9();
    await server.restart();
    returned.resolve();
    // What was done is not done again, and nothing was switched half-way.
    const resumed = await status();
    expect(resumed.model.id).toBe(OLD);
    expect(resumed.modelSwitch!.embedded).toBeGreaterThanOrEqual(here);

    await serves(NEW);
    const switchedAt = answers.length;
    await server.until(async () => answers.length >= switchedAt + 20);
    over = true;
    await failed;
    expect(server.output()).toContain('of 200 pictures 199 have their vector, and 1 a recorded reason');

    const after = await status();
    const newSpace = after.model.spaceId;
    expect(after).toMatchObject({ gallerySize: 200, index: { size: 199 }, modelSwitch: null });
    expect(after.spaces).toEqual([
      expect.objectContaining({ id: oldSpace, vectors: 200, serving: false, filling: false }),
      expect.objectContaining({ id: newSpace, vectors: 199, failed: 1, serving: true, filling: false }),
    ]);

    const vectors = await allVectors();
    const known = new Map([
      [oldSpace, new Map([...before, ...vectors.get(oldSpace)!])],
      [newSpace, vectors.get(newSpace)!],
    ]);
    expect(added.every(({ id }) => known.get(newSpace)!.has(id))).toBe(true);
    const seen = { [oldSpace]: 0, [newSpace]: 0 };
    for (const { query, found } of answers) {
      const { spaceId } = found.analysis.model;
      const space = known.get(spaceId)!;
      seen[spaceId]!++;
      const own = space.get(query)!;
      found.analysis.vector.values.forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 4));
      expect(found.matches).toHaveLength(8);
      expect(found.matches[0]).toMatchObject({ image: { id: query }, similarity: expect.closeTo(1, 4) });
      for (const { image, similarity } of found.matches) {
        const vector = space.get(image.id)!; // of the new space it has none that was removed before
        const cosine = vector.reduce((sum, value, i) => sum + value * own[i]!, 0);
        expect(Math.abs(similarity - Math.max(0, cosine))).toBeLessThan(1e-4);
      }
      // All that there is, in either space; a search in one that is half filled would count fewer.
      expect(found.analysis.matchCount).toBeGreaterThanOrEqual(197);
    }
    expect(seen[oldSpace]).toBeGreaterThan(10);
    expect(seen[newSpace]).toBeGreaterThanOrEqual(20);

    const verified = await runCli(['verify', '--json'], { env });
    expect(verified.code).toBe(4);
    const { problems } = JSON.parse(verified.stdout) as { problems: { kind: string; message: string }[] };
    expect(problems.map(({ kind }) => kind).sort()).toEqual(['file-missing', 'not-embedded']);
    expect(problems.find(({ kind }) => kind === 'not-embedded')?.message).toMatch(/IMAGE_FILE_MISSING: /);

    // And the next start is an ordinary one.
    expect(await server.stop()).toBe(0);
    await server.restart();
    expect(await status()).toMatchObject({ model: { id: NEW }, modelSwitch: null, index: { size: 199 } });
  });

  test('a mutation and a drop beside it: the answer to a client that began before is whole', async () => {
    await newFolder();
    server = await start();
    await addPictures(Array.from({ length: 12 }, (_, i) => i));
    const oldSpace = (await status()).model.spaceId;
    await install();
    const drop = (id: string) =>
      request<{ dropSpace: { dropped: boolean } }>(
        server.url,
        'mutation ($id: ID!) { dropSpace(id: $id) { dropped } }',
        { id },
      );
    expect(codes(await drop(oldSpace))).toEqual(['BAD_USER_INPUT']);
    await server.until(async () => {
      const { atlas } = dataOf(
        await request<{ atlas: { state: string } }>(server.url, '{ atlas { state } }'),
      );
      return atlas.state === 'READY';
    });
    const layout = join(dir, 'data', `atlas-${oldSpace}.json`);
    await stat(layout);
    await useModel(NEW);
    await serves(NEW);
    const newSpace = (await status()).model.spaceId;
    expect(codes(await drop(newSpace))).toEqual(['BAD_USER_INPUT']);
    await server.until(async () => {
      const answer = await drop(oldSpace);
      if (answer.errors.length > 0) expect(codes(answer)).toEqual(['SERVER_BUSY']); // still answers somebody
      return answer.errors.length === 0 && answer.data?.dropSpace.dropped === true;
    });
    expect(dataOf(await drop(oldSpace)).dropSpace.dropped).toBe(false);
    expect((await status()).spaces.map(({ id }) => id)).toEqual([newSpace]);
    await expect(stat(join(dir, 'index', oldSpace))).rejects.toThrow('ENOENT');
    await expect(stat(layout)).rejects.toThrow('ENOENT');
    expect((await status()).index.size).toBe(12);
  });
});

describe('a model that cannot serve', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'is no model',
      async () => writeFile(join(await install(), 'model.onnx'), 'nothing of the kind'),
      /cannot be loaded/,
    ],
    ['fails on every picture', () => install({ gives: 'zeros' }), /No picture could be embedded/],
  ])('that %s: the old one goes on, it is tried again at the next start', async (_what, prepare, reason) => {
    await newFolder();
    server = await start();
    await addPictures([1, 2, 3, 4, 5]); // all tried at once, so that their pauses are the same
    await prepare();
    await useModel(NEW);
    const hasFailed = (): Promise<void> =>
      server.until(async () => (await status()).modelSwitch?.state === 'FAILED');
    await hasFailed();
    const failed = await status();
    expect(failed.model.id).toBe(OLD);
    expect(failed.modelSwitch).toMatchObject({ to: NEW, message: expect.stringMatching(reason) });
    expect(nodesOf(failed.jobs).map(({ state }) => state)).toContain('FAILED');
    // Why, with the paths in it, is for administrators.
    const stranger = await request<{ status: Pick<StatusFields, 'modelSwitch' | 'jobs'> }>(
      server.url,
      '{ status { modelSwitch { state message } jobs { edges { node { state code message failures { message } } } } } }',
      {},
      { 'x-forwarded-for': '192.0.2.1' },
    );
    expect(dataOf(stranger).status).toMatchObject({
      modelSwitch: { state: 'FAILED' },
      jobs: { edges: [{ node: { state: 'FAILED', code: 'INTERNAL_SERVER_ERROR' } }] },
    });
    expect(JSON.stringify(stranger.data)).not.toMatch(reason);
    expect(JSON.stringify(stranger.data)).not.toContain(dir);
    const told = await runCli(['status'], { env });
    expect(told.stdout).toMatch(/next model {4}second: .* it failed: /);

    await server.stop();
    await server.restart();
    expect(await serving()).toBe(OLD);
    await hasFailed();
    // Put right, it serves.
    await install();
    await useModel(NEW);
    await serves(NEW);
    expect((await status()).spaces.find(({ serving }) => serving)).toMatchObject({ vectors: 5, failed: 0 });
  });

  test('a change of model can be given up: what serves is then the choice', async () => {
    await newFolder();
    server = await start();
    await addPictures([1, 2, 3, 4, 5, 6, 7, 8]);
    await install({ slowness: 200 }); // some 0.1 s a picture
    await useModel(NEW);
    const cancel = 'mutation { cancelModelSwitch { cancelled } }';
    expect(dataOf(await request<object>(server.url, cancel))).toEqual({
      cancelModelSwitch: { cancelled: true },
    });
    expect(dataOf(await request<object>(server.url, cancel))).toEqual({
      cancelModelSwitch: { cancelled: false },
    });
    expect(await status()).toMatchObject({ model: { id: OLD }, modelSwitch: null });
    await server.stop();
    await server.restart();
    expect(await status()).toMatchObject({ model: { id: OLD }, modelSwitch: null });
  });

  test('the model that made the vectors is gone: the other one serves at once, and says so', async () => {
    await newFolder();
    server = await start();
    await addPictures([1, 2, 3, 4, 5]);
    await server.stop();
    await install();
    await rm(join(dir, 'models', OLD), { recursive: true });
    server = await start({ MODEL: NEW });
    expect(server.output()).toContain('another model serves at once');
    expect(await serving()).toBe(NEW);
    await server.until(async () => (await status()).index.size === 5);
    expect(await status()).toMatchObject({ modelSwitch: null });
  });

  test('the model that made the vectors is there but cannot be run: the other one serves at once', async () => {
    await newFolder();
    server = await start();
    await addPictures([1, 2, 3]);
    await server.stop();
    // As with a runtime that understands it no longer: its file is what it was when it served.
    const folder = await install();
    await writeFile(join(folder, 'model.onnx'), 'of another time');
    const model = await loadModel(folder);
    const { spaceId } = model.info;
    const catalog = await openDataFolder();
    for (const { id } of await catalog.vectors.spaces()) await catalog.vectors.clearSpace(id);
    await catalog.vectors.ensureSpace({ id: spaceId, modelId: NEW, dimension: TINY_DIMENSION });
    await catalog.vectors.put(
      spaceId,
      [1, 2, 3].map((id) => ({ id, vector: new Float32Array(TINY_DIMENSION).fill(TINY_DIMENSION ** -0.5) })),
    );
    await catalog.facts.set(META_SERVING, JSON.stringify(recordOf(model)));
    await catalog.close();
    server = await start({ MODEL: OLD });
    expect(server.output()).toContain('The model that served can no longer be run');
    await server.until(async () => (await status()).index.size === 3);
    expect(await status()).toMatchObject({ model: { id: OLD }, modelSwitch: null });
  });

  test('a data folder of the version before this: the space with the most vectors goes on serving', async () => {
    await newFolder();
    server = await start();
    await addPictures([1, 2, 3, 4, 5]);
    await server.stop();
    await install();
    const catalog = await openDataFolder();
    await catalog.facts.set(META_SERVING, null);
    await catalog.close();
    server = await start({ MODEL: NEW });
    await server.until(async () => server.output().includes(`next model  ${NEW}: `));
    await serves(NEW);
    expect((await status()).spaces).toEqual([
      expect.objectContaining({ modelId: OLD, vectors: 5, serving: false }),
      expect.objectContaining({ modelId: NEW, vectors: 5, serving: true }),
    ]);
  });
});

describe('who may', () => {
  const HARMLESS = 'mutation { cancelModelSwitch { cancelled } }';
  const ask = (headers: Record<string, string> = {}) => request(server.url, HARMLESS, {}, headers);

  /** `fetch` does not let a client say which host it means. */
  const askAs = (headers: Record<string, string>): Promise<{ errors?: { extensions: { code: string } }[] }> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        `${server.url}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve(JSON.parse(text) as { errors?: [] }));
        },
      );
      sent.on('error', reject);
      sent.end(JSON.stringify({ query: HARMLESS }));
    });

  const localToken = async (): Promise<string> =>
    (JSON.parse(await readFile(join(dir, 'data', 'server.json'), 'utf8')) as { token: string }).token;

  test('without a token: who sits at the machine, and nobody through a proxy or a foreign page', async () => {
    await newFolder();
    server = await start();
    expect(codes(await ask())).toEqual([]);
    expect(codes(await ask({ authorization: 'Bearer whatever' }))).toEqual([]);
    for (const headers of [
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { origin: 'http://evil.example' },
    ])
      expect(codes(await ask(headers))).toEqual(['FORBIDDEN']);
    const { host } = new URL(server.url);
    expect((await askAs({ host: 'evil.example' })).errors?.[0]?.extensions.code).toBe('HOST_NOT_ALLOWED');
    expect((await askAs({ host, origin: server.url })).errors).toBeUndefined();
    const file = await stat(join(dir, 'data', 'server.json'));
    expect(file.mode & 0o777).toBe(0o600);
    await server.stop();
    await expect(stat(join(dir, 'data', 'server.json'))).rejects.toThrow('ENOENT');
  });

  test('on all addresses: nobody without a token, but for commands on the machine', async () => {
    await newFolder();
    server = await start({ HOST: '0.0.0.0' });
    expect(codes(await ask())).toEqual(['FORBIDDEN']);
    expect(codes(await ask({ authorization: `Bearer ${await localToken()}` }))).toEqual([]);
    for (const mutation of [
      'mutation { useModel(id: "x") { job { id } } }',
      'mutation { dropSpace(id: "x") { dropped } }',
      HARMLESS,
    ])
      expect(codes(await request(server.url, mutation))).toEqual(['FORBIDDEN']);
  });

  test('with a token: who knows it', async () => {
    await newFolder();
    const token = 'correct-horse-battery-staple';
    server = await start({ ADMIN_TOKEN: token, LOG_LEVEL: 'debug' });
    expect(codes(await ask())).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask({ authorization: 'Basic eDp5' }))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask({ authorization: 'Bearer correct-horse' }))).toEqual(['FORBIDDEN']);
    expect(codes(await ask({ authorization: `Bearer ${token}` }))).toEqual([]);
    expect(
      codes(await ask({ authorization: `bearer ${await localToken()}`, 'x-forwarded-for': '::1' })),
    ).toEqual([]);
    expect(server.output()).not.toContain(token);
    // What is refused to others is told to administrators.
    const unknown = await useModel('no-such-model', { authorization: `Bearer ${token}` });
    expect(codes(unknown)).toEqual(['BAD_USER_INPUT']);
    expect(unknown.errors[0]?.message).toContain('No model "no-such-model"');
  });

  test('a model that is named in the settings wins', async () => {
    await newFolder();
    await install();
    server = await start({ MODEL: OLD });
    const refused = await useModel(NEW);
    expect(codes(refused)).toEqual(['BAD_USER_INPUT']);
    expect(refused.errors[0]?.message).toContain(`The setting MODEL is ${OLD}, which takes precedence`);
  });
});

test('who starts a new version of Likeness with an old gallery reads that it changes over, and that searches go on', async () => {
  await newFolder();
  server = await start();
  await addPictures([1, 2, 3]);
  await server.stop();
  // As set-up does: the version before is kept, and the new one has its name.
  await mkdir(join(dir, 'models', '.earlier'));
  await rename(join(dir, 'models', OLD), join(dir, 'models', '.earlier', OLD));
  await writeTinyModel(join(dir, 'models'), { id: OLD, definition: OTHER_NORMALIZATION });
  await server.restart();
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.includes('switches to it by itself'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(
    `next model  a new version of ${OLD}: the gallery switches to it by itself while searches continue`,
  );
});
