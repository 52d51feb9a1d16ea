/**
 * Characters that could mislead a terminal or a reader: control characters (C0, DEL, C1), line and paragraph separators,
 * marks that change the writing direction, lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string): string => {
  const code = character.codePointAt(0) as number;
  const short = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x1b: '\\e' }[code];
  if (short !== undefined) return short;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
};

/** Makes foreign text (file names, titles, tags) safe for a terminal or a log: one line, without control characters. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** Like `printable`, but keeps line breaks. */
export const printableText = (text: string): string => text.split('\n').map(printable).join('\n');

/** Like `printableText`, for a log entry: later lines are indented, so that none looks like another entry. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n    ');
