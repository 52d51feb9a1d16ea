import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type GraphQLSchema, buildSchema, parse, validate } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { MAIN, startCli } from '../helpers/cli.js';
import { addToGallery, removeFromGallery, request, upload } from '../helpers/graphql.js';
import { type CodeBlock, codeBlocks } from '../helpers/markdown.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, TestServer } from '../helpers/server.js';
import { writePatchModel } from '../helpers/tiny-model.js';
import { waitFor } from '../helpers/wait-for.js';

/**
 * The examples of README.md and docs/, in their order, as they stand but for the server's address and the folder
 * /srv/photos. `unit/documents.test.ts` holds that the Chinese pages have the same ones.
 *
 * - `sh`: run by a shell, in which `npx likeness` is the built command line. What needs the data folder for itself
 *   gets one without a server.
 * - `graphql`: checked against the schema and sent. A `json` block after it has the variables or, with `data` or
 *   `errors`, the answer; "the id of a job" or "of a search" stands for the last one seen. `null` for an Upload is a
 *   picture.
 */

/** What is not run, by its first line, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'git clone <address of this repository> likeness': 'there is nothing to clone from',
  'npm start': '.ci/run starts a fresh clone with it',
  'npm test': 'this is it',
  'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js':
    'it downloads some hundred megabytes',
  'npx likeness models convert vit-dinov2-base.npz':
    'the weights have 346 MB; integration/dinov2-convert.test.ts does it with small ones',
  'npx likeness models convert vit-dinov2-base.npz --precision int8 --calibrate ~/Pictures':
    'the same; integration/int8.test.ts does it with small ones',
};
/** How a command ends that cannot be done here, beside a folder without models: without a network there is no hub. */
const ENDS_WITH: Readonly<Record<string, { code: number; stderr: RegExp }>> = {
  'npx likeness models pull dinov2-base': { code: 1, stderr: /127\.0\.0\.1:9/ },
};
const ALONE = /npx likeness (serve|import|library|reindex|verify --adopt)/;
const ADMIN_TOKEN = 'docs-examples-0123456789';
const VISITOR = 'my-script-1';
const MODELS = ['builtin', 'dinov2-base', 'dinov2-base-int8'];

