import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliGallery } from '../helpers/cli.js';
import { databaseLocker } from '../helpers/database-locker.js';
import { dataOf, request, upload } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

const TOKEN = 'libraries-token';
const AS_ADMINISTRATOR = { authorization: `Bearer ${TOKEN}` };

interface Image {
  id: string;
  title: string;
  tags: string[];
  sha256: string;
  stored: boolean;
  missing: boolean;
  url: string;
  thumbnailUrl: string;
  places: { path: string; absolutePath: string | null; isPresent: boolean; libraryName: string }[];
}
const IMAGE = `id title tags sha256 stored missing url thumbnailUrl
  places { path absolutePath isPresent libraryName }`;

interface Library {
  id: string;
  status: string;
  problem: string | null;
  problemCode: string | null;
  scan: { id: string } | null;
  removal: { state: string } | null;
  presentCount: number;
  missingCount: number;
  failedCount: number;
  failures: { path: string; code: string }[];
}
const LIBRARY = `id status problem problemCode scan { id } removal { state } presentCount missingCount failedCount
  failures { path code }`;

let gallery: CliGallery;
let server: TestServer;

beforeAll(async () => {
  gallery = await CliGallery.create();
  await gallery.draw(['sea', 'trip/wood', 'trip/alps', 'trip/old/desert']);
  await writeFile(gallery.picture('trip/broken.jpg'), 'no picture at all');
  await writeFile(gallery.picture('trip/notes.txt'), 'no picture, and no such name');
  server = await startServer({
    dir: gallery.dir,
    env: { ...gallery.env, IMPORT_ROOTS: `${gallery.pictures},${gallery.dir}/copies`, ADMIN_TOKEN: TOKEN },
  });
});

afterAll(async () => {
  await server.dispose();
  await gallery.remove();
});

const ask = async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  dataOf(await request<Data>(server.url, query, variables, AS_ADMINISTRATOR));

async function images(filter: Record<string, unknown> = {}): Promise<Image[]> {
  const { galleryImages } = await ask<{ galleryImages: { edges: { node: Image }[] } }>(
    `query ($filter: GalleryFilter) { galleryImages(first: 100, orderBy: TITLE, filter: $filter) { edges { node { ${IMAGE} } } } }`,
    { filter },
  );
  return galleryImages.edges.map(({ node }) => node);
}
const titles = async (filter = {}): Promise<string[]> => (await images(filter)).map(({ title }) => title);
const imageOf = async (title: string): Promise<Image> =>
  (await images({ text: title })).find((image) => image.title === title) as Image;

async function allLibraries(): Promise<Library[]> {
  const { libraries } = await ask<{ libraries: { edges: { node: Library }[] } }>(
    `{ libraries { edges { node { ${LIBRARY} } } } }`,
  );
  return libraries.edges.map(({ node }) => node);
}
const library = async (): Promise<Library> => (await allLibraries())[0] as Library;

const settled = (what: string, isSo: () => Promise<boolean>): Promise<void> =>
  server.until(async () => (await library()).scan === null && (await isSo()), what);

const SCAN = 'mutation ($id: ID!, $adopt: Boolean) { scanLibrary(id: $id, adopt: $adopt) { job { id } } }';

interface ScanJob {
  state: string;
  total: number;
  done: number;
  added: number;
  failures: { path: string; code: string }[];
  leftOut: { reason: string; count: number }[];
}

async function scan(variables: { adopt?: boolean } = {}): Promise<ScanJob> {
  const { scanLibrary } = await ask<{ scanLibrary: { job: { id: string } } }>(SCAN, {
    id: (await library()).id,
    ...variables,
  });
  await settled('the end of a scan', async () => true);
  const query =
    'query ($id: ID!) { job(id: $id) { state total done added failures { path code } leftOut { reason count } } }';
  return (await ask<{ job: ScanJob }>(query, { id: scanLibrary.job.id })).job;
}

