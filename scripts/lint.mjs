/**
 * Lints everything and caches which files passed: a file is linted again when it, a file it
 * imports (rules ask for types), the settings or the packages have changed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { fingerprint, readStamp, writeStamp } from './lib/fingerprint.mjs';
import { gitFiles } from './lib/git-files.mjs';
import { lintKeys } from './lib/lint-keys.mjs';
import { CACHE_DIR, fromRoot, ROOT } from './lib/paths.mjs';

const MEMORY = join(CACHE_DIR, 'lint.json');

const settings = [
  'eslint.config.js',
  'package-lock.json',
  'client-sample/package-lock.json',
  'scripts/lint.mjs',
  'scripts/lib',
  'tsconfig.json',
  'client-sample/tsconfig.json',
  'client-sample/scripts/tsconfig.json',
  'src/services/catalog/generated',
  'client-sample/src/gql',
];

const eslint = new ESLint({ cwd: ROOT });
const files = [];
for (const file of await gitFiles(ROOT))
  if (/\.([cm]?js|tsx?)$/.test(file) && !(await eslint.isPathIgnored(file))) files.push(file);

const globals = files.filter((file) => /^declare (module|global)\b/m.test(readFileSync(file, 'utf8')));
const common = fingerprint(ROOT, [...settings.map((name) => fromRoot(name)), ...globals], [process.version]);
const keys = lintKeys(files, common);
const clean = new Set(JSON.parse(readStamp(MEMORY) ?? '[]'));
const due = files.filter((file) => !clean.has(keys.get(file)));

const results = due.length === 0 ? [] : await eslint.lintFiles(due);
const found = results.filter(({ messages }) => messages.length > 0);
const failed = new Set(found.map(({ filePath }) => filePath));
writeStamp(MEMORY, JSON.stringify(files.filter((file) => !failed.has(file)).map((file) => keys.get(file))));

if (found.length > 0) {
  const formatter = await eslint.loadFormatter('stylish');
  console.log(await formatter.format(found));
  process.exitCode = 1;
}
