import { createHash } from 'node:crypto';
import { closures } from './closure.mjs';

/**
 * What the lint of a file depends on, as a hash: its own content and, since rules ask for types, that of every file it
 * imports, directly or not. `common` stands for what all depend on: settings, packages, declarations of globals.
 *
 * @param {string[]} files absolute paths
 * @param {string} common
 * @returns {Map<string, string>} hex sha256 by path
 */
export function lintKeys(files, common) {
  const code = closures();
  const keyOf = (path) => {
    const lines = code.reached(path).map((file) => `${file} ${code.hash(file)}`);
    return createHash('sha256')
      .update([path, common, ...lines].join('\n'))
      .digest('hex');
  };
  return new Map(files.map((file) => [file, keyOf(file)]));
}
