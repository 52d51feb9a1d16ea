import { AppError } from '../errors.js';
import { printable } from './format.js';
import { note } from './output.js';
import { readProblem } from './read-failure.js';

/**
 * The picture files below a folder; tells what cannot be read of it.
 * @param option that named the folder, for the error
 * @throws AppError BAD_USER_INPUT when it cannot be read at all
 */
export async function picturesBelow(folder: string, option: string): Promise<readonly string[]> {
  const { listPictures } = await import('../services/import-folder.js');
  return listPictures(folder, (dir, error) =>
    note(`${printable(dir)} cannot be read: ${readProblem(error)}.`),
  ).catch((error: unknown) => {
    throw new AppError('BAD_USER_INPUT', `${folder} cannot be read: ${readProblem(error)}.`, {
      details: { path: option, rule: 'a folder that is there' },
      cause: error,
    });
  });
}
