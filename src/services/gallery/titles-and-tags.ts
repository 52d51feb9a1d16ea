import { parse } from 'node:path';
import { check } from '../../lib/check.js';
import { assertText, cleanLine, cleanName, cutText, foldText } from '../../lib/text.js';

const MAX_TITLE_LENGTH = 200;
const MAX_TAG_LENGTH = 64;
/** At once. */
export const MAX_TAGS = 50;

/** A title as it is stored: one line. @throws AppError BAD_USER_INPUT */
export function normalizeTitle(title: string): string {
  assertText(title, 'title');
  const clean = cleanName(title);
  check(clean.length <= MAX_TITLE_LENGTH, 'title', `at most ${MAX_TITLE_LENGTH} characters`);
  return clean;
}

/** The name that browsers and programs give a file without one. */
const NAMELESS = 'blob';

/**
 * The default title of a picture file: its name without folders and extension, cut to the allowed length.
 */
export function titleOfFile(path: string): string {
  const { name } = parse(path);
  return name === NAMELESS ? '' : titleWithin(name);
}

/** As much of a text as a title may hold. */
export const titleWithin = (text: string): string => cutText(cleanName(text), MAX_TITLE_LENGTH).trim();

/** Tags as they are shown: one line, NFC, lower case, sorted; of equal ones (`foldText`) the first. */
export function normalizeTags(tags: readonly string[], path: string): string[] {
  check(tags.length <= MAX_TAGS, path, `at most ${MAX_TAGS} tags`);
  return eachOnce(tags, path);
}

function eachOnce(tags: readonly string[], path: string): string[] {
  const shown = new Map<string, string>();
  tags.forEach((tag, i) => {
    const place = `${path}[${i}]`;
    assertText(tag, place);
    const clean = shownTag(tag);
    check(isTag(clean), place, `1 to ${MAX_TAG_LENGTH} characters, at least one of them visible`);
    check(!/\p{Cc}/u.test(clean), place, 'no control characters');
    const key = foldText(clean);
    if (!shown.has(key)) shown.set(key, clean);
  });
  return [...shown.values()].sort();
}

/** Lower-casing a Turkish capital I leaves its dot as a combining character. */
const shownTag = (tag: string): string => cleanLine(tag).toLowerCase().replaceAll('i\u0307', 'i');
const isTag = (clean: string): boolean => clean !== '' && clean.length <= MAX_TAG_LENGTH;

/** People who tag by hand use a few; longer lists come from agencies, made for searching. */
const MOST_KEYWORDS = 20;

/** Tags from the keywords of a file, in addition to given ones. @param given as returned by `normalizeTags` */
export function withKeywords(given: readonly string[], keywords: readonly string[]): string[] {
  if (keywords.length > MOST_KEYWORDS) return [...given];
  const tags = [...given, ...keywords.filter((keyword) => isTag(shownTag(keyword)))];
  return normalizeTags(tags.slice(0, MAX_TAGS), 'tags');
}

/** Of a list that a program wrote, what can be tags. */
export const usableTags = (list: readonly unknown[]): string[] =>
  list.filter(
    (tag): tag is string =>
      typeof tag === 'string' && tag.isWellFormed() && isTag(shownTag(tag)) && !/\p{Cc}/u.test(tag),
  );

/** Both, each once: a picture may have more tags than can be given to it at once. @param more as `usableTags` gives them */
export const withTags = (given: readonly string[], more: readonly string[]): string[] =>
  eachOnce([...given, ...more], 'tags');

export const isRating = (rating: unknown): rating is number =>
  typeof rating === 'number' && Number.isInteger(rating) && rating >= 1 && rating <= 5;

/** @throws AppError BAD_USER_INPUT */
export function assertRating(rating: number, path: string): void {
  check(isRating(rating), path, 'a whole number from 1 to 5');
}
