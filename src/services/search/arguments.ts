import { check } from '../../lib/check.js';
import { assertText, cleanLine } from '../../lib/text.js';
import type { ImageFilter } from '../catalog/types.js';
import { normalizeTags } from '../gallery/titles-and-tags.js';
import type { SearchArgs } from './types.js';

export const MAX_TOP_K = 1000;

/** @throws AppError BAD_USER_INPUT */
export function assertSearchArgs({ topK, minSimilarity }: SearchArgs): void {
  check(
    Number.isInteger(topK) && topK >= 1 && topK <= MAX_TOP_K,
    'topK',
    `a whole number from 1 to ${MAX_TOP_K}`,
  );
  check(minSimilarity >= 0 && minSimilarity <= 1, 'minSimilarity', 'a number from 0 to 1');
}

export const isEmpty = (filter: ImageFilter): boolean =>
  !filter.tags?.length &&
  !filter.anyTags?.length &&
  !filter.createdAfter &&
  !filter.createdBefore &&
  filter.libraryId === undefined &&
  filter.missing === undefined &&
  filter.albumId === undefined &&
  filter.among === undefined &&
  !cleanLine(filter.text ?? '');

/** The filter as the catalog wants it: tags in the form they are stored in, text trimmed. */
export function normalizeFilter(filter: ImageFilter): ImageFilter {
  if (filter.text !== undefined) assertText(filter.text, 'filter.text');
  const text = filter.text && cleanLine(filter.text);
  check(text === undefined || text.length <= 200, 'filter.text', 'at most 200 characters');
  return {
    tags: filter.tags && normalizeTags(filter.tags, 'filter.tags'),
    anyTags: filter.anyTags && normalizeTags(filter.anyTags, 'filter.anyTags'),
    createdAfter: filter.createdAfter,
    createdBefore: filter.createdBefore,
    libraryId: filter.libraryId,
    missing: filter.missing,
    albumId: filter.albumId,
    among: filter.among,
    text: text === '' ? undefined : text,
  };
}
