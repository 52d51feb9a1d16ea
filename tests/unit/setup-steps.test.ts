import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
// @ts-expect-error scripts/ is plain JavaScript: it must run before anything is compiled
import * as steps from '../../scripts/lib/steps.mjs';
// @ts-expect-error as above
import * as locks from '../../scripts/lib/lock.mjs';
// @ts-expect-error as above
import * as versions from '../../scripts/lib/node-version.mjs';
// @ts-expect-error as above
import * as packages from '../../scripts/lib/packages.mjs';
// @ts-expect-error as above
import * as native from '../../scripts/lib/native.mjs';
// @ts-expect-error as above
import * as compiling from '../../scripts/lib/compile.mjs';

interface Step {
  readonly id: string;
  readonly say: string;
  readonly after: string[];
  isFresh(): boolean;
  run(): Promise<void>;
}

const { fingerprintedStep, runSteps } = steps as {
  fingerprintedStep(place: { root: string; stampDir: string }, spec: object): Step;
  runSteps(list: Step[], options: { say(line: string): void; width?: number }): Promise<string[]>;
};
const { withLock } = locks as {
  withLock<T>(path: string, work: () => Promise<T>, options?: object): Promise<T>;
};
const { nodeVersionProblem } = versions as { nodeVersionProblem(version: string): string | null };
const { packagesMatch } = packages as { packagesMatch(root: string, options: { dev: boolean }): boolean };
const { flagChoices } = native as {
  flagChoices(env: Record<string, string>, platform: string, arch: string): string[];
};
const { expectedOutputs, removeStale } = compiling as {
  expectedOutputs(root: string): string[];
  removeStale(root: string): void;
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'likeness-setup-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

const silent = { say: () => {} };

describe('a fingerprinted step', () => {
  let runs: number;
  let version: string;

  const step = () =>
    fingerprintedStep(
      { root, stampDir: join(root, 'stamps') },
      {
        id: 'copy',
        say: 'copying',
        inputs: ['in'],
        words: () => [version],
        outputs: () => ['out.txt'],
        run: async () => {
          runs++;
          write('out.txt', readFileSync(join(root, 'in/a.txt'), 'utf8'));
        },
      },
    );

  beforeEach(() => {
    runs = 0;
    version = 'tool@1';
    write('in/a.txt', 'one');
  });

  test('runs once, then is skipped while nothing changes', async () => {
    expect(await runSteps([step()], silent)).toEqual(['copy']);
    expect(await runSteps([step()], silent)).toEqual([]);
    expect(runs).toBe(1);
  });

  test.each([
    ['an input changed', () => write('in/a.txt', 'two')],
    ['an input came', () => write('in/deep/b.txt', '')],
    ['an input went', () => rmSync(join(root, 'in/b.txt'))],
    ['a tool has another version', () => (version = 'tool@2')],
    ['an output is gone', () => rmSync(join(root, 'out.txt'))],
  ])('runs again when %s', async (_, change) => {
    write('in/b.txt', 'second');
    await runSteps([step()], silent);
    change();
    expect(step().isFresh()).toBe(false);
    await runSteps([step()], silent);
    expect(runs).toBe(2);
  });

  test('is not skipped after a failure', async () => {
    const failing = { ...step(), run: () => Promise.reject(new Error('no disk')) };
    await expect(runSteps([failing], silent)).rejects.toThrow('no disk');
    expect(step().isFresh()).toBe(false);
  });
});

describe('running steps', () => {
  const plain = (id: string, after: string[], run: () => Promise<void>): Step => ({
    id,
    say: id,
    after,
    isFresh: () => false,
    run,
  });

  test('a step waits for those it comes after', async () => {
    const order: string[] = [];
    const note = (id: string, after: string[]) =>
      plain(id, after, async () => {
        await Promise.resolve();
        order.push(id);
      });
    await runSteps([note('c', ['a', 'b']), note('b', ['a']), note('a', [])], silent);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('after a failure nothing new is begun', async () => {
    const begun: string[] = [];
    const list = [
      plain('a', [], () => Promise.reject(new Error('broken'))),
      plain('b', ['a'], async () => void begun.push('b')),
    ];
    await expect(runSteps(list, silent)).rejects.toThrow('broken');
    expect(begun).toEqual([]);
  });

  test('steps that wait for each other are a mistake, not a hang', async () => {
    const nothing = () => Promise.resolve();
    await expect(runSteps([plain('a', ['b'], nothing), plain('b', ['a'], nothing)], silent)).rejects.toThrow(
      'a, b',
    );
  });
});

describe('the set-up lock', () => {
  test('the second holder begins when the first is done', async () => {
    const events: string[] = [];
    const path = join(root, 'setup.lock');
    let finish = (): void => {};
    const first = withLock(path, async () => {
      events.push('first in');
      await new Promise<void>((resolve) => (finish = resolve));
      events.push('first out');
    });
    const second = withLock(path, async () => void events.push('second in'), {
      pollMs: 5,
      onWait: () => finish(),
    });
    await Promise.all([first, second]);
    expect(events).toEqual(['first in', 'first out', 'second in']);
  });

  test('a lock left by a dead process is taken over', async () => {
    const path = join(root, 'setup.lock');
    // The largest pid Linux can give is 2^22.
    writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() }));
    expect(await withLock(path, async () => 'done')).toBe('done');
  });
});

