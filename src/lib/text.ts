import { check } from './check.js';

/**
 * Text from outside, whatever door it came through. The database aborts the process on a lone surrogate and ends a
 * text at NUL, so neither may get that far.
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

/** Nothing of these is seen by itself: zero widths, direction marks, variation selectors, fillers, the empty Braille cell. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}\s\u2800]/gu;

/** Whether a reader sees anything of a text. */
export function isVisible(text: string): boolean {
  return text.replace(UNSEEN, '') !== '';
}

/** One line as it is shown: NFC, any white space one blank, none at the ends; empty when there is nothing to see. */
export function cleanLine(text: string): string {
  const clean = text.normalize('NFC').replace(/\s+/gu, ' ').trim();
  return isVisible(clean) ? clean : '';
}

/** The same for names that nobody can be asked about: control characters count as white space. */
export function cleanName(name: string): string {
  return cleanLine(name.toWellFormed().replace(/\p{Cc}+/gu, ' '));
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The beginning of a text, of at most `maxUnits` UTF-16 units, cut between two characters as readers see them. A first
 * character that is longer than that by itself is cut between code points.
 */
export function cutText(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  let end = 0;
  for (const { index, segment } of GRAPHEMES.segment(text.slice(0, maxUnits + 1))) {
    if (index + segment.length > maxUnits) break;
    end = index + segment.length;
  }
  // Where the slice ended within a character, its last segment is only a part of one.
  const whole = GRAPHEMES.segment(text).containing(end)?.index ?? end;
  const cut = text.slice(0, whole === 0 ? maxUnits : whole);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Raise it when `foldText` or `naturalKey` gives something else for the same text: what is stored is then folded anew. */
export const FOLDING_VERSION = 2;

/**
 * What two texts have in common when readers take them for the same: Unicode's NFKC_Casefold (compatibility forms,
 * full case folding, ignorable characters left out), and beyond it the dotted and the dotless i of Turkish as i.
 * So ABC, ＡＢＣ and abc are one, ﬁ is fi, ß is ss, İ and ı are i, and full-width punctuation is that of ASCII.
 * Tags are distinguished by it, titles are ordered by it, and text filters search it.
 */
export function foldText(text: string): string {
  let folded = foldOnce(text);
  // Leaving something out, or folding its case, may bring together what composes.
  for (let next; (next = foldOnce(folded)) !== folded;) folded = next;
  return folded;
}

function foldOnce(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .toUpperCase() // the only full mapping that JavaScript has: ß becomes SS
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ') // which of the two lower-case sigmas, toLowerCase decides by what stands around
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
