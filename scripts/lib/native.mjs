import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { CACHE_DIR, fromRoot } from './paths.mjs';
import { run, runNode, SetupError, tail } from './run.mjs';
import { findNodeGyp, headersPrefix } from './toolchain.mjs';

/*
 * hnswlib-node has no prebuilt binary, and built as it is it uses SSE only; for the processor at hand its search is
 * 1.3 to 1.7 times faster. Such a binary dies of SIGILL on another processor, so the build carries a stamp of what it
 * was made for, and a clone that was moved is compiled again.
 */
const PACKAGE_DIR = fromRoot('node_modules', 'hnswlib-node');
const ADDON = join(PACKAGE_DIR, 'build', 'Release', 'addon.node');
const STAMP = join(PACKAGE_DIR, 'build', 'likeness.json');
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
 * Whether the compiled add-on is there and was made for this Node and this processor. A portable one will do on any
 * (an image built with LIKENESS_PORTABLE=1 has no compiler where it runs); one for this processor will not do as portable.
 */
export function isNativeFresh(env = process.env) {
  if (!existsSync(ADDON) || !existsSync(STAMP)) return false;
  try {
    const stamp = JSON.parse(readFileSync(STAMP, 'utf8'));
    if (stamp.flags !== '' && flagChoices(env)[0] === '') return false;
    return JSON.stringify(stamp) === JSON.stringify(stampFor(stamp.flags));
  } catch {
    return false;
  }
}

/**
 * Compiles hnswlib-node for this processor and puts the add-on in place in one step (a running server keeps the old one).
 * @returns the compiler flags used ('' for a portable build)
 */
export async function buildNative(env = process.env) {
  const nodeGyp = findNodeGyp(env);
  if (nodeGyp === undefined)
    throw new SetupError('node-gyp was not found; it comes with npm: install npm and try again.');
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
    throw await explain(failure, env);
  } finally {
    await rm(work, { recursive: true, force: true });
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

async function explain(output, env) {
  const missing = [];
  if (process.platform !== 'win32') {
    if (!onPath('make', env)) missing.push('make');
    if (!env.CXX && !['g++', 'c++', 'clang++'].some((name) => onPath(name, env)))
      missing.push('a C++ compiler');
    if (!env.PYTHON && !onPath('python3', env)) missing.push('python3');
  }
  const message =
    missing.length > 0
      ? `The vector index needs to be compiled once, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: ` +
        'install them (Debian and Ubuntu: apt-get install build-essential python3; macOS: xcode-select --install) and try again.'
      : 'The vector index (hnswlib-node) did not compile; the compiler says:';
  return new SetupError(message, missing.length > 0 ? '' : tail(output));
}

function onPath(name, env) {
  return (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}
