import { relative, sep } from 'node:path';

/** A path relative to a folder, with `/` on every system. */
export const slashPath = (folder: string, path: string): string =>
  relative(folder, path).split(sep).join('/');
