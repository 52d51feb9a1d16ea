import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
// @ts-expect-error scripts/ is plain JavaScript: it must run before anything is compiled
import * as keys from '../../scripts/lib/lint-keys.mjs';
import { temporaryDir } from '../helpers/temporary-dir.js';

const { lintKeys } = keys as { lintKeys(files: string[], common: string): Map<string, string> };

const SOURCES = {
  'a.ts': "import { b } from './b.js';\nexport const a = b;\n",
  'b.ts':
    "import type { C } from './c.js';\nimport { readFile } from 'node:fs';\nexport const b: C = readFile;\n",
  'c.ts': "import './a.js'; // a circle\nexport type C = unknown;\n",
  'other.ts': "export const other = () => import('./far.js');\n",
  'far.tsx': 'export const far = 1;\n',
};

test('a file is linted again when it or a file it imports has changed, near or far, and no other', async () => {
  const dir = await temporaryDir();
  const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text);
  for (const [name, text] of Object.entries(SOURCES)) await write(name, text);
  const names = Object.keys(SOURCES);
  let before: string[] = [];
  /** The files whose key is another than when it was last asked. */
  const changed = (common = ''): string[] => {
    const now = [
      ...lintKeys(
        names.map((name) => join(dir, name)),
        common,
      ).values(),
    ];
    const different = names.filter((_, i) => now[i] !== before[i]);
    before = now;
    return different;
  };

  expect(changed()).toEqual(names);
  expect(changed()).toEqual([]);
  await write('c.ts', "import './a.js';\nexport type C = string;\n");
  expect(changed()).toEqual(['a.ts', 'b.ts', 'c.ts']);
  await write('far.tsx', 'export const far = 2;\n');
  expect(changed()).toEqual(['other.ts', 'far.tsx']);
  await write('other.ts', 'export const other = 1;\n');
  expect(changed()).toEqual(['other.ts']);
  await write('far.tsx', 'export const far = 3;\n');
  expect(changed()).toEqual(['far.tsx']);
  expect(changed('other packages')).toEqual(names);
});
