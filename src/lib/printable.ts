/**
 * What a terminal or a reader could take for something else: control characters (C0, DEL, C1), line and paragraph
 * separators, marks that turn the direction of writing, halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string): string => {
  const code = character.codePointAt(0) as number;
  const short = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x1b: '\\e' }[code];
  if (short !== undefined) return short;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
};

/** Text that came from elsewhere (file names, titles, tags), made fit for a terminal or a log: one line, moves no cursor. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** As `printable`, but lines stay lines. */
export const printableText = (text: string): string => text.split('\n').map(printable).join('\n');

/** As `printableText` for an entry of a log: the later ones are indented, so that none can pass for one of its own. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n    ');
