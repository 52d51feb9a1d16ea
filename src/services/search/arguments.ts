import { check } from '../../lib/check.js';
import { assertText, cleanLine } from '../../lib/text.js';
import type { ImageFilter } from '../catalog/types.js';
import { assertRating, normalizeTags } from '../gallery/titles-and-tags.js';
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

/** Whether everything passes. Empty lists of tags and a text of spaces are no conditions. */
export const isEmpty = ({ tags, anyTags, text, ...conditions }: ImageFilter): boolean =>
  !tags?.length &&
  !anyTags?.length &&
  cleanLine(text ?? '') === '' &&
  Object.values(conditions).every((condition) => condition === undefined);

/** The filter as the catalog expects it: tags in their stored form, text trimmed. */
export function normalizeFilter(filter: ImageFilter): ImageFilter {
  if (filter.text !== undefined) assertText(filter.text, 'filter.text');
  const text = filter.text && cleanLine(filter.text);
  check(text === undefined || text.length <= 200, 'filter.text', 'at most 200 characters');
  for (const name of ['camera', 'format'] as const) assertText(filter[name] ?? '', `filter.${name}`);
  const { minPixels, minRating } = filter;
  check(minPixels === undefined || minPixels >= 0, 'filter.minPixels', 'a number that is not negative');
  if (minRating !== undefined) assertRating(minRating, 'filter.minRating');
  return {
    ...filter,
    tags: filter.tags && normalizeTags(filter.tags, 'filter.tags'),
    anyTags: filter.anyTags && normalizeTags(filter.anyTags, 'filter.anyTags'),
    text: text === '' ? undefined : text,
  };
}
