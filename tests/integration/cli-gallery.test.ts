import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../src/logger.js';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import { SHARES } from '../../src/services/embedding/similarity-scale.js';
import { CliGallery } from '../helpers/cli.js';
import { readNpy } from '../helpers/npy.js';
import { MIGRATIONS_DIR } from '../helpers/temp-catalog.js';
import { TINY_DIMENSION, writeTinyModel } from '../helpers/tiny-model.js';

interface SearchLine {
  query: string;
  matches: { rank: number; similarity: number; id: string; title: string; file: string; tags: string[] }[];
  error?: { code: string; message: string };
}
interface Verified {
  ok: boolean;
  problems: { kind: string; message: string; imageId?: number }[];
}

const NAMES = ['sea', 'wood', 'trip/alps', 'trip/dunes', 'trip/deep/lake, "north"', 'snow', 'city', 'rain'];

let gallery: CliGallery;

beforeAll(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(NAMES);
  await writeFile(gallery.picture('broken.jpg'), 'not a picture');
  await writeFile(gallery.picture('notes.txt'), 'not even called one');
  const { code, stdout, stderr } = await gallery.run(['import', gallery.pictures, '--tag', 'First ']);
  expect(stderr).toMatch(/^9 pictures found\n[^\n]*broken\.jpg: IMAGE_UNSUPPORTED: [^\n]+\n$/);
  expect(stdout).toMatch(
    /^8 added, 0 already known, 1 failed in \S+ s\nleft out: 1 not named as pictures\n$/,
  );
  expect(code).toBe(3);
});

afterAll(() => gallery.remove());

const lines = (text: string): string[] => text.split('\n').slice(0, -1);
const jsonLines = (text: string): SearchLine[] => lines(text).map((line) => JSON.parse(line) as SearchLine);

describe('import', () => {
  test('again: what is known by its content is skipped, whatever its name', async () => {
    await mkdir(join(gallery.dir, 'copy'), { recursive: true });
    await writeFile(join(gallery.dir, 'copy', 'other-name.jpg'), await readFile(gallery.picture('sea.jpg')));
    const { code, stdout } = await gallery.run([
      'import',
      join(gallery.dir, 'copy'),
      gallery.picture('wood.jpg'),
    ]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^0 added, 2 already known, 0 failed /)]);
  });

  test('--json tells what failed; the same folder twice is read once', async () => {
    const { code, stdout } = await gallery.run(['import', gallery.pictures, gallery.pictures, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      found: 9,
      added: 0,
      known: 8,
      failed: 1,
      left: 0,
      interrupted: false,
      tagged: 0,
      leftOut: { NOT_A_PICTURE: 2 },
      failures: [{ path: gallery.picture('broken.jpg'), code: 'IMAGE_UNSUPPORTED' }],
    });
  });

  test('gives known pictures the tags they lack, takes names that are not UTF-8, leaves out what is not wanted', async () => {
    const folder = join(gallery.dir, 'second');
    await mkdir(join(folder, '@eaDir'), { recursive: true });
    const raw = Buffer.concat([Buffer.from(join(folder, 'caf')), Buffer.from([0xe9]), Buffer.from('.jpg')]);
    await writeFile(raw, await readFile(gallery.picture('sea.jpg')));
    await writeFile(join(folder, '\x1b[2J=evil.jpg'), 'not a picture');
    for (const name of ['wood_small.jpg', '@eaDir/wood.jpg'])
      await writeFile(join(folder, name), await readFile(gallery.picture('wood.jpg')));
    const args = [
      'import',
      folder,
      gallery.picture('wood.jpg'),
      '--tag',
      'Second',
      '--exclude',
      '*_small.jpg',
    ];
    const { code, stdout, stderr } = await gallery.run(args);
    expect([code, stdout]).toEqual([
      3,
      expect.stringMatching(
        /^0 added, 2 already known \(2 got tags\), 1 failed in .*\nleft out: 1 folder of a system or another program, 1 excluded\n$/,
      ),
    ]);
    expect(stderr).toContain('/\\e[2J=evil.jpg: IMAGE_UNSUPPORTED');
    expect(stderr).not.toContain('\x1b');
    const again = await gallery.run([...args, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ known: 2, tagged: 0 });
    const { stdout: found } = await gallery.run([
      'search',
      gallery.picture('sea.jpg'),
      '--tag',
      'second',
      '--json',
    ]);
    expect(jsonLines(found)[0]?.matches.map(({ title }) => title)).toEqual(['sea', 'wood']);
  });

  test('a file over the limit fails without being read into memory', async () => {
    const { code, stderr } = await gallery.run([
      'import',
      gallery.picture('sea.jpg'),
      '--max-upload-bytes',
      '100',
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('IMAGE_TOO_LARGE');
  });
});

