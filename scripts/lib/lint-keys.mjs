import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

const ENDINGS = ['', '.ts', '.tsx', '.d.ts', '/index.ts'];

/** A file of ours that an import names, or null for packages and what is not there. */
function resolveImport(from, name) {
  if (!name.startsWith('.')) return null;
  const path = resolve(dirname(from), name);
  const candidates = [path, path.replace(/\.([cm]?)js$/, '.$1ts'), path.replace(/\.js$/, '.tsx')];
  return (
    candidates
      .flatMap((candidate) => ENDINGS.map((ending) => candidate + ending))
      .find((candidate) => /\.\w+$/.test(candidate) && existsSync(candidate)) ?? null
  );
}

/**
 * What the lint of a file depends on, as a hash: its own content and, since rules ask for types, that of every file it
 * imports, directly or not. `common` stands for what all depend on: settings, packages, declarations of globals.
 *
 * @param {string[]} files absolute paths
 * @param {string} common
 * @returns {Map<string, string>} hex sha256 by path
 */
export function lintKeys(files, common) {
  const known = new Map();
  const read = (path) => {
    let entry = known.get(path);
    if (entry === undefined) {
      const text = readFileSync(path, 'utf8');
      const isCode = /\.[cm]?[jt]sx?$/.test(path);
      const named = isCode ? ts.preProcessFile(text, true, true).importedFiles : [];
      entry = {
        hash: createHash('sha256').update(text).digest('hex'),
        imports: named.map(({ fileName }) => resolveImport(path, fileName)).filter((file) => file !== null),
      };
      known.set(path, entry);
    }
    return entry;
  };

  const keyOf = (path) => {
    const reached = new Set([path]);
    for (const file of reached) for (const imported of read(file).imports) reached.add(imported);
    const lines = [...reached].sort().map((file) => `${file} ${read(file).hash}`);
    return createHash('sha256')
      .update([path, common, ...lines].join('\n'))
      .digest('hex');
  };
  return new Map(files.map((file) => [file, keyOf(file)]));
}
