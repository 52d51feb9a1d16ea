/**
 * Takes down what a test file looks at beside what it imports: files and folders, variables of the environment, and the
 * processes and threads it starts. `npm run check` leaves out a test file for which none of it has changed
 * (scripts/lib/test-memory.mjs). What native libraries open is not seen here; the memory knows which have any.
 */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const { resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const threads = require('node:worker_threads');

const LOOKS =
  /^(access|copyFile|cp|createReadStream|exists|lstat|open|opendir|readdir|readFile|readlink|realpath|stat|watch)/;

/** Of the test file that runs: there is one at a time in a process. */
let seen = null;

const pathOf = (path) => {
  try {
    return resolve(path instanceof URL || /^file:/.test(path) ? fileURLToPath(path) : String(path));
  } catch {
    return null; // a descriptor, or what `fs` itself will refuse
  }
};

function look(path, options) {
  if (seen === null || typeof path === 'number') return;
  const absolute = pathOf(path);
  if (absolute !== null) (options?.recursive === true ? seen.trees : seen.files).add(absolute);
}

/** The script that a Node of this version is to run; null for all else. */
function start(entry) {
  seen?.programs.add(entry === null ? '' : (pathOf(entry) ?? ''));
}

const scriptOf = (command, args) => {
  const first = Array.isArray(args) ? args[0] : undefined;
  return command === process.execPath && typeof first === 'string' && !first.startsWith('-') ? first : null;
};

/** Keeps what else is on a function, such as what `promisify` looks for. */
function before(object, name, note) {
  const original = object[name];
  if (typeof original.native === 'function') before(original, 'native', note); // realpath has one
  object[name] = new Proxy(original, {
    apply(target, self, args) {
      note(...args);
      return Reflect.apply(target, self, args);
    },
    construct(target, args, newTarget) {
      note(...args);
      return Reflect.construct(target, args, newTarget);
    },
  });
}

function install() {
  for (const api of [fs, fs.promises])
    for (const name of Object.keys(api))
      if (LOOKS.test(name) && typeof api[name] === 'function') before(api, name, look);
  for (const name of ['exec', 'execSync']) before(childProcess, name, () => start(null));
  for (const name of ['execFile', 'execFileSync', 'spawn', 'spawnSync'])
    before(childProcess, name, (command, args) => start(scriptOf(command, args)));
  before(childProcess, 'fork', start);
  before(threads, 'Worker', (entry, options) => start(options?.eval === true ? null : entry));
}

/** `process.env` of a test, which takes down the names that are asked for; '*' stands for all. */
function tracedEnv(env) {
  const { env: names } = seen;
  const note = (name) => typeof name === 'string' && names.add(name);
  return new Proxy(env, {
    get(target, name) {
      note(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      note(name);
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor(target, name) {
      note(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    ownKeys(target) {
      names.add('*');
      return Reflect.ownKeys(target);
    },
  });
}

let installed = false;

/** From now on what is looked at counts for a new test file. */
exports.begin = () => {
  if (!installed) install();
  installed = true;
  seen = { files: new Set(), trees: new Set(), env: new Set(), programs: new Set() };
};

exports.tracedEnv = tracedEnv;

/** What was looked at since `begin`: absolute paths, names, and scripts, '' for a program that is none of ours. */
exports.end = () => {
  const lists = Object.fromEntries(Object.entries(seen).map(([name, set]) => [name, [...set].sort()]));
  seen = null;
  return lists;
};
