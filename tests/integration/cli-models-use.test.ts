import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CliGallery } from '../helpers/cli.js';
import { addToGallery, dataOf, request } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

const PICTURES = 12;
const AUTO = { env: { MODEL: 'auto' } };

let gallery: CliGallery;

interface Status {
  readonly model: { readonly id: string; readonly spaceId: string };
  readonly modelSwitch: { readonly to: string; readonly state: string; readonly embedded: number } | null;
  readonly spaces: readonly {
    readonly modelId: string;
    readonly vectors: number;
    readonly serving: boolean;
  }[];
}

const status = async (): Promise<Status> =>
  JSON.parse((await gallery.run(['status', '--json'], AUTO)).stdout) as Status;

/** @param slowness of the model that is to serve; each unit about half a millisecond a picture */
const install = (slowness = 0): Promise<string> =>
  writeTinyModel(join(gallery.dir, 'models'), {
    id: 'other',
    slowness,
    definition: { normalize: { scale: 1 / 255, mean: [0.2, 0.3, 0.1], std: [0.3, 0.4, 0.5] } },
  });

beforeEach(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(Array.from({ length: PICTURES }, (_, i) => `picture-${i}`));
});

afterEach(() => gallery.remove());

describe('without a server', () => {
  test('use changes the model, interrupted and run again; going back costs nothing; drop removes what is old', async () => {
    expect((await gallery.run(['import', gallery.pictures])).code).toBe(0);
    await install(50);

    const refused = await gallery.run(['models', 'use', 'other']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('The setting MODEL is tiny, which takes precedence');
    expect(await gallery.run(['models', 'use', 'nothing'], AUTO)).toMatchObject({ code: 4, stdout: '' });

    const first = gallery.start(['models', 'use', 'other', '--json'], {
      env: { MODEL: 'auto', LOG_LEVEL: 'info', LOG_FORMAT: 'json' },
    });
    await first.stderrHas('Changing the model');
    first.child.kill('SIGINT');
    const { code, stdout, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Run it again to continue');
    expect(JSON.parse(stdout)).toMatchObject({ served: false, interrupted: true, pictures: PICTURES });
    const interrupted = await status();
    expect(interrupted).toMatchObject({
      model: { id: 'tiny' },
      modelSwitch: { to: 'other', state: 'WAITING' },
    });
    expect(interrupted.modelSwitch!.embedded).toBeLessThan(PICTURES);

    const again = await gallery.run(['models', 'use', 'other'], AUTO);
    expect(again).toMatchObject({
      code: 0,
      stdout: `other serves now: of ${PICTURES} pictures ${PICTURES} have their vector\n`,
    });
    expect(await status()).toMatchObject({
      model: { id: 'other' },
      modelSwitch: null,
      spaces: [
        { modelId: 'tiny', vectors: PICTURES, serving: false },
        { modelId: 'other', vectors: PICTURES, serving: true },
      ],
    });

    // Both have every picture: it is one step each way.
    for (const id of ['tiny', 'other']) {
      expect(await gallery.run(['models', 'use', id], AUTO)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${id} serves now`),
      });
    }

    const { model } = await status();
    expect(model.id).toBe('other');
    expect(await gallery.run(['models', 'drop'], AUTO)).toMatchObject({ code: 2 });
    expect(await gallery.run(['models', 'drop', model.spaceId], AUTO)).toMatchObject({ code: 2 });
    expect(await gallery.run(['models', 'drop', '--old'], AUTO)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^tiny-\w+: 12 vectors removed\n$/),
    });
    expect(await gallery.run(['verify'], AUTO)).toMatchObject({ code: 0 });
  });

  test('a picture whose file is gone does not stop it; the exit code and verify tell', async () => {
    expect((await gallery.run(['import', gallery.pictures])).code).toBe(0);
    await install();
    const found = await gallery.run(['search', gallery.picture('picture-3.jpg'), '-k', '1', '--json']);
    const { matches } = JSON.parse(found.stdout) as { matches: { id: string; file: string }[] };
    await rm(matches[0]!.file);

    const { code, stdout, stderr } = await gallery.run(['models', 'use', 'other'], AUTO);
    expect([code, stdout]).toEqual([
      3,
      `other serves now: of ${PICTURES} pictures ${PICTURES - 1} have their vector, 1 a recorded reason for having none\n`,
    ]);
    expect(stderr).toContain(`image ${matches[0]!.id}: IMAGE_FILE_MISSING`);
    const verified = await gallery.run(['verify'], AUTO);
    expect(verified.code).toBe(4);
    expect(verified.stdout).toContain(
      `not-embedded: image ${matches[0]!.id}: it has no vector in space other-`,
    );
    expect((await gallery.run(['status'], AUTO)).stdout).toContain('1 recorded reasons for having none');
  });
});

describe('beside a server', () => {
  let server: TestServer;

  afterEach(() => server.dispose());

  test('use has the server do it and follows; Ctrl+C ends the following only; drop asks the server, too', async () => {
    await writeTinyModel(join(gallery.dir, 'models'), { id: 'builtin-first' });
    server = await startServer({ dir: gallery.dir, env: { ...gallery.env, ...AUTO.env } });
    for (let seed = 0; seed < PICTURES; seed++) await addToGallery(server.url, await jpeg(seed, 96, 72));
    await install(150);

    const first = gallery.start(['models', 'use', 'other', '--json'], AUTO);
    await first.stderrHas(`The running server (process ${server.pid}) changes its model`);
    first.child.kill('SIGINT');
    const { code, stdout, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('The server continues; "likeness status"');
    expect(JSON.parse(stdout)).toMatchObject({ served: false, interrupted: true });
    const running = '{ status { modelSwitch { to } jobs { edges { node { kind state } } } } }';
    expect(dataOf(await request<object>(server.url, running))).toEqual({
      status: {
        modelSwitch: { to: 'other' },
        jobs: { edges: [{ node: { kind: 'MODEL_SWITCH', state: 'RUNNING' } }] },
      },
    });

    const again = await gallery.run(['models', 'use', 'other'], AUTO);
    expect(again).toMatchObject({
      code: 0,
      stdout: `other serves now: of ${PICTURES} pictures ${PICTURES} have their vector\n`,
    });
    expect(await status()).toMatchObject({ model: { id: 'other' }, modelSwitch: null });

    expect(await gallery.run(['models', 'drop', '--old', '--json'], AUTO)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('builtin-first-'),
    });
    expect((await status()).spaces).toHaveLength(1);
    await server.kill9();
    // The file that leads to the server is nobody's now.
    expect(await gallery.run(['models', 'use', 'other'], AUTO)).toMatchObject({ code: 0 });
  });
});
