import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import WebSocket from 'ws';
import { CliGallery } from '../helpers/cli.js';
import { addToGallery, type Connection, dataOf, nodesOf, request } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

interface JobFields {
  id: string;
  state: string;
  total: number | null;
  done: number;
  added: number;
  skipped: number;
  tagged: number;
  failed: number;
  leftOut: { reason: string; count: number }[];
  failures: { path: string; code: string }[];
}

const codeOf = ({ errors }: { errors: readonly { extensions: { code: string } }[] }) =>
  errors[0]?.extensions.code;

const FIELDS =
  'id state total done added skipped tagged failed leftOut { reason count } failures { path code }';

let gallery: CliGallery;
let server: TestServer;

beforeAll(async () => {
  gallery = await CliGallery.create({ slowness: 100 }); // some 50 ms a picture
  await gallery.draw(['sea', 'wood', 'alps']);
  await gallery.draw(
    Array.from({ length: 40 }, (_, i) => `many/${i}`),
    100,
  );
  server = await startServer({ dir: gallery.dir, env: { ...gallery.env, IMPORT_ROOTS: gallery.pictures } });
});

afterAll(async () => {
  await server.dispose();
  await gallery.remove();
});

async function start(path: string, more = ''): Promise<string> {
  const mutation = `mutation ($path: String!) { importFolder(path: $path${more}) { job { id } } }`;
  return dataOf(await request<{ importFolder: { job: { id: string } } }>(server.url, mutation, { path }))
    .importFolder.job.id;
}

const jobOf = async (id: string): Promise<JobFields | null> =>
  dataOf(
    await request<{ job: JobFields | null }>(server.url, `query ($id: ID!) { job(id: $id) { ${FIELDS} } }`, {
      id,
    }),
  ).job;

async function ended(id: string): Promise<JobFields> {
  await server.until(
    async () => !['QUEUED', 'RUNNING'].includes((await jobOf(id))?.state ?? ''),
    'the end of a job',
  );
  return (await jobOf(id)) as JobFields;
}

const cancel = (id: string) =>
  request<{ cancelJob: { job: { state: string } } }>(
    server.url,
    'mutation ($id: ID!) { cancelJob(id: $id) { job { state } } }',
    {
      id,
    },
  );

test('a job says what it leaves out, what cannot be read, and goes on', async () => {
  const folder = gallery.picture('mixed');
  await mkdir(join(folder, '@eaDir'), { recursive: true });
  await mkdir(join(folder, 'bad', '.likenessignore'), { recursive: true });
  for (const name of ['sea.jpg', 'not wanted.jpg', 'also not.jpg', '@eaDir/thumb.jpg'])
    await writeFile(join(folder, name), await readFile(gallery.picture('sea.jpg')));
  await writeFile(join(folder, '.likenessignore'), 'not*\n');
  await symlink(folder, join(folder, 'circle'));
  const bytes = Buffer.concat([Buffer.from(join(folder, 'w')), Buffer.from([0xff]), Buffer.from('.jpg')]);
  await writeFile(bytes, await readFile(gallery.picture('wood.jpg')));
  expect(await ended(await start(folder, ', exclude: ["also*"]'))).toMatchObject({
    state: 'DONE',
    total: 3,
    done: 3,
    added: 2,
    failed: 1,
    leftOut: [
      { reason: 'SYSTEM_FOLDER', count: 1 },
      { reason: 'EXCLUDED', count: 2 },
      { reason: 'LINK', count: 1 },
    ],
    failures: [{ path: join(folder, 'bad'), code: 'FOLDER_UNREADABLE' }],
  });
  const bad = 'mutation { importFolder(path: "/", exclude: ["*1*2*3*4*5"]) { job { id } } }';
  expect(codeOf(await request(server.url, bad))).toBe('FORBIDDEN');
});

test('known pictures get the tags of a second import, and whoever looks on is told', async () => {
  const ws = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  try {
    const changes = ws.iterate<{
      galleryChanged: { kind: string; images: { title: string; tags: string[] }[] };
    }>({
      query: 'subscription { galleryChanged { kind images { title tags } } }',
    });
    const change = changes.next();
    // The subscription is in place once another operation on the same socket has been answered.
    for await (const result of ws.iterate({ query: '{ status { version } }' }))
      expect(result.errors).toBeUndefined();
    const folder = gallery.picture('mixed');
    expect(await ended(await start(folder, ', tags: ["Sea side"], exclude: ["w*", "also*"]'))).toMatchObject({
      added: 0,
      skipped: 1,
      tagged: 1,
    });
    expect((await change).value).toMatchObject({
      data: { galleryChanged: { kind: 'UPDATED', images: [{ tags: ['sea side'] }] } },
    });
    await changes.return?.();
  } finally {
    await ws.dispose();
  }
});

test('cancelJob ends an import that runs, and at once one that waits; what was added stays', async () => {
  const running = await start(gallery.picture('many'));
  const waiting = await start(gallery.picture('many'));
  await server.until(async () => ((await jobOf(running))?.done ?? 0) > 0);
  expect(dataOf(await cancel(waiting)).cancelJob.job.state).toBe('CANCELLED');
  dataOf(await cancel(running));
  const job = await ended(running);
  expect(job).toMatchObject({ state: 'CANCELLED', total: 40, failed: 0 });
  expect(job.done).toBeLessThan(40);
  expect(await jobOf(waiting)).toMatchObject({ state: 'CANCELLED', done: 0 });
  dataOf(await cancel(running)); // again: nothing happens
  const rest = await ended(await start(gallery.picture('many')));
  expect(rest).toMatchObject({ state: 'DONE', skipped: job.added, added: 40 - job.added });
});