describe('what is installed', () => {
  const lock = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/tool': { version: '2.0.0', dev: true },
    'node_modules/other-os': { version: '3.0.0', optional: true },
  };
  const install = (installed: object) => {
    write('package-lock.json', JSON.stringify({ packages: lock }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
  };
  const a = { 'node_modules/a': { version: '1.0.0' } };
  const tool = { 'node_modules/tool': { version: '2.0.0' } };

  test('packages of other platforms may be absent', () => {
    install({ ...a, ...tool });
    expect(packagesMatch(root, { dev: true })).toBe(true);
  });

  test('development packages may be absent unless they are needed', () => {
    install(a);
    expect(packagesMatch(root, { dev: false })).toBe(true);
    expect(packagesMatch(root, { dev: true })).toBe(false);
  });

  test('another version, a missing package and no node_modules do not match', () => {
    install({ 'node_modules/a': { version: '1.0.1' } });
    expect(packagesMatch(root, { dev: false })).toBe(false);
    install({});
    expect(packagesMatch(root, { dev: false })).toBe(false);
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(packagesMatch(root, { dev: false })).toBe(false);
  });
});

test('outputs without a source are removed, others stay', () => {
  write('src/a.ts', '');
  write('src/deep/b.ts', '');
  write('src/types.d.ts', '');
  for (const file of ['a.js', 'a.js.map', 'deep/b.js', 'gone.js', 'gone.js.map', '.tsbuildinfo'])
    write(`dist/${file}`, '');
  expect(expectedOutputs(root)).toEqual([join('dist', 'a.js'), join('dist', 'deep', 'b.js')]);
  removeStale(root);
  expect(() => readFileSync(join(root, 'dist/gone.js'))).toThrow('ENOENT');
  expect(() => readFileSync(join(root, 'dist/gone.js.map'))).toThrow('ENOENT');
  for (const file of ['a.js', 'a.js.map', 'deep/b.js', '.tsbuildinfo'])
    expect(readFileSync(join(root, 'dist', file), 'utf8')).toBe('');
});

test.each([
  ['18.20.4', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['22.0.0', true],
  ['24.1.0', true],
])('Node %s is accepted: %s', (version, accepted) => {
  expect(nodeVersionProblem(version) === null).toBe(accepted);
});

test('the index is compiled for this processor unless it must be portable', () => {
  expect(flagChoices({}, 'linux', 'x64')).toEqual(['-march=native', '']);
  expect(flagChoices({ LIKENESS_PORTABLE: '1' }, 'linux', 'x64')).toEqual(['']);
  expect(flagChoices({}, 'win32', 'x64')).toEqual(['']);
  expect(flagChoices({}, 'linux', 'ppc64')).toEqual(['']);
});
