import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
// @ts-expect-error scripts/ is plain JavaScript: it must run before anything is compiled
import * as memory from '../../scripts/lib/test-memory.mjs';
import { temporaryDir } from '../helpers/temporary-dir.js';

interface Trace {
  readonly files: string[];
  readonly trees: string[];
  readonly env: string[];
  readonly programs: string[];
}

const { testKeys } = memory as {
  testKeys(place: {
    root: string;
    files: string[];
    common: string;
    env: Record<string, string>;
  }): (test: string, seen: Trace) => string;
};

const SOURCES = {
  'tests/a.test.ts': "import { a } from '../src/a.js';\na();\n",
  'src/a.ts': "export { b as a } from './b.js';\n",
  'src/b.ts': 'export const b = () => {};\n',
  'src/other.ts': 'export const other = 1;\n',
  'data/read.json': '{}',
  'data/deep/below.txt': 'below',
  'data/picture.png': 'a picture',
  'dist/worker.js': "import './used.js';\n",
  'dist/used.js': '',
  'dist/unused.js': '',
};

let root: string;
const at = (name: string): string => join(root, name);
const NOTHING: Trace = { files: [], trees: [], env: [], programs: [] };

beforeEach(async () => {
  root = await temporaryDir();
  for (const [name, text] of Object.entries(SOURCES)) await write(name, text);
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(at(name)), { recursive: true });
  await writeFile(at(name), text);
}

const keyOf = (seen: Partial<Trace>, { common = '', env = {} } = {}): string =>
  testKeys({
    root,
    files: Object.keys(SOURCES)
      .filter((name) => !name.startsWith('dist/'))
      .map(at),
    common,
    env,
  })(at('tests/a.test.ts'), { ...NOTHING, ...seen });

/** Whether a change makes the test due again. */
async function isDueAfter(change: () => Promise<unknown>, seen: Partial<Trace> = {}): Promise<boolean> {
  const before = keyOf(seen);
  expect(keyOf(seen)).toBe(before);
  await change();
  return keyOf(seen) !== before;
}

test.each<[string, boolean, () => Partial<Trace>, () => Promise<unknown>]>([
  ['itself', true, () => ({}), () => write('tests/a.test.ts', '')],
  ['what it imports, far away', true, () => ({}), () => write('src/b.ts', 'export const b = 1;\n')],
  ['code that it does not import', false, () => ({}), () => write('src/other.ts', '')],
  [
    'a file it has read',
    true,
    () => ({ files: [at('data/read.json')] }),
    () => write('data/read.json', '[]'),
  ],
  ['a file it has not read', false, () => ({}), () => write('data/read.json', '[]')],
  [
    'a file it has read, now gone',
    true,
    () => ({ files: [at('data/read.json')] }),
    () => rm(at('data/read.json')),
  ],
  ['a file it has missed', true, () => ({ files: [at('data/new')] }), () => write('data/new', '')],
  ['a folder it has listed', true, () => ({ files: [at('data')] }), () => write('data/new', '')],
  [
    'a folder it has listed, deeper',
    false,
    () => ({ files: [at('data')] }),
    () => write('data/deep/new', ''),
  ],
  ['a folder it has walked', true, () => ({ trees: [at('data')] }), () => write('data/deep/new', '')],
  [
    'what a program of ours imports',
    true,
    () => ({ programs: [at('dist/worker.js')] }),
    () => write('dist/used.js', '1'),
  ],
  [
    'what it does not import',
    false,
    () => ({ programs: [at('dist/worker.js')] }),
    () => write('dist/unused.js', '1'),
  ],
  [
    'code beside a program of ours',
    false,
    () => ({ programs: [at('dist/worker.js')] }),
    () => write('src/other.ts', ''),
  ],
  [
    'data beside a program of ours',
    true,
    () => ({ programs: [at('dist/worker.js')] }),
    () => write('data/picture.png', ''),
  ],
  ['anything beside another program', true, () => ({ programs: [''] }), () => write('src/other.ts', '')],
  ['anything beside a script', true, () => ({ programs: [at('src/a.ts')] }), () => write('src/other.ts', '')],
])('a test is run again after a change of %s: %s', async (_what, due, seen, change) => {
  expect(await isDueAfter(change, seen())).toBe(due);
});

test('what is common, and variables that were asked for, make it due; others and those of a terminal do not', () => {
  expect(keyOf({}, { common: 'other' })).not.toBe(keyOf({}));
  expect(keyOf({ env: ['A'] }, { env: { A: '1' } })).not.toBe(keyOf({ env: ['A'] }));
  expect(keyOf({ env: ['A'] }, { env: { B: '1' } })).toBe(keyOf({ env: ['A'] }));
  expect(keyOf({ env: ['*'] }, { env: { B: '1' } })).not.toBe(keyOf({ env: ['*'] }));
  expect(keyOf({ env: ['*', 'TERM'] }, { env: { TERM: 'dumb', npm_config_x: '1' } })).toBe(
    keyOf({ env: ['*', 'TERM'] }),
  );
});

test('with native code that opens files, any data makes it due; with imports that cannot be told, anything does', async () => {
  await write('src/b.ts', "import sharp from 'sharp';\nexport const b = sharp;\n");
  expect(await isDueAfter(() => write('data/picture.png', 'another'))).toBe(true);
  expect(await isDueAfter(() => write('src/other.ts', ''))).toBe(false);
  await write('src/b.ts', 'export const b = (name: string) => import(name);\n');
  expect(await isDueAfter(() => write('src/other.ts', '1'))).toBe(true);
});

/** In a process of its own: whatever else reads files here is not meant. */
test('what a test looks at is taken down, however it looks', () => {
  const script = `
    const trace = require(${JSON.stringify(resolve('tests/helpers/trace.cjs'))});
    trace.begin();
    const fs = require('node:fs');
    const { readFile } = require('node:fs/promises');
    const { fork, spawnSync, execFileSync } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    const { pathToFileURL } = require('node:url');
    (async () => {
      fs.readFileSync('data/read.json');
      await readFile(pathToFileURL('src/a.ts'));
      await (await fs.promises.open('src/b.ts')).close();
      fs.existsSync('missing');
      fs.realpathSync.native('data');
      fs.readdirSync('data/deep', { recursive: true });
      fs.createReadStream('src/other.ts').destroy();
      const env = trace.tracedEnv({ A: '1', B: '2' });
      void env.A, 'C' in env, { ...env };
      spawnSync(process.execPath, ['dist/used.js']);
      execFileSync('true');
      fork('dist/worker.js').disconnect();
      new Worker('0', { eval: true });
      const { files, ...rest } = trace.end();
      process.stdout.write(JSON.stringify({ files: files.filter((file) => file.startsWith(process.cwd())), ...rest }));
    })();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    files: ['data', 'data/read.json', 'missing', 'src/a.ts', 'src/b.ts', 'src/other.ts'].map(at),
    trees: [at('data/deep')],
    env: ['*', 'A', 'B', 'C'],
    programs: ['', at('dist/used.js'), at('dist/worker.js')],
  });
});