/** The code with which a scan is refused. */
async function refusal(variables: { id?: string; adopt?: boolean } = {}): Promise<string | undefined> {
  const { id } = await library();
  const { errors } = await request(server.url, SCAN, { id, ...variables }, AS_ADMINISTRATOR);
  return errors[0]?.extensions.code;
}

const bytesAt = async (url: string): Promise<Buffer> =>
  Buffer.from(await (await fetch(`${server.url}${url}`)).arrayBuffer());

test('only an administrator adds one, and only below IMPORT_ROOTS', async () => {
  const mutation = 'mutation ($path: String!) { addLibrary(path: $path) { job { id } } }';
  const refusals = [
    await request(server.url, mutation, { path: gallery.pictures }),
    await request(server.url, mutation, { path: gallery.dir }, AS_ADMINISTRATOR),
    await request(server.url, '{ libraries { totalCount } }'),
  ].map(({ errors }) => errors[0]?.extensions);
  expect(refusals.map((extensions) => extensions?.code)).toEqual([
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'UNAUTHENTICATED',
  ]);
  // Not to be taken for a wrong token.
  expect(refusals[1]).toMatchObject({ details: { path: 'path', setting: 'IMPORT_ROOTS' } });
});

test('its pictures are in the gallery where they are: nothing is copied, nothing is changed', async () => {
  const before = await readFile(gallery.picture('sea.jpg'));
  await ask(
    'mutation ($path: String!) { addLibrary(path: $path, name: "Trips", tags: ["Family"], exclude: ["old/"]) { library { name } job { kind } } }',
    { path: gallery.pictures },
  );
  await settled('the first scan', async () => (await images()).length === 3);
  expect(await titles()).toEqual(['alps', 'sea', 'wood']);
  const sea = await imageOf('sea');
  expect(sea).toMatchObject({
    tags: ['family'],
    stored: false,
    missing: false,
    places: [
      {
        path: 'sea.jpg',
        absolutePath: gallery.picture('sea.jpg'),
        isPresent: true,
        libraryName: 'Trips',
      },
    ],
  });
  expect(await bytesAt(sea.url)).toEqual(before);
  expect((await fetch(`${server.url}${sea.thumbnailUrl}`)).headers.get('content-type')).toBe('image/webp');
  expect(await readFile(gallery.picture('sea.jpg'))).toEqual(before);
  const media = await readdir(join(gallery.dir, 'media'), { recursive: true });
  expect(media.filter((name) => name.endsWith('.jpg'))).toEqual([]);
  expect(await library()).toMatchObject({
    status: 'READY',
    presentCount: 3,
    failedCount: 1,
    failures: [{ path: 'trip/broken.jpg', code: 'IMAGE_UNSUPPORTED' }],
  });
});

test('visitors see where in the library, not where on the server; a path can be searched for', async () => {
  const answer = await request<{ galleryImages: { edges: { node: Image }[] } }>(
    server.url,
    `{ galleryImages(filter: { text: "TRIP/WO" }) { edges { node { ${IMAGE} } } } }`,
  );
  expect(dataOf(answer).galleryImages.edges.map(({ node }) => node.places)).toEqual([
    [{ path: 'trip/wood.jpg', absolutePath: null, isPresent: true, libraryName: 'Trips' }],
  ]);
  expect(await titles({ library: (await library()).id })).toEqual(['alps', 'sea', 'wood']);
  expect(await titles({ library: 'library-77' })).toEqual([]);
});

test('a new file is noticed, and a moved one keeps id and tags', async () => {
  const wood = await imageOf('wood');
  await ask('mutation ($ids: [ID!]!) { tagImages(ids: $ids, add: ["tree"]) { images { id } } }', {
    ids: [wood.id],
  });
  await writeFile(gallery.picture('lake.jpg'), await jpeg(70, 120, 90));
  await mkdir(gallery.picture('moved'));
  await rename(gallery.picture('trip/wood.jpg'), gallery.picture('moved/forest.jpg'));
  await settled('the new and the moved file', async () => {
    const [place] = (await imageOf('wood')).places;
    return (await titles()).includes('lake') && place?.path === 'moved/forest.jpg';
  });
  expect(await imageOf('wood')).toMatchObject({
    id: wood.id,
    tags: ['family', 'tree'],
    missing: false,
    places: [{ path: 'moved/forest.jpg' }],
  });
});

