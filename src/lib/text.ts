import { check } from './check.js';

/**
 * Text from outside, by any route. The database aborts the process on a lone surrogate and cuts text at NUL, so neither
 * may reach it.
 */

/** Well-formed UTF-16 without NUL. */
export function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** @throws AppError BAD_USER_INPUT that names `path` */
export function assertText(text: string, path: string): void {
  check(text.isWellFormed(), path, 'well-formed Unicode text');
  check(!text.includes('\0'), path, 'text without the character NUL');
}

/** Invisible characters: zero widths, direction marks, variation selectors, fillers, the empty Braille cell. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}\s\u2800]/gu;

/** Whether anything in a text is visible. */
export function isVisible(text: string): boolean {
  return text.replace(UNSEEN, '') !== '';
}

/** Text as one line: NFC, white space collapsed to single blanks and trimmed; empty if nothing is visible. */
export function cleanLine(text: string): string {
  const clean = text.normalize('NFC').replace(/\s+/gu, ' ').trim();
  return isVisible(clean) ? clean : '';
}

/** The same for file names, which nobody can correct: control characters count as white space. */
export function cleanName(name: string): string {
  return cleanLine(name.toWellFormed().replace(/\p{Cc}+/gu, ' '));
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The beginning of a text, of at most `maxUnits` UTF-16 units, cut between user-perceived characters. A first character
 * that is longer than that is cut between code points.
 */
export function cutText(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  let end = 0;
  for (const { index, segment } of GRAPHEMES.segment(text.slice(0, maxUnits + 1))) {
    if (index + segment.length > maxUnits) break;
    end = index + segment.length;
  }
  // If the slice ends within a character, its last segment is only a part of it.
  const whole = GRAPHEMES.segment(text).containing(end)?.index ?? end;
  const cut = text.slice(0, whole === 0 ? maxUnits : whole);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Raise it when `foldText` or `naturalKey` gives something else for the same text: what is stored is then folded anew. */
export const FOLDING_VERSION = 2;

/**
 * The same result for texts that readers consider the same: Unicode's NFKC_Casefold (compatibility forms, full case
 * folding, ignorable characters removed), and in addition the dotted and dotless i of Turkish become i. So ABC, ＡＢＣ
 * and abc are equal, ﬁ is fi, ß is ss, İ and ı are i, and full-width punctuation is that of ASCII. Used to distinguish
 * tags, to sort titles and to search text.
 */
export function foldText(text: string): string {
  let folded = foldOnce(text);
  // Removing characters or folding case may bring together characters that compose.
  for (let next; (next = foldOnce(folded)) !== folded;) folded = next;
  return folded;
}

function foldOnce(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .toUpperCase() // JavaScript's only full mapping: ß becomes SS
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ') // toLowerCase picks one of two lower-case sigmas by context
    .normalize('NFKC');
}

/**
 * A key that orders texts as people do: folded, and numbers by their size, so that IMG_2 comes before IMG_10. Each number is
 * written as the count of its digits, then the digits without leading zeros.
 */
export function naturalKey(text: string): string {
  return foldText(text).replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    return String(number.length).padStart(3, '0') + number;
  });
}
