import { AppError } from '../../errors.js';
import { jsonList, type Database } from './sql.js';

/** Maximum number of unknown ids in an error. */
const MAX_NAMED_IDS = 20;

export function imagesNotFound(message: string, ids: readonly number[]): AppError {
  return new AppError('IMAGE_NOT_FOUND', message, {
    details: { ids: ids.slice(0, MAX_NAMED_IDS).map(String) },
  });
}

/** @throws AppError IMAGE_NOT_FOUND with the unknown ids */
export async function assertImages(tx: Pick<Database, '$queryRaw'>, ids: readonly number[]): Promise<void> {
  const unknown = await tx.$queryRaw<{ id: bigint }[]>`
    SELECT w.value AS id FROM json_each(${jsonList(ids)}) AS w
    WHERE w.value NOT IN (SELECT id FROM images) LIMIT ${MAX_NAMED_IDS}`;
  if (unknown.length > 0) {
    throw imagesNotFound(
      'No picture of the gallery has one of these ids.',
      unknown.map(({ id }) => Number(id)),
    );
  }
}
