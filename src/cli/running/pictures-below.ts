import { AppError } from '../../errors.js';
import { isSystemFailure, readProblem } from '../../lib/read-problem.js';
import type { RawPath } from '../../services/gallery/import/raw-path.js';
import { count, printable } from '../output/format.js';
import { note } from '../output/output.js';
import { describeFailure, failureOf } from '../output/report-error.js';

/**
 * The picture files below a folder; what cannot be read is reported.
 * @param option the option that names the folder, for the error
 * @throws AppError BAD_USER_INPUT when it cannot be read at all
 */
export async function rawPicturesBelow(folder: string, option: string): Promise<readonly RawPath[]> {
  const { listPictures } = await import('../../services/gallery/import/walk.js');
  return listPictures(folder, {
    onUnreadable: (path, error) => note(`${printable(path)}: ${describeFailure(failureOf(error))}`),
  }).catch((error: unknown) => {
    throw cannotBeRead(folder, option, error);
  });
}

/** As `rawPicturesBelow`, without names that are not UTF-8. */
export async function picturesBelow(folder: string, option: string): Promise<readonly string[]> {
  const found = await rawPicturesBelow(folder, option);
  const named = found.filter((path) => typeof path === 'string');
  const left = found.length - named.length;
  if (left > 0) note(`${count(left, 'picture')} left out: names that are not UTF-8`);
  return named;
}

export function cannotBeRead(path: string, option: string, error: unknown): AppError {
  const cause = error instanceof AppError && isSystemFailure(error.cause) ? error.cause : error;
  const why = readProblem(cause).replace(/\.$/, '');
  return new AppError('BAD_USER_INPUT', `${printable(path)} cannot be read: ${why}.`, {
    details: { path: option, rule: 'an existing folder' },
    cause: error,
  });
}
