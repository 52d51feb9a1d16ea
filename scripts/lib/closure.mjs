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
 * What files import of ours, directly or not, read once each.
 *
 * @returns {{ hash(path: string): string, text(path: string): string, reached(path: string): string[] }} hex sha256 of a
 *   file's content; the content; the file and all it imports, sorted
 */
export function closures() {
  const known = new Map();
  const read = (path) => {
    let entry = known.get(path);
    if (entry === undefined) {
      const text = readFileSync(path, 'utf8');
      const isCode = /\.[cm]?[jt]sx?$/.test(path);
      const named = isCode ? ts.preProcessFile(text, true, true).importedFiles : [];
      entry = {
        text,
        hash: createHash('sha256').update(text).digest('hex'),
        imports: named.map(({ fileName }) => resolveImport(path, fileName)).filter((file) => file !== null),
        packages: named.map(({ fileName }) => fileName).filter((name) => !name.startsWith('.')),
      };
      known.set(path, entry);
    }
    return entry;
  };
  return {
    hash: (path) => read(path).hash,
    text: (path) => read(path).text,
    packages: (path) => read(path).packages,
    reached(path) {
      const found = new Set([path]);
      for (const file of found) for (const imported of read(file).imports) found.add(imported);
      return [...found].sort();
    },
  };
}