test('a changed file gives its picture new content, at a new address', async () => {
  const before = await imageOf('alps');
  const bytes = await jpeg(99, 160, 90);
  await writeFile(gallery.picture('trip/alps.jpg'), bytes);
  await settled('the new content', async () => (await imageOf('alps')).sha256 !== before.sha256);
  const after = await imageOf('alps');
  expect(after).toMatchObject({ id: before.id, tags: before.tags, stored: false, missing: false });
  expect(after.url).not.toBe(before.url);
  expect(await bytesAt(after.url)).toEqual(bytes);
  const { data } = await upload<{
    searchByImage: { matches: { image: { id: string }; similarity: number }[] };
  }>(
    server.url,
    'query ($image: Upload) { searchByImage(image: $image, topK: 1) { matches { similarity image { id } } } }',
    { image: null },
    [{ paths: ['variables.image'], bytes }],
  );
  expect(data?.searchByImage.matches[0]?.image.id).toBe(before.id);
  expect(data?.searchByImage.matches[0]?.similarity).toBeCloseTo(1, 5);
});

test('a picture whose file is gone is missing until the file is back', async () => {
  const sea = await imageOf('sea');
  await rename(gallery.picture('sea.jpg'), join(gallery.dir, 'sea.jpg'));
  await settled('the missing picture', async () => (await imageOf('sea')).missing);
  expect(await titles({ missing: true })).toEqual(['sea']);
  expect((await fetch(`${server.url}${sea.url}`)).status).toBe(404);
  await rename(join(gallery.dir, 'sea.jpg'), gallery.picture('sea.jpg'));
  await settled('the picture', async () => !(await imageOf('sea')).missing);
  expect((await imageOf('sea')).id).toBe(sea.id);
});

test('what was removed from the gallery does not come back by a scan, not even moved', async () => {
  const lake = await imageOf('lake');
  await ask('mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }', { ids: [lake.id] });
  await rename(gallery.picture('lake.jpg'), gallery.picture('moved/lake.jpg'));
  await scan();
  expect(await titles()).not.toContain('lake');
  expect(await readFile(gallery.picture('moved/lake.jpg'))).toEqual(await jpeg(70, 120, 90));
});

test('what was removed does not come back when its file was away, or swapped names with another', async () => {
  const away = join(gallery.dir, 'lake.jpg');
  await rename(gallery.picture('moved/lake.jpg'), away);
  await scan();
  await rename(gallery.picture('trip/alps.jpg'), gallery.picture('moved/lake.jpg'));
  await rename(away, gallery.picture('trip/alps.jpg'));
  await scan();
  expect((await images()).length).toBe(3);
  expect(await imageOf('alps')).toMatchObject({ missing: false, places: [{ path: 'moved/lake.jpg' }] });
});

test('an upload of what a library has is kept, whatever becomes of the library', async () => {
  const bytes = await readFile(gallery.picture('moved/forest.jpg'));
  const { data } = await upload<{ addToGallery: { created: boolean; image: Image } }>(
    server.url,
    `mutation ($image: Upload!) { addToGallery(image: $image) { created image { ${IMAGE} } } }`,
    { image: null },
    [{ paths: ['variables.image'], bytes }],
  );
  expect(data?.addToGallery).toMatchObject({ created: false, image: { title: 'wood', stored: true } });
  await rm(gallery.picture('moved/forest.jpg'));
  await scan();
  const wood = await imageOf('wood');
  expect(wood).toMatchObject({ missing: false, places: [] });
  expect(await bytesAt(wood.url)).toEqual(bytes);
});