test('import gives up when nothing can be stored any more', async () => {
  const blocked = await CliGallery.create();
  try {
    await blocked.draw(Array.from({ length: 40 }, (_, i) => `p${i}`));
    await mkdir(join(blocked.dir, 'media'));
    // Files where the folders of the store should be: what a full or broken disk does, without one.
    for (let i = 0; i < 256; i++)
      await writeFile(join(blocked.dir, 'media', i.toString(16).padStart(2, '0')), '');
    const { code, stdout, stderr } = await blocked.run(['import', blocked.pictures, '--json']);
    expect(code).toBe(4);
    expect(stderr).toContain('MEDIA_UNAVAILABLE');
    expect(stderr).toContain('Giving up: the others would fail like this one');
    expect((JSON.parse(stdout) as { left: number }).left).toBeGreaterThan(0);
  } finally {
    await blocked.remove();
  }
});

describe('search', () => {
  test('a table for people, on stdout alone', async () => {
    const { code, stdout, stderr } = await gallery.run(['search', gallery.picture('sea.jpg'), '-k', '2']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${gallery.picture('sea.jpg')}  120x90 jpeg`);
    expect(stdout).toMatch(/│ +1 │ +1\.0000 │ +│ +\d+ │ sea +│ +120x90 │/); // too few pictures for a strength
    expect(stdout).toContain('2 matches in ');
    expect(stdout).not.toContain('\x1b'); // no colours, on a pipe least of all
  });

  test('--json: a line a query; the picture itself is its best match, and its file is the stored one', async () => {
    const files = [gallery.picture('trip/alps.jpg'), gallery.picture('snow.jpg')];
    const { code, stdout } = await gallery.run(['search', ...files, '--top-k', '3', '--json']);
    expect(code).toBe(0);
    const results = jsonLines(stdout);
    expect(results.map(({ query }) => query)).toEqual(files);
    for (const { query, matches } of results) {
      expect(matches).toHaveLength(3);
      expect(matches[0]).toMatchObject({
        rank: 1,
        similarity: expect.closeTo(1, 4),
        tags: expect.arrayContaining(['first']),
      });
      expect(await readFile(matches[0]?.file ?? '')).toEqual(await readFile(query));
    }
  });

  test('--csv: a record a match, quoted', async () => {
    const query = gallery.picture('trip/deep/lake, "north".jpg');
    const { stdout } = await gallery.run(['search', query, '-k', '1', '--csv']);
    const [head, record, ...more] = lines(stdout);
    expect(head).toBe(
      'query,rank,similarity,id,title,width,height,format,bytes,sha256,tags,createdAt,file,strength',
    );
    expect(record?.startsWith(`"${query.replaceAll('"', '""')}",1,1.000000,`)).toBe(true);
    expect(record).toContain(',"lake, ""north""",120,90,jpeg,');
    expect(more).toEqual([]);
  });

  test('--min-similarity and --tag', async () => {
    const query = gallery.picture('sea.jpg');
    const found = async (...args: string[]): Promise<number> =>
      jsonLines((await gallery.run(['search', query, '--json', ...args])).stdout)[0]?.matches.length ?? -1;
    expect(await found('-m', '0.9999')).toBe(1);
    expect(await found('--tag', 'FIRST', '-m', '0')).toBe(NAMES.length);
    expect(await found('--tag', 'first', '--tag', 'third')).toBe(0);
  });

  test('- reads standard input', async () => {
    const stdin = await readFile(gallery.picture('rain.jpg'));
    const { stdout } = await gallery.run(['search', '-', '--json', '-k', '1'], { stdin });
    expect(jsonLines(stdout)[0]).toMatchObject({ query: '-', matches: [{ title: 'rain' }] });
  });

  test('queries that fail are told and do not stop the others', async () => {
    const [gone, broken] = [gallery.picture('gone.jpg'), gallery.picture('broken.jpg')];
    const { code, stdout, stderr } = await gallery.run(
      ['search', gone, broken, gallery.pictures, gallery.picture('city.jpg'), '--json'], // prettier-ignore
    );
    expect(code).toBe(3);
    expect(jsonLines(stdout).map(({ error, matches }) => error?.code ?? matches[0]?.title)).toEqual([
      'IMAGE_UNREADABLE',
      'IMAGE_UNSUPPORTED',
      'IMAGE_UNREADABLE',
      'city',
    ]);
    expect(stderr).toContain(`${gone}: IMAGE_UNREADABLE: The file cannot be read: it does not exist.\n`);
    expect(stderr).toContain('it is a folder');
  });

  test('--batch: a JSON line a query, in the order of the names', async () => {
    const { code, stdout } = await gallery.run(['search', '--batch', gallery.pictures, '-k', '1']);
    expect(code).toBe(3); // broken.jpg
    const results = jsonLines(stdout);
    expect(results).toHaveLength(NAMES.length + 1);
    for (const { query, error, matches } of results) {
      if (query === gallery.picture('broken.jpg')) expect(error?.code).toBe('IMAGE_UNSUPPORTED');
      else expect(query.endsWith(`/${matches[0]?.title}.jpg`)).toBe(true);
    }
  });

  test('--batch --csv: a record a query', async () => {
    const { stdout } = await gallery.run(['search', '--batch', gallery.pictures, '-k', '2', '--csv']);
    const [head, ...records] = lines(stdout);
    expect(head).toBe(
      'query,error,matches,id_1,similarity_1,title_1,id_2,similarity_2,title_2,strength_1,strength_2',
    );
    expect(records).toHaveLength(NAMES.length + 1);
    expect(records[0]).toMatch(/broken\.jpg,"?IMAGE_UNSUPPORTED: .*,0,,,,,,,,$/);
    expect(records.find((record) => record.includes('sea.jpg'))).toMatch(
      /,,2,\d+,1\.000000,sea,\d+,0\.\d{6},/,
    );
  });

  test('a reader that has seen enough is no failure', async () => {
    const { child, ended } = gallery.start(['search', '--batch', gallery.pictures, '-k', '8']);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.stdout?.destroy();
    const { code, signal, stderr } = await ended;
    expect(signal).toBeNull();
    expect([0, 3]).toContain(code); // 3 when it was done before it noticed
    expect(stderr).not.toContain('EPIPE');
  });
});

describe('status', () => {
  test('as JSON and in words', async () => {
    expect(await gallery.json(['status'])).toMatchObject({
      gallery: { images: NAMES.length, tags: 2 },
      model: { id: 'tiny', dimension: TINY_DIMENSION },
      vectors: { have: NAMES.length, missing: 0, failed: 0 },
      index: { size: NAMES.length, mode: 'exact', problem: null, recall: { value: 1 } },
      heldBy: null,
    });
    const { code, stdout, stderr } = await gallery.run(['status']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`gallery       ${NAMES.length} pictures, 2 tags`);
    expect(stdout).toContain('in use by     nobody');
  });
});

test('album list names the albums, in words and as JSON', async () => {
  expect(await gallery.run(['album', 'list'])).toMatchObject({ code: 0, stderr: 'There are no albums.\n' });
  const catalog = await openCatalog({
    databaseUrl: gallery.env['DATABASE_URL'] as string,
    migrationsDir: MIGRATIONS_DIR,
    logger: silentLogger,
  });
  const smart = { imageId: 1, upload: null, topK: 5, minSimilarity: 0, spaceId: 'x', percentile: null };
  await catalog.albums.create({ name: 'Trip', smart: null }, [2, 1]);
  await catalog.albums.create({ name: 'Like the sea', smart }, []);
  await catalog.close();
  const { code, stdout } = await gallery.run(['album', 'list']);
  expect([code, lines(stdout)]).toEqual([0, ['album-2  Like the sea  smart', 'album-1  Trip  2 pictures']]);
  expect(JSON.parse((await gallery.run(['album', 'list', '--json'])).stdout)).toMatchObject([
    { id: 'album-2', smart: true, pictures: null },
    { id: 'album-1', name: 'Trip', smart: false, pictures: 2 },
  ]);
});

describe('export', () => {
  test('writes the vectors and their ids, row by row; again over the old ones', async () => {
    const folder = join(gallery.dir, 'new', 'vectors');
    for (let round = 0; round < 2; round++) {
      expect(await gallery.json(['export', folder])).toMatchObject({
        rows: NAMES.length,
        dimension: TINY_DIMENSION,
      });
    }
    expect((await readdir(folder)).sort()).toEqual(['features.npy', 'image_ids.json']);
    const { shape, values } = readNpy(await readFile(join(folder, 'features.npy')));
    expect(shape).toEqual([NAMES.length, TINY_DIMENSION]);
    const ids = JSON.parse(await readFile(join(folder, 'image_ids.json'), 'utf8')) as string[];
    expect(ids).toHaveLength(NAMES.length);

    // The rows are what searches compare: the cosines told for one picture are the dot products with its row.
    const { stdout } = await gallery.run(['search', gallery.picture('sea.jpg'), '--json']);
    const row = (id: string): Float32Array =>
      values.subarray(ids.indexOf(id) * TINY_DIMENSION, (ids.indexOf(id) + 1) * TINY_DIMENSION);
    const [{ matches }] = jsonLines(stdout) as [SearchLine];
    const query = row(matches[0]?.id ?? '');
    for (const { id, similarity } of matches) {
      const dot = row(id).reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0);
      expect(similarity).toBeCloseTo(Math.max(0, dot), 4);
    }
  });

  test('an unknown space is refused, naming those there are; a folder that cannot be made, too', async () => {
    const unknown = await gallery.run(['export', join(gallery.dir, 'nowhere'), '--space', 'other-1']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/BAD_USER_INPUT: .*Known spaces: tiny-[0-9a-f]+\./);
    const blocked = await gallery.run(['export', gallery.picture('sea.jpg')]);
    expect(blocked).toMatchObject({ code: 4, stdout: '' });
    expect(blocked.stderr).toContain('STORAGE_FAILED');
  });
});

describe('reindex', () => {
  test('builds the index anew where it is gone', async () => {
    await rm(join(gallery.dir, 'index'), { recursive: true });
    expect(await gallery.run(['verify'])).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('index: There is no snapshot of the index.'),
    });
    const { code, stdout } = await gallery.run(['reindex']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^index of 8 vectors built in /)]);
    expect(await gallery.json(['verify'])).toMatchObject({ ok: true, problems: [] });
  });

  test('--embed makes the vectors of another model, which then serves; both spaces are there', async () => {
    await writeTinyModel(join(gallery.dir, 'models'), { id: 'other', definition: { normalize: { scale: 1 / 255, mean: [0.4, 0.4, 0.4], std: [0.6, 0.6, 0.6] } } }); // prettier-ignore
    const other = (...args: string[]) => gallery.run([...args, '--model', 'other']);

    // As long as the other model lacks pictures, the one that has them serves, and what is asked for is told.
    const verified = await other('verify', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, vectors: 8, problems: [] });
    const before = await other('search', gallery.picture('sea.jpg'), '--json');
    expect(jsonLines(before.stdout)).toMatchObject([{ model: 'tiny', matches: expect.any(Array) }]);
    for (const { stderr } of [verified, before, await other('reindex')])
      expect(stderr).toContain(
        'The model tiny serves the gallery, and this command uses it. other serves once',
      );

    expect(await other('reindex', '--embed')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^8 pictures embedded, 0 failed; index of 8 vectors built/),
    });
    expect(await other('verify')).toMatchObject({ code: 0, stderr: '' });
    const after = await other('search', gallery.picture('sea.jpg'), '--json');
    expect(jsonLines(after.stdout)).toMatchObject([{ model: 'other' }]);
    expect(await gallery.json(['status'])).toMatchObject({
      spaces: [
        { modelId: 'tiny', vectors: 8 },
        { modelId: 'other', vectors: 8 },
      ],
    });
  });

  test('--embed all makes every vector anew', async () => {
    expect(await gallery.json(['reindex', '--embed', 'all'])).toMatchObject({
      embedded: NAMES.length,
      failed: 0,
      missing: 0,
      vectors: NAMES.length,
    });
    expect(await gallery.run(['verify'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('agree'),
    });
  });
});

