export type CsvValue = string | number | null;

/**
 * Text that a spreadsheet treats as a formula when it opens a file, including full-width forms and leading blanks
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** Harmless, although it may begin with a minus. */
const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * One record of RFC 4180, without the line end: fields with a comma, quote, line break or outer space are quoted. A text
 * that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets do not show.
 */
export function csvRecord(values: readonly CsvValue[]): string {
  return values.map(csvField).join(',');
}

function csvField(value: CsvValue): string {
  if (typeof value === 'number') return String(value);
  const text = value === null ? '' : FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
