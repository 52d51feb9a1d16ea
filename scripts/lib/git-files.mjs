import { filesBelow } from './fingerprint.mjs';
import { run } from './run.mjs';
import { join } from 'node:path';

/** Absolute paths of the files that git knows or would add; where there is no git, of all. */
export async function gitFiles(root) {
  const { code, output } = await run('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root });
  const all =
    code === 0
      ? output
          .split('\n')
          .filter(Boolean)
          .map((name) => join(root, name))
      : filesBelow(root);
  return all.filter((file) => !file.includes('/node_modules/'));
}
