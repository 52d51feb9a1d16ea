import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A file that is not there: where it would be, and what would be in it. */
export interface Snippet {
  readonly path: string;
  readonly code: string;
}

/** @returns what ESLint says of each, by the project's own settings */
export function lint(snippets: readonly Snippet[]): string[][] {
  const script = fileURLToPath(new URL('./lint-snippets.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [script], {
    input: JSON.stringify(snippets),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}
