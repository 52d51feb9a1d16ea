import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { CACHE_DIR, fromRoot, ROOT } from './paths.mjs';
import { run, runNode, SetupError, tail } from './run.mjs';
import { findNodeGyp, headersPrefix } from './toolchain.mjs';

/*
 * hnswlib-node has no prebuilt binary, and built as it is it uses SSE only; for the processor at hand its search is
 * 1.3 to 1.7 times faster. Such a binary dies of SIGILL on another processor, so the build carries a stamp of what it
 * was made for, and a clone that was moved is compiled again. Where it cannot be compiled, the index does without: then
 * searches compare every vector.
 */
const PACKAGE_DIR = fromRoot('node_modules', 'hnswlib-node');
const ADDON = join(PACKAGE_DIR, 'build', 'Release', 'addon.node');
const STAMP = join(PACKAGE_DIR, 'build', 'likeness.json');
/** When it was tried last in vain, and under which circumstances. */
const TRIED = join(CACHE_DIR, 'native-tried.json');
const TRY_AGAIN_MS = 600_000;
/** The end of what the compiler said, when it failed. */
const LOG = fromRoot('tmp', 'hnswlib-node.log');
const RECIPE = 2;

/** What tells processors apart as far as machine code goes: model and feature flags. */
export function cpuIdentity() {
  return createHash('sha256')
    .update(`${process.platform} ${process.arch} ${cpuDescription()}`)
    .digest('hex')
    .slice(0, 16);
}

function cpuDescription() {
  try {
    // The head only: on a machine of hundreds of processors the whole file is slow to make.
    const file = openSync('/proc/cpuinfo', 'r');
    const buffer = Buffer.alloc(8192);
    const length = readSync(file, buffer, 0, buffer.length, 0);
    closeSync(file);
    const wanted = /^(model name|flags|Features|CPU implementer|CPU part)\s*:.*$/gm;
    const first = buffer.toString('latin1', 0, length).split('\n\n')[0];
    return [...first.matchAll(wanted)].map((match) => match[0]).join('\n');
  } catch {
    return cpus()[0]?.model ?? '';
  }
}

/** Compiler flags in the order to try them: for this processor, then for any. */
export function flagChoices(env = process.env, platform = process.platform, arch = process.arch) {
  const tunable = platform !== 'win32' && (arch === 'x64' || arch === 'arm64');
  return tunable && env.LIKENESS_PORTABLE !== '1' ? ['-march=native', ''] : [''];
}

function packageVersion() {
  return JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')).version;
}

function stampFor(flags) {
  return {
    recipe: RECIPE,
    package: packageVersion(),
    nodeAbi: process.versions.modules,
    platform: `${process.platform}-${process.arch}`,
    flags,
    cpu: flags === '' ? 'any' : cpuIdentity(),
  };
}

/**
 * Whether the compiled add-on is there and was made for this Node and this processor. A portable one works on any
 * (an image built with LIKENESS_PORTABLE=1 has no compiler where it runs); one for this processor will not do as portable.
 */
function isCompiled(env) {
  if (!existsSync(ADDON) || !existsSync(STAMP)) return false;
  try {
    const stamp = JSON.parse(readFileSync(STAMP, 'utf8'));
    if (stamp.flags !== '' && flagChoices(env)[0] === '') return false;
    return JSON.stringify(stamp) === JSON.stringify(stampFor(stamp.flags));
  } catch {
    return false;
  }
}

/** Whether there is nothing to do: it is compiled, or it could not be and nothing has changed since. */
export function isNativeFresh(env = process.env) {
  return isCompiled(env) || (!existsSync(ADDON) && wasTried(env));
}

/** What is missing stays missing until it is installed; any other failure may go away by itself. */
function wasTried(env) {
  try {
    const { at, circumstances } = JSON.parse(readFileSync(TRIED, 'utf8'));
    if (circumstances !== circumstancesOf(env)) return false;
    return missingTools(env).length > 0 || Math.abs(Date.now() - at) < TRY_AGAIN_MS;
  } catch {
    return false;
  }
}

/** What decides whether it compiles: tools, their versions as far as their files tell, and settings. */
function circumstancesOf(env) {
  const tools = ['make', 'g++', 'c++', 'clang++', 'python3', 'python'].map((name) => {
    const path = findOnPath(name, env);
    return path === undefined ? null : [realpathSync(path), statSync(path).mtimeMs];
  });
  const settings = Object.entries(env).filter(([name]) =>
    /^(CC|CXX|CXXFLAGS|LDFLAGS|MAKE|PYTHON|npm_config_(nodedir|python)|LIKENESS_PORTABLE)$/.test(name),
  );
  const about = [packageVersion(), process.version, headersPrefix(), tools, settings.sort()];
  return createHash('sha256').update(JSON.stringify(about)).digest('hex');
}

