/**
 * Runs the unit tests of the server and of the web client that may give another result than when they last passed
 * (lib/test-memory.mjs); with CI set, all of them. With --list it only names them. `npm test` always runs everything.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { closures } from './lib/closure.mjs';
import { filesBelow, fingerprint, readStamp, writeStamp } from './lib/fingerprint.mjs';
import { gitFiles } from './lib/git-files.mjs';
import { CACHE_DIR, fromRoot, ROOT } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';
import { testFiles, testKeys } from './lib/test-memory.mjs';

const MEMORY = join(CACHE_DIR, 'unit-tests.json');
const FOLDERS = [fromRoot('tests', 'unit'), fromRoot('client-sample', 'tests')];

/** What every test depends on. */
function common() {
  const helpers = ['setup.ts', 'node-environment.cjs', 'trace.cjs', 'transform.cjs'].map((name) =>
    fromRoot('tests', 'helpers', name),
  );
  const shared = [
    ...['package.json', 'jest.config.js', 'scripts', 'package-lock.json', 'client-sample/package-lock.json'],
    'node_modules/.package-lock.json',
    'client-sample/node_modules/.package-lock.json',
    'node_modules/hnswlib-node/build/Release/addon.node',
  ].map((name) => fromRoot(...name.split('/')));
  const code = closures();
  return fingerprint(
    ROOT,
    [...shared, ...new Set(helpers.flatMap((path) => code.reached(path)))],
    [
      process.version,
      process.platform,
      process.arch,
      String(process.getuid?.()),
      String(availableParallelism()),
      cpus()[0]?.model ?? '',
      ...['HOME', 'LANG', 'LC_ALL', 'NODE_OPTIONS', 'PATH', 'TMPDIR', 'TZ'].map(
        (name) => process.env[name] ?? '',
      ),
    ],
  );
}

/** Git's, and what set-up makes of them that a test may read. */
async function files() {
  const made = ['models/builtin', 'sample-gallery'].flatMap((name) => filesBelow(fromRoot(name)));
  return [...(await gitFiles(ROOT)), ...made.filter((file) => !file.endsWith('/measured.json'))];
}

const keys = async () => testKeys({ root: ROOT, files: await files(), common: common(), env: process.env });

/** @type {Record<string, { key: string, seen: import('./lib/test-memory.mjs').Trace }>} by path from the root */
const memory = JSON.parse(readStamp(MEMORY) ?? '{}');
const tests = FOLDERS.flatMap(testFiles);
const nameOf = (test) => relative(ROOT, test);
const keyOf = await keys();
const isClean = (test) => {
  const known = memory[nameOf(test)];
  return known !== undefined && known.key === keyOf(test, known.seen);
};
const due = process.env.CI === undefined ? tests.filter((test) => !isClean(test)) : tests;
const clean = new Set(tests.filter((test) => !due.includes(test)));
console.log(`${due.length} of ${tests.length} test files to run`);

if (process.argv.includes('--list')) {
  for (const test of due) console.log(nameOf(test));
} else if (due.length > 0) {
  const folder = mkdtempSync(join(tmpdir(), 'likeness-unit-tests-'));
  const [report, trace] = [join(folder, 'report.json'), join(folder, 'trace')];
  const { code, output } = await runNode(
    fromRoot('scripts', 'test.mjs'),
    ['--selectProjects', 'unit', 'client', '--json', `--outputFile=${report}`, '--runTestsByPath', ...due],
    { cwd: ROOT, env: { ...process.env, TEST_TRACE: trace } },
  );
  console.log(output);
  process.exitCode = code === 0 ? 0 : 1;
  remember(
    existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [],
    existsSync(trace)
      ? readFileSync(trace, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [],
    // What was changed while they ran counts as new: what they depend on has to be as it was in the beginning.
    await keys(),
  );
  rmSync(folder, { recursive: true });
}

function remember(results, traces, keyNow) {
  const next = Object.fromEntries([...clean].map((test) => [nameOf(test), memory[nameOf(test)]]));
  for (const { test, ...seen } of traces) {
    const passed = results.some(({ name, status }) => name === test && status === 'passed');
    const key = keyOf(test, seen);
    if (passed && key === keyNow(test, seen)) next[nameOf(test)] = { key, seen };
  }
  writeStamp(MEMORY, JSON.stringify(next));
}
