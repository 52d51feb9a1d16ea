import { AppError } from '../errors.js';

/** A GraphQL ID as a row id, or null when it cannot be one. */
export function parseId(id: string): number | null {
  return /^[1-9]\d{0,9}$/.test(id) && Number(id) <= 0xffffffff ? Number(id) : null;
}

/** @throws AppError IMAGE_NOT_FOUND for an ID that cannot be a row's */
export function rowId(id: string): number {
  const parsed = parseId(id);
  if (parsed === null) throw new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has this id.');
  return parsed;
}
