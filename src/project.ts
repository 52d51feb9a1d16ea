import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project folder: one level above this file's folder, in `src/` and in `dist/` alike. */
export const PROJECT_DIR = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Pictures that come with the program; drawn by set-up. */
export const SAMPLE_DIR = join(PROJECT_DIR, 'sample-gallery');

export const VERSION = (
  JSON.parse(readFileSync(join(PROJECT_DIR, 'package.json'), 'utf8')) as { version: string }
).version;
