import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { addToGallery, removeFromGallery } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { writeTinyModel } from '../helpers/tiny-model.js';
import { waitFor } from '../helpers/wait-for.js';

/** A block of code of the page; those that can be run begin with the name of their file. */
interface Block {
  readonly language: string;
  readonly name: string | undefined;
  readonly code: string;
}

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(resolve('docs', page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code,
    name: /^(?:\/\/|#) ([\w-]+\.\w+)\n/.exec(code)?.[1],
  }));
}

const page = await blocksOf('clients.md');
const names = page.flatMap(({ name }) => name ?? []);

let dir: string;
let server: TestServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-clients-'));
  await mkdir(join(dir, 'data'));
  await writeTinyModel(join(dir, 'models'));
  server = await startServer({
    dir: join(dir, 'data'),
    env: { MODELS_DIR: join(dir, 'models'), MODEL: 'tiny' },
  });
  await addToGallery(server.url, await jpeg(1), { title: 'The sea' });
  await addToGallery(server.url, await jpeg(2), { title: 'A wood' });
  // As in two projects, one with the packages of the server's own development, one with those of the web page.
  for (const [project, packages] of [
    ['plain', 'node_modules'],
    ['apollo', 'client-sample/node_modules'],
  ] as const) {
    await mkdir(join(dir, project));
    await symlink(resolve(packages), join(dir, project, 'node_modules'));
    await writeFile(join(dir, project, 'photo.jpg'), await jpeg(1));
  }
});

afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  mjs: [process.execPath],
  py: ['python3'],
  sh: ['sh', '-e'],
};

/** Runs an example as it is on the page, but for the server's address. */
async function run(name: string): Promise<string> {
  const code = page.find((block) => block.name === name)!.code;
  const folder = join(dir, name === 'apollo.mjs' ? 'apollo' : 'plain');
  const file = join(folder, name);
  await writeFile(file, code.replaceAll('127.0.0.1:4000', new URL(server.url).host));
  const [command = '', ...args] = COMMANDS[name.split('.')[1] ?? ''] ?? [];
  const child = spawn(command, [...args, file], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let over = false;
  const closed = once(child, 'close').then(([exitCode]) => {
    over = true;
    return exitCode as number | null;
  });
  if (/subscription \{/.test(code)) {
    // Nothing tells when the server has the subscription: pictures come until one is seen.
    let seed = 100;
    await waitFor(`the end of ${name}`, async () => {
      const { image } = await addToGallery(server.url, await jpeg(seed), { title: `New ${seed++}` });
      await removeFromGallery(server.url, [image.id]);
      return over;
    });
  }
  if ((await closed) !== 0) throw new Error(`${name}:\n${output}`);
  return output;
}

/** `requests` is no part of Python. */
const pythonHasRequests = async (): Promise<boolean> => {
  const child = spawn('python3', ['-c', 'import requests'], { stdio: 'ignore' });
  const [code] = (await once(child, 'close').catch(() => [1])) as [number];
  return code === 0;
};

const COUNT = /^2 pictures\n/;
const FOUND = /^(1\.000|0\.999) The sea$/m;
const EVENT = /^(ADDED New \d+|REMOVED undefined)$/m;
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'fetch.mjs': [COUNT, FOUND],
  'subscribe.mjs': [EVENT],
  'urql.mjs': [/^\d+ pictures\n/, FOUND, EVENT],
  'graphql-request.mjs': [/^The sea\n$/],
  'apollo.mjs': [/^\d+ pictures\n/, FOUND, EVENT],
  'search.py': [COUNT, FOUND],
  'search.sh': [/"totalCount":2/, /"similarity":(1|0\.9999\d*),"image":\{"title":"The sea"\}/],
};

describe('the examples of docs/clients.md', () => {
  test('are all known here', () => {
    expect([...names].sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(names.filter((name) => name !== 'search.py'))('%s works as it is', async (name) => {
    const output = await run(name);
    for (const line of EXPECTED[name] ?? []) expect(output).toMatch(line);
  });

  test('search.py works as it is; without the package requests, the request that it sends', async () => {
    if (await pythonHasRequests()) {
      const output = await run('search.py');
      for (const line of EXPECTED['search.py'] ?? []) expect(output).toMatch(line);
    } else expect(await sendForm(await postmanRows())).toMatchObject({ status: 200 });
  });

  /** The rows of the form that the page has one type into Postman, in their order. */
  async function postmanRows(): Promise<[string, string | Blob][]> {
    const [operations, map] = page.filter(({ language }) => language === 'json');
    return [
      ['operations', operations!.code],
      ['map', map!.code],
      ['0', new Blob([await jpeg(1)])],
    ];
  }

  /** The table of what is answered otherwise. */
  async function rowsOf(name: string): Promise<{ what: string; status: number; code: string }[]> {
    const text = await readFile(resolve('docs', name), 'utf8');
    return [...text.matchAll(/^\| (.+?) +\| (\d{3}) +\| `(\w+)` +\|$/gm)].map(([, what, status, code]) => ({
      what: String(what),
      status: Number(status),
      code: String(code),
    }));
  }

  async function sendForm(
    rows: readonly [string, string | Blob][],
    headers: Record<string, string> = { 'apollo-require-preflight': 'true' },
  ): Promise<{ status: number; body: unknown }> {
    const form = new FormData();
    for (const [name, value] of rows) form.append(name, value);
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: form });
    return { status: response.status, body: await response.json() };
  }

  test('what is typed into Postman works', async () => {
    expect(await sendForm(await postmanRows())).toMatchObject({
      status: 200,
      body: { data: { searchByImage: { matches: [{ image: { title: 'The sea' } }, {}] } } },
    });
  });

  test('what is answered otherwise is what the page says', async () => {
    const [operations, map, file] = await postmanRows();
    const codeOf = (body: unknown): string =>
      (body as { errors: { extensions: { code: string } }[] }).errors[0]!.extensions.code;
    const post = async (body: string, headers: Record<string, string>): Promise<[number, string]> => {
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
      return [response.status, codeOf(await response.json())];
    };
    const form = async (...args: Parameters<typeof sendForm>): Promise<[number, string]> => {
      const { status, body } = await sendForm(...args);
      return [status, codeOf(body)];
    };
    const json = { 'content-type': 'application/json' };
    const mutation = encodeURIComponent('mutation { cancelModelSwitch { cancelled } }');
    const answers: Record<string, [number, string]> = {
      'upload without `apollo-require-preflight`': await form([operations!, map!, file!], {}),
      'file before `operations` and `map`': await form([file!, operations!, map!]),
      '`Upload` in JSON instead of multipart': await post(operations![1] as string, json),
      'body without a content type that says JSON': await post('{"query":"{ __typename }"}', {}),
      'mutation by GET': await fetch(`${server.url}/graphql?query=${mutation}`, {
        headers: { 'apollo-require-preflight': 'true' },
      }).then(async (response) => [response.status, codeOf(await response.json())]),
      'subscription by POST': await post('{"query":"subscription { galleryChanged { kind } }"}', json),
    };
    const said = await rowsOf('clients.md');
    expect(Object.fromEntries(said.map(({ what, status, code }) => [what, [status, code]]))).toEqual(answers);
  });

  test('are the same in Chinese', async () => {
    expect(await blocksOf('clients.zh-CN.md')).toEqual(page);
    const said = async (name: string) => (await rowsOf(name)).map(({ status, code }) => [status, code]);
    expect(await said('clients.zh-CN.md')).toEqual(await said('clients.md'));
  });
});
