import { parse } from 'node:path';
import { check } from '../../lib/check.js';
import { assertText, cleanLine, cleanName, cutText, foldText } from '../../lib/text.js';

const MAX_TITLE_LENGTH = 200;
const MAX_TAG_LENGTH = 64;
const MAX_TAGS = 50;

/** A title as it is kept: one line. @throws AppError BAD_USER_INPUT */
export function normalizeTitle(title: string): string {
  assertText(title, 'title');
  const clean = cleanName(title);
  check(clean.length <= MAX_TITLE_LENGTH, 'title', `at most ${MAX_TITLE_LENGTH} characters`);
  return clean;
}

/** What browsers and programs call a file that has no name. */
const NAMELESS = 'blob';

/**
 * The title of a picture that came as a file and with no other one: its name without folders and ending. Nobody can be
 * asked for a shorter one.
 */
export function titleOfFile(path: string): string {
  const { name } = parse(path);
  return name === NAMELESS ? '' : cutText(cleanName(name), MAX_TITLE_LENGTH).trim();
}

/** Tags as they are shown: one line, NFC, lower case, sorted; of those that are the same (`foldText`) the first. */
export function normalizeTags(tags: readonly string[], path: string): string[] {
  check(tags.length <= MAX_TAGS, path, `at most ${MAX_TAGS} tags`);
  const shown = new Map<string, string>();
  tags.forEach((tag, i) => {
    const place = `${path}[${i}]`;
    assertText(tag, place);
    // The dot of a Turkish capital I stays behind when it becomes small.
    const clean = cleanLine(tag).toLowerCase().replaceAll('i\u0307', 'i');
    check(
      clean !== '' && clean.length <= MAX_TAG_LENGTH,
      place,
      `1 to ${MAX_TAG_LENGTH} characters, of which one can be seen`,
    );
    check(!/\p{Cc}/u.test(clean), place, 'no control characters');
    const key = foldText(clean);
    if (!shown.has(key)) shown.set(key, clean);
  });
  return [...shown.values()].sort();
}