test('where the disk is not there nothing is taken for gone; a folder without its marker is adopted when asked', async () => {
  const away = `${gallery.pictures}.away`;
  const isUnavailable = async (problemCode: string): Promise<void> => {
    expect(await refusal()).toBe('LIBRARY_UNAVAILABLE');
    expect(await library()).toMatchObject({
      status: 'UNAVAILABLE',
      problemCode,
      problem: expect.any(String),
    });
    expect(await titles({ missing: true })).toEqual([]);
  };
  await rename(gallery.pictures, away);
  await isUnavailable('FOLDER_MISSING');
  expect(await refusal({ adopt: true })).toBe('LIBRARY_UNAVAILABLE');
  await writeFile(gallery.pictures, 'a file in its place');
  await isUnavailable('UNREADABLE');
  expect(await refusal({ adopt: true })).toBe('LIBRARY_UNAVAILABLE');
  await rm(gallery.pictures);
  await mkdir(gallery.pictures);
  await isUnavailable('EMPTY');
  await writeFile(gallery.picture('other.jpg'), 'of another disk');
  await isUnavailable('MARKER_MISSING');
  await writeFile(gallery.picture('.likeness-library'), 'of another library');
  await isUnavailable('MARKER_FOREIGN');
  await rm(gallery.pictures, { recursive: true });
  await rename(away, gallery.pictures);
  // Its marker is the one that is known still.
  expect((await library()).problemCode).toBeNull();
  await rm(gallery.picture('.likeness-library'));
  await scan({ adopt: true });
  expect(await library()).toMatchObject({ status: 'READY', problem: null, missingCount: 0 });
  expect(await titles({ missing: true })).toEqual([]);
});

test('after a restart what changed meanwhile is found, and the command line shows it', async () => {
  await server.stop();
  await writeFile(gallery.picture('city.jpg'), await jpeg(71, 120, 90));
  const scanned = await gallery.json<{ library: { present: number }; scanned: { added: number } }[]>([
    'library',
    'scan',
  ]);
  expect(scanned).toMatchObject([{ scanned: { added: 1 } }]);
  await writeFile(gallery.picture('town.jpg'), await jpeg(72, 120, 90));
  await server.restart();
  await settled('the new file', async () => (await titles()).includes('town'));
  const { stdout } = await gallery.run(['library', 'list']);
  expect(stdout).toContain(`1  Trips  ${gallery.pictures}: `);
});

test('a moved file keeps its picture when another one takes its name', async () => {
  const [city, town] = [await imageOf('city'), await imageOf('town')];
  await rename(gallery.picture('town.jpg'), gallery.picture('village.jpg'));
  await rename(gallery.picture('city.jpg'), gallery.picture('town.jpg'));
  await writeFile(gallery.picture('city.jpg'), await jpeg(73, 120, 90));
  await scan();
  const now = new Map((await images()).map((image) => [image.id, image]));
  expect(now.get(city.id)).toMatchObject({ sha256: city.sha256, places: [{ path: 'town.jpg' }] });
  expect(now.get(town.id)).toMatchObject({ sha256: town.sha256, places: [{ path: 'village.jpg' }] });
});

test('a file that was met half written is its picture’s when it is whole', async () => {
  const [before] = await images({ text: 'village.jpg' });
  const bytes = await jpeg(74, 120, 90);
  await writeFile(gallery.picture('village.jpg'), bytes.subarray(0, 10));
  await scan();
  expect(await imageOf('town')).toMatchObject({ id: before?.id, missing: true });
  await writeFile(gallery.picture('village.jpg'), bytes);
  await scan();
  const [after] = await images({ text: 'village.jpg' });
  expect(after).toMatchObject({ id: before?.id, missing: false });
  expect(await bytesAt(after?.url as string)).toEqual(bytes);
});

