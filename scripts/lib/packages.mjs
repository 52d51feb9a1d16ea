import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError, tail } from './run.mjs';
import { findNpmCli } from './toolchain.mjs';

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Whether what npm says it installed (its hidden lockfile) is what package-lock.json asks for.
 * Packages of other platforms may be absent, and so may development packages unless `dev` is set.
 */
export function packagesMatch(root, { dev }) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) {
      const mayBeAbsent = entry.optional || entry.devOptional || entry.peer || entry.link;
      return Boolean(mayBeAbsent || (entry.dev && !dev));
    }
    return found.version === entry.version;
  });
}

/** Installs exactly what package-lock.json says, and nothing that is fetched from elsewhere than the registry. */
export async function installPackages(root, { dev, env = process.env }) {
  const npm = findNpmCli(env);
  if (npm === undefined) throw new SetupError('npm was not found; install npm 10 or newer and try again.');
  const args = [npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', ...(dev ? ['--include=dev'] : [])];
  const { code, output } = await run(process.execPath, args, { cwd: root, env });
  if (code !== 0) throw explain(output);
}

function explain(output) {
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/.test(output)
  ) {
    return new SetupError(
      'The npm registry could not be reached: check the network, the proxy and `npm config get registry`, then try again.',
    );
  }
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) {
    return new SetupError(
      'npm may not write node_modules: check who owns this folder, then try again.',
      tail(output, 8),
    );
  }
  if (/\bENOSPC\b/.test(output)) return new SetupError('The disk is full: installing needs about 1 GB.');
  return new SetupError('npm ci failed; npm says:', tail(output));
}
