import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_DIR } from '../../src/project.js';
import { ERRORS } from '../../src/errors.js';

test('docs/errors.md says of every code what the code does, and of no other', async () => {
  const text = await readFile(join(PROJECT_DIR, 'docs', 'errors.md'), 'utf8');
  const documented = [...text.matchAll(/^\| ([A-Z_]+) \| (\w+) \| (\w+) \| (\d) \| (.*) \|$/gm)].map((row) =>
    row.slice(1),
  );
  const actual = Object.entries(ERRORS).map(([code, { audience, retryable, exitCode, when }]) => [
    code,
    audience,
    retryable ? 'yes' : 'no',
    String(exitCode),
    when,
  ]);
  expect(documented).toEqual(actual);
});