test('names with line breaks, dashes and any length are taken, and what cannot be taken is reported', async () => {
  const long = `${'x'.repeat(251)}.jpg`;
  const odd = ['-rf.jpg', 'line\nbreak.jpg', long, '%2e%2e.jpg', 'a\\b.jpg'];
  for (const [i, name] of odd.entries()) await writeFile(gallery.picture(name), await jpeg(200 + i, 120, 90));
  const noText = Buffer.concat([
    Buffer.from(gallery.picture('caf')),
    Buffer.from([0xe9]),
    Buffer.from('.jpg'),
  ]);
  await writeFile(noText, await jpeg(210, 120, 90));
  // Longer than a path may be: such files are written, and listed, from the folder they are in.
  const folders = `${'d'.repeat(250)}/`.repeat(16);
  const deep = folders + 'e'.repeat(4070 - gallery.picture(folders).length);
  await mkdir(gallery.picture(deep), { recursive: true });
  execFileSync('cp', [gallery.picture('sea.jpg'), `${'too-deep-for-a-path'.repeat(2)}.jpg`], {
    cwd: gallery.picture(deep),
  });
  const { failures, leftOut } = await scan();
  expect(failures.map(({ code }) => code)).toEqual(['IMAGE_UNREADABLE', 'IMAGE_UNREADABLE']);
  expect(leftOut.map(({ reason }) => reason)).toEqual(['EXCLUDED', 'NOT_A_PICTURE']); // and no marker file
  const found = await images({ text: '.jpg' });
  const paths = found.flatMap(({ places }) => places.map(({ path }) => path));
  expect(paths).toEqual(expect.arrayContaining(odd));
  expect(await imageOf('line break')).toMatchObject({ missing: false });
  const broken = found.find(({ places }) => places[0]?.path === 'line\nbreak.jpg') as Image;
  expect(await bytesAt(broken.url)).toEqual(await jpeg(201, 120, 90));
  for (const name of odd) await rm(gallery.picture(name));
  await rm(noText);
  execFileSync('rm', ['-r', gallery.picture('d'.repeat(250))]);
  await scan();
  const gone = (await images({ missing: true })).map(({ id }) => id);
  expect(gone.length).toBe(odd.length);
  await ask('mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }', { ids: gone });
});

test('of two copies that both change in one scan, one keeps the picture', async () => {
  await writeFile(gallery.picture('one.jpg'), await jpeg(220, 120, 90));
  await writeFile(gallery.picture('two.jpg'), await jpeg(220, 120, 90));
  await scan();
  const [before] = await images({ text: 'two.jpg' });
  expect(before?.places.map(({ path }) => path)).toEqual(['one.jpg', 'two.jpg']);
  const size = (await images()).length;
  // Both to the same, as a program does that writes into every copy.
  for (const name of ['one.jpg', 'two.jpg']) await writeFile(gallery.picture(name), await jpeg(221, 120, 90));
  await scan();
  expect(await images({ text: 'two.jpg' })).toMatchObject([{ id: before?.id, places: [{}, {}] }]);
  for (const [i, name] of ['one.jpg', 'two.jpg'].entries())
    await writeFile(gallery.picture(name), await jpeg(222 + i, 120, 90));
  await scan();
  const after = [...(await images({ text: 'one.jpg' })), ...(await images({ text: 'two.jpg' }))];
  expect(after.map(({ id }) => id)).toContain(before?.id);
  expect(after).toMatchObject([{ missing: false }, { missing: false }]);
  expect((await images()).length).toBe(size + 1);
  // One that is only touched has the picture still: the changed one is a new picture.
  const [kept] = await images({ text: 'one.jpg' }); // its title is that of the copy that was read first
  await writeFile(gallery.picture('two.jpg'), await readFile(gallery.picture('one.jpg')));
  await scan();
  await utimes(gallery.picture('one.jpg'), 1e9, 1e9);
  await writeFile(gallery.picture('two.jpg'), await jpeg(224, 120, 90));
  await scan();
  expect(await images({ text: 'one.jpg' })).toMatchObject([{ sha256: kept?.sha256, missing: false }]);
});

