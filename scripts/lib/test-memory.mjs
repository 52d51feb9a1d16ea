import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { closures } from './closure.mjs';
import { filesBelow, fingerprint } from './fingerprint.mjs';

const CODE = /\.[cm]?[jt]sx?$/;
/** Packages that open files by themselves, where nobody sees it: pictures, models, databases, graphs. Never code. */
const NATIVE = ['hnswlib-node', 'libsql', 'onnxruntime-node', 'sharp'];
/** A module that is loaded by a name which cannot be read off the code. */
const COMPUTED_IMPORT = /(?<![\w#.])(import|require)\((?!\s*(['"`])[^'"`$]*\2\s*\))/;
/** What a terminal, npm and Jest set for their own ends. */
const VOLATILE =
  /^(_|PWD|OLDPWD|SHLVL|INIT_CWD|COLUMNS|LINES|COLORTERM|WINDOWID|TERM.*|SSH_.*|VTE_.*|npm_.*|JEST_WORKER_ID|TEST_TRACE)$/;

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/**
 * What the outcome of a test file depends on, as a hash: what it imports, directly or not, and what it was seen to look
 * at when it ran (tests/helpers/trace.cjs). In doubt it depends on more:
 *
 * - on all that is no code, where it imports a package with native code that opens files, or starts a program of ours as
 *   it is built (whose imports count, too);
 * - on all files there are, where it starts any other program, or imports what cannot be told before it runs.
 *
 * @param {object} place
 * @param {string} place.root of the clone
 * @param {string[]} place.files all files there are but packages and what is built, absolute; read at once, so that keys
 *   are those of this moment, whatever is changed until they are asked for
 * @param {string} place.common stands for what every test depends on: packages, settings of Jest, its helpers, the machine
 * @param {Record<string, string | undefined>} place.env
 * @returns {(test: string, seen: Trace) => string} of an absolute path; hex sha256
 *
 * @typedef {{ files: string[], trees: string[], env: string[], programs: string[] }} Trace as of trace.cjs
 */
export function testKeys({ root, files, common, env }) {
  const code = closures();
  const name = (path) => relative(root, path).split(sep).join('/');
  const memoized = (make) => {
    const made = new Map();
    return (key) => {
      if (!made.has(key)) made.set(key, make(key));
      return made.get(key);
    };
  };
  const all = memoized((noCode) =>
    fingerprint(
      root,
      files.filter((file) => !noCode || !CODE.test(file)),
    ),
  );
  const ours = (path) =>
    (path === root || path.startsWith(root + sep)) &&
    !/[\\/](node_modules|tmp)([\\/]|$)/.test(path.slice(root.length));
  const state = memoized((path) => {
    if (!existsSync(path)) return 'absent';
    return statSync(path).isDirectory()
      ? `folder ${readdirSync(path).sort().join('/')}`
      : sha256(readFileSync(path));
  });
  const tree = memoized((path) => fingerprint(root, [path]));
  const dist = join(root, 'dist');
  const valueOf = (variable) =>
    variable === '*'
      ? JSON.stringify(
          Object.entries(env)
            .filter(([key]) => !VOLATILE.test(key))
            .sort(),
        )
      : (env[variable] ?? '');
  const withoutComments = memoized((path) =>
    code.text(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
  );

  const present = [...files, ...filesBelow(dist)].filter((path) => existsSync(path));
  for (const path of present) if (CODE.test(path)) code.hash(path);
  for (const path of new Set(present.flatMap((path) => [path, dirname(path)]))) state(path);
  for (const noCode of [false, true]) all(noCode);

  return (test, seen) => {
    const programs = seen.programs.filter((path) => path.startsWith(dist + sep) && existsSync(path));
    const modules = [...new Set([test, ...programs].flatMap((path) => code.reached(path)))].sort();
    const anything =
      programs.length < seen.programs.length ||
      modules.some((path) => COMPUTED_IMPORT.test(withoutComments(path)));
    const native =
      programs.length > 0 || modules.some((path) => code.packages(path).some((one) => NATIVE.includes(one)));
    return sha256(
      [
        name(test),
        common,
        anything ? all(false) : native ? all(true) : '',
        ...modules.map((path) => `${name(path)} ${code.hash(path)}`),
        ...seen.files.filter(ours).map((path) => `${name(path)} ${state(path)}`),
        ...seen.trees.filter(ours).map((path) => `${name(path)}/ ${tree(path)}`),
        ...seen.env
          .filter((variable) => !VOLATILE.test(variable))
          .map((variable) => `${variable}=${valueOf(variable)}`),
      ].join('\n'),
    );
  };
}

/** The test files below a folder. */
export const testFiles = (folder) => filesBelow(folder).filter((file) => file.endsWith('.test.ts'));
