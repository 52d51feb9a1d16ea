import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { AppError } from '../../../errors.js';
import { isWithin } from './read-picture.js';

/**
 * The real path of a folder that API clients may import.
 * @throws AppError FORBIDDEN if it is not below one of `roots` (with links resolved) or does not exist; the error does
 *   not say which
 */
export async function allowedFolder(path: string, roots: readonly string[]): Promise<string> {
  const refuse = (): AppError =>
    new AppError(
      'FORBIDDEN',
      'This folder may not be imported: it is not a folder below those the operator allowed (IMPORT_ROOTS).',
      { details: { path: 'path', setting: 'IMPORT_ROOTS' } },
    );
  if (!isAbsolute(path)) throw refuse();
  const real = await realpath(path).catch(() => null);
  if (real === null || !(await stat(real).catch(() => null))?.isDirectory()) throw refuse();
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => null);
    if (realRoot !== null && isWithin(real, realRoot)) return real;
  }
  throw refuse();
}