test('a picture is missing when its file was overwritten by one that was removed from the gallery', async () => {
  const [before] = await images({ text: 'village.jpg' });
  const bytes = await readFile(gallery.picture('village.jpg'));
  await writeFile(gallery.picture('village.jpg'), await jpeg(70, 120, 90)); // the lake
  await scan();
  expect((await images({ missing: true })).map(({ id }) => id)).toContain(before?.id);
  await writeFile(gallery.picture('village.jpg'), bytes);
  await scan();
  expect(await images({ text: 'village.jpg' })).toMatchObject([{ id: before?.id, missing: false }]);
});

test('a copy in another library, by the same path, keeps the picture when the first is changed', async () => {
  const copies = join(gallery.dir, 'copies');
  await mkdir(copies);
  await writeFile(join(copies, 'village.jpg'), await readFile(gallery.picture('village.jpg')));
  await ask('mutation ($path: String!) { addLibrary(path: $path) { job { id } } }', { path: copies });
  const [before] = await images({ text: 'village.jpg' });
  const find = async (): Promise<Image | undefined> => (await images()).find(({ id }) => id === before?.id);
  await server.until(async () => (await find())?.places.length === 2, 'the copy');
  await writeFile(join(copies, 'village.jpg'), await jpeg(75, 120, 90));
  await server.until(async () => (await images({ text: 'village.jpg' })).length === 2, 'the changed copy');
  expect(await find()).toMatchObject({ sha256: before?.sha256, missing: false });
  await gallery.run(['library', 'remove', '2']);
});

test('what a scan that was cut short had begun is taken by the next one', async () => {
  const thaw = await server.freeze('embed-worker');
  await writeFile(gallery.picture('port.jpg'), await jpeg(76, 120, 90));
  const { presentCount } = await library();
  await server.until(async () => (await library()).presentCount > presentCount, 'the row of the file');
  await server.kill9();
  thaw();
  await server.restart();
  await settled('the picture', async () => (await titles()).includes('port'));
});

test('a removal that was cut short leaves a library that can be removed again', async () => {
  const copies = join(gallery.dir, 'copies');
  await ask('mutation ($path: String!) { addLibrary(path: $path) { job { id } } }', { path: copies });
  const added = (await allLibraries())[1] as Library;
  await server.until(async () => (await titles({ library: added.id })).length === 1, 'its picture');
  const remove = 'mutation ($id: ID!) { removeLibrary(id: $id) { job { id } } }';
  const database = databaseLocker(join(gallery.dir, 'data', 'likeness.db'));
  try {
    await database.lock();
    const [first, again] = [
      await ask<{ removeLibrary: object }>(remove, { id: added.id }),
      await ask<{ removeLibrary: object }>(remove, { id: added.id }),
    ];
    expect(again).toEqual(first); // asked for twice, it is done once
    await server.until(
      async () => (await allLibraries())[1]?.removal?.state === 'RUNNING',
      'the removal to begin',
    );
    expect(await refusal({ id: added.id })).toBe('LIBRARY_NOT_FOUND');
    await server.kill9();
  } finally {
    await database.end();
  }
  await server.restart();
  expect((await allLibraries()).map(({ id, removal }) => [id, removal])).toContainEqual([added.id, null]);
  await ask(remove, { id: added.id });
  await server.until(async () => (await allLibraries()).length === 1, 'the removal');
  expect(await readdir(copies)).toContain('village.jpg');
  await settled('the scan at the start', async () => true);
});

test('removed, it takes with it what only it has, and leaves the files', async () => {
  const before = (await readdir(gallery.pictures, { recursive: true })).sort();
  const { stdout, code } = await gallery.run(['library', 'remove', '1']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'removed, with 9 pictures that only it had; the files stay\n',
  });
  expect(await titles()).toEqual(['wood']);
  expect((await readdir(gallery.pictures, { recursive: true })).sort()).toEqual(before);
  const { edges } = (
    await ask<{ libraries: { edges: unknown[] } }>('{ libraries { edges { node { id } } } }')
  ).libraries;
  expect(edges).toEqual([]);
  await server.stop();
  const verified = await gallery.run(['verify']);
  expect(verified.code).toBe(0);
});
