/**
 * `npm run check`: what should hold before a commit; files that passed are cached. One line per check; the output of
 * those that fail comes after all are done. Checks that need one core each run two at a time.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CACHE_DIR, fromRoot, ROOT } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';

const bin = (...path) => fromRoot('node_modules', ...path);

/** The compiler remembers what it found of which content. */
const types = (name, project) => ({
  name,
  script: bin('typescript', 'bin', 'tsc'),
  args: [
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    join(CACHE_DIR, `${name.replaceAll(/\W+/g, '-')}.tsbuildinfo`),
    '-p',
    project,
  ],
});

const CHECKS = [
  { name: 'lint', script: fromRoot('scripts', 'lint.mjs'), args: [] },
  {
    name: 'lint of the schema',
    script: bin('eslint', 'bin', 'eslint.js'),
    args: ['--config', fromRoot('scripts', 'lib', 'schema-rules.mjs'), '--max-warnings=0', 'schema.graphql'],
  },
  types('types', 'tsconfig.json'),
  ...['client-sample/tsconfig.json', 'client-sample/scripts/tsconfig.json'].map((project) =>
    types(`types of ${project.replace('/tsconfig.json', '')}`, project),
  ),
  {
    name: 'format',
    script: bin('prettier', 'bin', 'prettier.cjs'),
    args: [
      '--check',
      '--log-level=warn',
      '--cache',
      '--cache-strategy=content',
      `--cache-location=${join(CACHE_DIR, 'prettier.json')}`,
      '.',
    ],
  },
  { name: 'schema', script: fromRoot('scripts', 'emit-schema.mjs'), args: ['--check'] },
  {
    name: 'unit tests',
    script: fromRoot('scripts', 'unit-tests.mjs'),
    args: [],
  },
];

const failures = [];
const waiting = [...CHECKS];

async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const started = Date.now();
    const { code, output } = await runNode(check.script, check.args, { cwd: ROOT });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
    if (code !== 0) failures.push({ ...check, output });
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

for (const { name, output } of failures) console.error(`\n--- ${name} ---\n${output.trimEnd()}`);
console.log(`\n${CHECKS.length - failures.length} of ${CHECKS.length} checks passed`);
if (failures.length > 0) process.exitCode = 1;