describe('verify', () => {
  test("names every picture whose file is damaged, gone or nobody's, and an index that is damaged", async () => {
    const [damaged, gone] = jsonLines(
      (
        await gallery.run([
          'search',
          gallery.picture('snow.jpg'),
          gallery.picture('rain.jpg'),
          '-k',
          '1',
          '--json',
        ])
      ).stdout,
    ).map(({ matches }) => matches[0]) as [SearchLine['matches'][0], SearchLine['matches'][0]];
    const originals = new Map<string, Buffer>();
    for (const { file } of [damaged, gone]) originals.set(file, await readFile(file));
    await writeFile(
      damaged.file,
      Buffer.concat([originals.get(damaged.file) ?? Buffer.alloc(0), Buffer.from('!')]),
    );
    await rm(gone.file);
    const unknown = join(gallery.dir, 'media', 'ab', `ab${'0'.repeat(62)}.png`);
    await mkdir(join(unknown, '..'), { recursive: true });
    await writeFile(unknown, 'whatever');
    const [space] = (await readdir(join(gallery.dir, 'index'))).filter((name) => name.startsWith('tiny'));
    const folder = join(gallery.dir, 'index', space ?? '');
    const graph = join(folder, (await readdir(folder)).find((name) => name.endsWith('.hnsw')) ?? '');
    const bytes = await readFile(graph);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(graph, bytes);

    const { code, stdout } = await gallery.run(['verify', '--json']);
    expect(code).toBe(4);
    const { ok, problems } = JSON.parse(stdout) as Verified;
    expect(ok).toBe(false);
    expect(
      problems.map(({ kind, imageId }) => [kind, imageId === undefined ? '' : String(imageId)]).sort(),
    ).toEqual([
      ['file-damaged', damaged.id],
      ['file-missing', gone.id],
      ['file-unknown', ''],
      ['index', ''],
    ]);
    expect(await gallery.run(['verify'])).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/file-missing: image \d+: [^]*4 problems\n$/),
    });

    for (const [file, content] of originals) await writeFile(file, content);
    await rm(unknown);
    expect(await gallery.run(['reindex'])).toMatchObject({ code: 0 });
    expect(await gallery.run(['verify'])).toMatchObject({ code: 0 });
  });
});

