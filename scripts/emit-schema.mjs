// Writes schema.graphql from the built schema; with --check, fails when the committed one is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { assertValidSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../dist/schema/build-schema.js';

const path = new URL('../schema.graphql', import.meta.url);
const schema = await createSchema();
assertValidSchema(schema);
const emitted = `# Emitted by scripts/emit-schema.mjs; do not edit.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv.includes('--check')) {
  const committed = await readFile(path, 'utf8').catch(() => '');
  if (committed !== emitted) {
    console.error('schema.graphql is stale: run `npm run schema` and commit it.');
    process.exitCode = 1;
  }
} else {
  await writeFile(path, emitted);
}
