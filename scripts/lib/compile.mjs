import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesBelow } from './fingerprint.mjs';
import { runNode, SetupError, tail } from './run.mjs';

const SOURCE = /(?<!\.d)\.ts$/;

/** The outputs that the sources must have, relative to `root`. */
export function expectedOutputs(root) {
  const src = join(root, 'src');
  return filesBelow(src)
    .filter((file) => SOURCE.test(file))
    .map((file) => join('dist', relative(src, file).replace(SOURCE, '.js')));
}

/** Compiles src/ to dist/ and removes what no source stands behind any more. */
export async function compile(root) {
  const dist = join(root, 'dist');
  // The incremental state assumes outputs that may have been deleted.
  if (expectedOutputs(root).some((path) => !existsSync(join(root, path)))) {
    rmSync(join(dist, '.tsbuildinfo'), { force: true });
  }
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await runNode(tsc, ['-p', 'tsconfig.build.json'], { cwd: root });
  if (code !== 0) throw new SetupError('The sources do not compile; TypeScript says:', tail(output, 40));
  removeStale(root);
}

export function removeStale(root) {
  const dist = join(root, 'dist');
  const expected = new Set(expectedOutputs(root).map((path) => join(root, path)));
  for (const file of filesBelow(dist)) {
    if (/\.js(\.map)?$/.test(file) && !expected.has(file.replace(/\.map$/, ''))) rmSync(file);
  }
}