test('an unknown job is null, and cannot be cancelled', async () => {
  expect(await jobOf('none')).toBeNull();
  expect(codeOf(await cancel('none'))).toBe('BAD_USER_INPUT');
});

test('pictures that are exported and imported elsewhere keep title, tags, rating and dates; exported again they are the same', async () => {
  const added: { id: string }[] = [];
  for (const [i, title] of ['Ship: at/sea', 'twin', 'Twin', ''].entries())
    added.push(
      (await addToGallery(server.url, await jpeg(900 + i, 96, 72), { title, tags: ['kept'] })).image,
    );
  const update = `mutation ($id: ID!) { updateImage(id: $id, rating: 4, favorite: true, tags: ["kept", "dearest"]) { image { id } } }`;
  dataOf(await request(server.url, update, { id: added[0]!.id }));
  const [first, second] = [join(gallery.dir, 'out', 'first'), join(gallery.dir, 'out', 'second')];
  await mkdir(first, { recursive: true });
  await writeFile(join(first, 'twin.jpg'), 'of somebody else');
  await writeFile(join(first, 'twin (2).jpg.json'), '{ "of": "another program" }');
  // While the server runs; the second time everything is there.
  for (const [written, there] of [
    [4, 0],
    [0, 4],
  ])
    // prettier-ignore
    expect(await gallery.json(['export', 'pictures', first, '--tag', 'kept'])).toMatchObject({ written, there });
  const pictures = ['Ship_ at_sea.jpg', 'Twin (4).jpg', `picture-${added[3]!.id}.jpg`, 'twin (3).jpg'];
  const files = pictures.flatMap((name) => [name, `${name}.json`]);
  expect((await readdir(first)).sort()).toEqual([...files, 'twin.jpg', 'twin (2).jpg.json'].sort());
  expect(await readFile(join(first, 'twin (2).jpg.json'), 'utf8')).toBe('{ "of": "another program" }');
  await rm(join(first, 'twin (2).jpg.json'));
  expect(await readFile(join(first, 'twin.jpg'), 'utf8')).toBe('of somebody else');
  const notes = JSON.parse(await readFile(join(first, files[1]!), 'utf8')) as object;
  expect(notes).toMatchObject({
    title: 'Ship: at/sea',
    tags: ['dearest', 'kept'],
    rating: 4,
    favorite: true,
  });
  await rm(join(first, 'twin.jpg'));

  const elsewhere = await CliGallery.create();
  try {
    expect(await elsewhere.json(['import', first])).toMatchObject({ added: 4, failed: 0 });
    expect(await elsewhere.json(['export', 'pictures', second])).toMatchObject({ written: 4 });
  } finally {
    await elsewhere.remove();
  }
  const content = async (folder: string): Promise<string[]> =>
    Promise.all(
      (await readdir(folder)).map(async (name) => (await readFile(join(folder, name))).toString('base64')),
    );
  expect((await content(second)).sort()).toEqual((await content(first)).sort());
});

test('notes beside pictures that are in the gallery add what is lacking and change nothing; spoilt ones are ignored', async () => {
  const folder = gallery.picture('noted');
  await mkdir(folder);
  const { image } = await addToGallery(server.url, await jpeg(950, 96, 72), { title: 'mine', tags: ['own'] });
  const noted = { likeness: 1, title: 'theirs', tags: ['Other'], rating: 3, favorite: true, addedAt: '2001-02-03T04:05:06.000Z' }; // prettier-ignore
  const write = async (name: string, seed: number, text: string): Promise<void> => {
    await writeFile(join(folder, name), await jpeg(seed, 96, 72));
    await writeFile(join(folder, `${name}.json`), text);
  };
  await write('known.jpg', 950, JSON.stringify(noted));
  await write('takeout.jpg', 951, JSON.stringify({ title: 'of another program' }));
  await write('spoilt.jpg', 952, '{"likeness": 1, "title"');
  await write('odd.jpg', 953, JSON.stringify({ ...noted, title: ['x'], tags: [7, '', 'x'.repeat(99)], rating: 9, favorite: 'yes', addedAt: '2999-01-01T00:00:00.000Z' })); // prettier-ignore
  expect(await ended(await start(folder))).toMatchObject({ added: 3, skipped: 1, failed: 0 });
  const fields = 'title tags rating favorite createdAt';
  const all = dataOf(
    await request<{ galleryImages: Connection<object> }>(
      server.url,
      `{ galleryImages(first: 4, orderBy: NEWEST) { edges { node { ${fields} } } } }`,
    ),
  );
  const plain = { tags: [], rating: null, favorite: false };
  expect(nodesOf(all.galleryImages)).toEqual(
    expect.arrayContaining([
      { title: 'mine', tags: ['other', 'own'], rating: 3, favorite: true, createdAt: image.createdAt },
      ...['takeout', 'spoilt', ''].map((title) => expect.objectContaining({ title, ...plain })),
    ]),
  );
});
