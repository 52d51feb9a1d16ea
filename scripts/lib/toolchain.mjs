import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * The prefix whose include/node holds the headers of the running Node, or null when they are not beside it
 * (node-gyp then downloads them). With the prefix as `nodedir`, native code compiles without any download.
 */
export function headersPrefix(nodePath = process.execPath) {
  const prefix = dirname(dirname(realpathSync(nodePath)));
  const include = join(prefix, 'include', 'node');
  return existsSync(join(include, 'node_api.h')) && existsSync(join(include, 'common.gypi')) ? prefix : null;
}

/** Folders in which npm may be installed, the one that runs us first. */
function npmFolders(env) {
  const folders = [];
  const running = env.npm_execpath ?? '';
  if (/npm-cli\.js$/.test(running)) folders.push(dirname(dirname(running)));
  const nodeFolder = dirname(realpathSync(process.execPath));
  folders.push(join(nodeFolder, '..', 'lib', 'node_modules', 'npm'), join(nodeFolder, 'node_modules', 'npm'));
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const npm = join(folder, 'npm');
    if (folder !== '' && existsSync(npm)) folders.push(dirname(dirname(realpathSync(npm))));
  }
  return folders;
}

function findInNpm(path, env) {
  return npmFolders(env)
    .map((folder) => join(folder, path))
    .find((candidate) => existsSync(candidate));
}

/** npm's command line as a script for Node, or undefined. */
export function findNpmCli(env = process.env) {
  return findInNpm(join('bin', 'npm-cli.js'), env);
}

/** node-gyp's command line as a script for Node (npm brings one along), or undefined. */
export function findNodeGyp(env = process.env) {
  const given = env.npm_config_node_gyp;
  if (given && existsSync(given)) return given;
  return findInNpm(join('node_modules', 'node-gyp', 'bin', 'node-gyp.js'), env);
}
