export type CsvValue = string | number | null;

/** One record of RFC 4180, without the line end: fields with a comma, quote, line break or outer space are quoted. */
export function csvRecord(values: readonly CsvValue[]): string {
  return values.map(csvField).join(',');
}

function csvField(value: CsvValue): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