interface Folder {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let schema: GraphQLSchema;
let dir: string;
let server: TestServer;
/** With a server, and without. */
let served: Folder;
let alone: Folder;
/** What the last answers were about. */
const seen: Record<string, string> = {};

const pageOf = async (page: string): Promise<CodeBlock[]> =>
  codeBlocks(await readFile(resolve(page), 'utf8'));
const PAGES: Readonly<Record<string, CodeBlock[]>> = Object.fromEntries(
  await Promise.all(
    ['README.md', 'docs/api.md', 'docs/cli.md', 'docs/operations.md', 'docs/models.md'].map(
      async (page) => [page, await pageOf(page)] as const,
    ),
  ),
);

beforeAll(async () => {
  schema = buildSchema(await readFile(resolve('schema.graphql'), 'utf8'));
  dir = await mkdtemp(join(tmpdir(), 'likeness-docs-'));
  const modelsDir = join(dir, 'models');
  for (const [i, id] of MODELS.entries())
    await writePatchModel(
      modelsDir,
      { mode: 'center-crop', resize: 56, crop: 56 },
      {
        id,
        normalize: { scale: 1 / 255, mean: [0.4 + i / 10, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      },
    );
  await writePrograms();
  await writeHome();
  served = await folderOf('served');
  alone = await folderOf('alone');
  server = await startServer({
    dir: served.path,
    env: { MODELS_DIR: modelsDir, MODEL: 'auto', ADMIN_TOKEN, IMPORT_ROOTS: join(dir, 'srv', 'photos') },
  });
  // As many as are needed to say how strong a match is, and some for the filters of the examples.
  for (let i = 0; i < 40; i++)
    await addToGallery(server.url, await jpeg(i, 120, 90), {
      title: i % 2 === 0 ? `Sky ${i}` : `Meadow ${i}`,
      tags: i % 2 === 0 ? ['balloons'] : ['flowers'],
    });
});

afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

/** `npx`, so that it starts what is built here, and `sqlite3` where there is none. */
async function writePrograms(): Promise<void> {
  const programs: Record<string, string> = {
    npx: `#!/bin/sh\n[ "$1" = likeness ] || exit 127\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
  };
  if (spawnSync('sqlite3', ['--version']).error !== undefined)
    programs['sqlite3'] = [
      '#!/usr/bin/env python3',
      'import re, sqlite3, sys',
      'target = re.fullmatch(r"\\.backup \'(.+)\'", sys.argv[2])[1]',
      'sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(target))',
      '',
    ].join('\n');
  await mkdir(join(dir, 'bin'));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(dir, 'bin', name), text);
    await chmod(join(dir, 'bin', name), 0o755);
  }
}

/** The pictures that the examples name: those of a home folder, and of a folder that may be imported. */
async function writeHome(): Promise<void> {
  for (const folder of ['home/Pictures/raw', 'srv/photos/2024/raw', 'srv/photos/family'])
    await mkdir(join(dir, folder), { recursive: true });
  for (const [i, path] of [
    'home/Pictures/a',
    'home/Pictures/raw/b',
    'srv/photos/2024/c',
    'srv/photos/2024/raw/d',
    'srv/photos/family/e',
  ].entries())
    await writeFile(join(dir, `${path}.jpg`), await jpeg(100 + i, 120, 90));
  // An answer that is an error ends curl with an error, too.
  await writeFile(join(dir, 'home', '.curlrc'), 'silent\nshow-error\nfail\n');
}

async function folderOf(name: string): Promise<Folder> {
  const path = join(dir, name);
  await mkdir(join(path, 'trip'), { recursive: true });
  await writeFile(join(path, 'photo.jpg'), await jpeg(0, 120, 90));
  await writeFile(join(path, 'trip', 'beach.jpg'), await jpeg(200, 120, 90));
  return {
    path,
    env: {
      DATABASE_URL: `file:${join(path, 'data', 'likeness.db')}`,
      INDEX_DIR: join(path, 'index'),
      MEDIA_DIR: join(path, 'media'),
    },
  };
}

const environment = (folder: Folder): Record<string, string> => ({
  PATH: [join(dir, 'bin'), process.env['PATH']].join(delimiter),
  HOME: join(dir, 'home'),
  MODELS_DIR: join(dir, 'models'),
  MODEL_HUB: 'http://127.0.0.1:9',
  SAMPLE_GALLERY: 'off',
  ADMIN_TOKEN,
  ...folder.env,
});

const here = (text: string): string =>
  text
    .replaceAll('127.0.0.1:4000', new URL(server.url).host)
    .replaceAll('/srv/photos', join(dir, 'srv', 'photos'));

async function shell(code: string, folder: Folder): Promise<Outcome> {
  const child = spawn('sh', ['-ec', here(code)], { cwd: folder.path, env: environment(folder) });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { code: exitCode, ...output };
}

/** A command that runs until it is ended; on a port that is free. */
async function serve(args: readonly string[]): Promise<void> {
  const running = startCli(
    args.map((arg) => (arg === '8080' ? '0' : arg)),
    { env: { ...environment(alone), LOG_FORMAT: 'json' }, cwd: alone.path },
  );
  let output = '';
  let over = false;
  for (const stream of [running.child.stdout, running.child.stderr])
    stream?.on('data', (text: string) => (output += text));
  void running.ended.then(() => (over = true)).catch(() => {});
  try {
    await waitFor(
      'the server to start',
      () => over || output.includes('"url":"http:'),
      () => output,
    );
  } finally {
    running.child.kill('SIGTERM');
  }
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
}

/** @returns what it printed, where it is the answer to a request */
async function runShell({ code }: CodeBlock): Promise<unknown> {
  const folder = ALONE.test(code) ? alone : served;
  const lines = code.trimEnd().split('\n');
  const commands = lines.every((line) => /npx likeness/.test(line)) ? lines : [code];
  for (const line of commands) {
    const command = line.replace(/ +# .*$/, '');
    if (command in NOT_RUN) continue;
    if (command.startsWith('npx likeness serve')) {
      await serve(command.split(' ').slice(2));
      continue;
    }
    const env = command in ENDS_WITH ? { ...folder.env, MODELS_DIR: join(dir, 'no-models') } : folder.env;
    const { code: ended, stdout, stderr } = await shell(command, { ...folder, env });
    const expected = ENDS_WITH[command] ?? { code: 0, stderr: /(?:)/ };
    expect([command, ended, stderr]).toEqual([
      command,
      expected.code,
      expect.stringMatching(expected.stderr),
    ]);
    if (command.includes('/graphql')) return noted(JSON.parse(stdout));
  }
  return undefined;
}

/** Remembers what later examples ask for. */
function noted(answer: unknown): unknown {
  const { data } = answer as {
    data?: { importFolder?: { job: { id: string } } | null; searchByImage?: { id?: string } | null } | null;
  };
  for (const [what, id] of [
    ['the id of a job', data?.importFolder?.job.id],
    ['the id of a search', data?.searchByImage?.id],
  ] as const)
    if (id !== undefined) seen[what] = id;
  return answer;
}

type Variables = Record<string, unknown>;

const variablesOf = (next: CodeBlock | undefined): Variables => {
  if (next?.language !== 'json' || isAnswer(next)) return {};
  return JSON.parse(next.code, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith('the id of ') ? seen[value] : value,
  ) as Variables;
};
const isAnswer = ({ language, code }: CodeBlock): boolean =>
  language === 'json' && /^\{\s*"(data|errors)"/.test(code);

async function send(query: string, variables: Variables): Promise<unknown> {
  const headers = { 'x-visitor-id': VISITOR, authorization: `Bearer ${ADMIN_TOKEN}` };
  const paths = Object.entries(variables).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((item, i) => [`variables.${name}.${i}`, item])
      : [[`variables.${name}`, value]],
  );
  const files = await Promise.all(
    paths
      .filter(([, value]) => value === null)
      .map(async ([path], i) => ({ paths: [path as string], bytes: await jpeg(300 + i, 120, 90) })),
  );
  const { data, errors } =
    files.length > 0
      ? await upload<Variables>(server.url, query, variables, files, headers)
      : await request<Variables>(server.url, query, variables, headers);
  return noted(errors.length > 0 ? { errors, data } : { data });
}

/** The first event, or for a job the last. */
async function subscribe(query: string, variables: Variables): Promise<unknown> {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  const events = client.iterate<Variables>({ query, variables });
  let last: unknown;
  let over = query.includes('jobProgress');
  const listening = (async () => {
    for await (const event of events) {
      last = event;
      if (!query.includes('jobProgress')) break;
    }
    over = true;
  })();
  // Nothing tells when the server has the subscription: pictures come until one is seen.
  let seed = 1000;
  await waitFor('an event', async () => {
    if (over) return true;
    const { image } = await addToGallery(server.url, await jpeg(seed++, 120, 90));
    await removeFromGallery(server.url, [image.id]);
    return over;
  });
  await listening;
  await client.dispose();
  return last;
}

async function runGraphql({ code }: CodeBlock, variables: Variables): Promise<unknown> {
  const query = here(code);
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  return /^subscription/.test(query) ? subscribe(query, variables) : send(query, variables);
}

/** The same fields with the same kinds of value; null may stand for any. */
function sameShape(said: unknown, given: unknown): boolean {
  if (given === null) return true;
  if (Array.isArray(said)) return Array.isArray(given) && given.every((item) => sameShape(said[0], item));
  if (typeof said !== 'object' || said === null) return typeof said === typeof given;
  const [a, b] = [said as Variables, given as Variables];
  return (
    Object.keys(a).join() === Object.keys(b).join() &&
    Object.keys(a).every((key) => sameShape(a[key], b[key]))
  );
}

/** Whether an answer says something: no errors, no operation that answers null, nothing found nowhere. */
function expectAnswer(answer: unknown, said: CodeBlock | undefined): void {
  const { data, errors } = answer as { data: Variables | null; errors?: unknown };
  if (said !== undefined && isAnswer(said)) {
    const example = JSON.parse(said.code) as { errors?: unknown };
    if (example.errors !== undefined) expect(answer).toMatchObject(example);
    else expect(sameShape(example, answer)).toBe(true);
    if (example.errors !== undefined) return;
  }
  expect(errors).toBeUndefined();
  for (const [field, value] of Object.entries(data ?? {})) expect([field, value]).not.toEqual([field, null]);
  const text = JSON.stringify(data);
  for (const nothing of [
    '"matches":[]',
    '"edges":[]',
    '"patchMap":null',
    '"explanation":null',
    '"searchHistory":{"totalCount":0',
  ])
    expect(text).not.toContain(nothing);
}

async function runBlock(blocks: readonly CodeBlock[], i: number): Promise<void> {
  const [block, next] = [blocks[i] as CodeBlock, blocks[i + 1]];
  if (block.code.split('\n')[0]! in NOT_RUN && !block.code.includes('npx')) return;
  if (block.language === 'graphql') expectAnswer(await runGraphql(block, variablesOf(next)), next);
  else {
    const answer = await runShell(block);
    if (answer !== undefined) expectAnswer(answer, next);
  }
}

const runnable = (blocks: readonly CodeBlock[]): [string, number][] =>
  blocks.flatMap(({ language, code, line }, i) =>
    language === 'json'
      ? []
      : [[`line ${line}: ${code.split('\n').slice(0, 2).join(' ').slice(0, 70)}`, i] as [string, number]],
  );

describe.each(Object.entries(PAGES))('the examples of %s', (_page, blocks) => {
  test('are of a kind that is known here', () => {
    for (const [i, block] of blocks.entries()) {
      expect(['sh', 'graphql', 'json']).toContain(block.language);
      if (block.language === 'json') expect(['sh', 'graphql']).toContain(blocks[i - 1]?.language);
    }
  });

  test.each(runnable(blocks))('%s', (_name, i) => runBlock(blocks, i));
});

test('what is not run is there, and has a reason', () => {
  const lines = new Set(
    Object.values(PAGES).flatMap((blocks) => blocks.flatMap(({ code }) => code.split('\n'))),
  );
  for (const line of [...Object.keys(NOT_RUN), ...Object.keys(ENDS_WITH)]) expect(lines).toContain(line);
});

test('a backup that was made as docs/operations.md says is a whole gallery', async () => {
  const restored = await folderOf('restored');
  await mkdir(join(restored.path, 'data'));
  await cp(join(served.path, 'backup', 'likeness.db'), join(restored.path, 'data', 'likeness.db'));
  await cp(join(served.path, 'backup', 'media'), join(restored.path, 'media'), { recursive: true });
  const again = new TestServer(restored.path, { MODELS_DIR: join(dir, 'models'), MODEL: 'auto' }, false);
  await again.restart();
  await again.stop();
  expect(await shell('npx likeness verify', restored)).toMatchObject({ code: 0 });
});