/**
 * Compiles hnswlib-node for this processor and puts the add-on in place in one step (a running server keeps the old one).
 * @returns the compiler flags used ('' for a portable build)
 * @throws SetupError when a tool is missing or it does not compile
 */
export async function buildNative(env = process.env) {
  const missing = missingTools(env);
  if (missing.length > 0) throw lacking(missing);
  const nodeGyp = findNodeGyp(env);
  if (nodeGyp === undefined) throw new SetupError('node-gyp is missing (it comes with npm)');
  const work = join(CACHE_DIR, `hnswlib-${process.pid}`);
  try {
    let failure;
    for (const flags of flagChoices(env)) {
      await rm(work, { recursive: true, force: true });
      mkdirSync(work, { recursive: true });
      await cp(PACKAGE_DIR, work, { recursive: true, filter: (path) => path !== join(PACKAGE_DIR, 'build') });
      const result = await compile(work, nodeGyp, flags, env);
      if (result.code === 0) {
        await publish(work, stampFor(flags));
        return flags;
      }
      failure ??= result.output;
    }
    throw new SetupError('hnswlib-node did not compile', tail(failure));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * The same where it can be done. Elsewhere one line says why not and what is then: searches compare every vector. What
 * was compiled for another processor or Node goes, since it could end the process that loads it.
 */
export async function buildNativeIfPossible(say, env = process.env) {
  try {
    await buildNative(env);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    await rm(ADDON, { force: true });
    mkdirSync(CACHE_DIR, { recursive: true });
    await writeFile(TRIED, JSON.stringify({ at: Date.now(), circumstances: circumstancesOf(env) }));
    if (error.details !== '') {
      mkdirSync(dirname(LOG), { recursive: true });
      await writeFile(LOG, `${error.details}\n`);
    }
    const again =
      missingTools(env).length > 0
        ? 'the next start compiles it once they are there'
        : 'a later start tries again';
    const seen = error.details === '' ? '' : ` (see ${relative(ROOT, LOG)})`;
    say(
      `${error.message}${seen}: searches compare every vector, which is slower in large galleries; ${again}`,
    );
  }
}

async function compile(work, nodeGyp, flags, env) {
  const buildEnv = { ...env, CXXFLAGS: [env.CXXFLAGS, flags].filter(Boolean).join(' ') };
  const prefix = headersPrefix();
  if (prefix !== null && !env.npm_config_nodedir) buildEnv.npm_config_nodedir = prefix;
  const built = await runNode(nodeGyp, ['rebuild'], { cwd: work, env: buildEnv });
  if (built.code !== 0) return built;
  return run(process.execPath, ['-e', SELF_TEST, work]);
}

/** In a process of its own: code made for another processor would end ours. */
const SELF_TEST = `
  const { HierarchicalNSW } = require(process.argv[1] + '/build/Release/addon.node');
  const index = new HierarchicalNSW('ip', 32);
  index.initIndex(4);
  for (let label = 0; label < 4; label++) index.addPoint(Array.from({ length: 32 }, (_, i) => (i % 4 === label ? 0.35 : 0)), label);
  const { neighbors } = index.searchKnn(Array.from({ length: 32 }, (_, i) => (i % 4 === 2 ? 0.35 : 0)), 1);
  if (neighbors[0] !== 2) throw new Error('the compiled index answers wrongly');
`;

async function publish(work, stamp) {
  await mkdir(join(PACKAGE_DIR, 'build', 'Release'), { recursive: true });
  await rm(STAMP, { force: true });
  await rename(join(work, 'build', 'Release', 'addon.node'), ADDON);
  await writeFile(`${STAMP}.tmp`, JSON.stringify(stamp));
  await rename(`${STAMP}.tmp`, STAMP);
}

function missingTools(env) {
  const missing = [];
  if (process.platform === 'win32') return missing; // node-gyp finds Visual Studio by itself, or says that it does not
  if (!onPath('make', env) && !env.MAKE) missing.push('make');
  if (!env.CXX && !['g++', 'c++', 'clang++'].some((name) => onPath(name, env)))
    missing.push('a C++ compiler');
  if (!env.PYTHON && !env.npm_config_python && !['python3', 'python'].some((name) => onPath(name, env)))
    missing.push('Python 3');
  return missing;
}

function lacking(missing) {
  const how =
    process.platform === 'darwin'
      ? 'xcode-select --install'
      : 'Debian and Ubuntu: apt-get install build-essential python3';
  const list = new Intl.ListFormat('en').format(missing);
  return new SetupError(
    `${list} ${missing.length === 1 ? 'is' : 'are'} missing to compile the graph of the index (${how})`,
  );
}

function findOnPath(name, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

const onPath = (name, env) => findOnPath(name, env) !== undefined;