test('nothing but the result is on stdout when the log is loud', async () => {
  const { code, stdout, stderr } = await gallery.run(['status', '--json'], {
    env: { LOG_LEVEL: 'debug', LOG_FORMAT: 'json' },
  });
  expect(code).toBe(0);
  expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  expect(typeof stderr).toBe('string');
});

test('search says the strength of a match in the words of the API, in a table, as JSON and as CSV', async () => {
  // Random pairs are at 0 to 0.5, evenly: what is nearer than all of them is a copy.
  const quantiles = SHARES.map((share) => share / 2);
  const told = await CliGallery.create({ definition: { similarityScale: { quantiles } } });
  try {
    await told.draw(['one', 'two', 'three']);
    expect((await told.run(['import', told.pictures])).code).toBe(0);
    const search = async (...args: string[]): Promise<string> =>
      (await told.run(['search', told.picture('one.jpg'), '-k', '1', ...args])).stdout;
    expect(await search()).toMatch(/│ +1\.0000 │ COPY +│/);
    const { matches } = JSON.parse(await search('--json')) as {
      matches: { strength: string; percentile: number }[];
    };
    expect(matches[0]).toMatchObject({ strength: 'COPY', percentile: 1 });
    expect(await search('--csv')).toMatch(/,strength\n.*,COPY\n$/);
    const batch = (await told.run(['search', '--batch', told.pictures, '-k', '1', '--csv'])).stdout;
    expect(
      batch
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',').at(-1)),
    ).toEqual(['strength_1', 'COPY', 'COPY', 'COPY']);
  } finally {
    await told.remove();
  }
});
